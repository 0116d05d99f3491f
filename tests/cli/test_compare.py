"""report and runs diff: from the command line to files and words."""

import json
import shutil

import pytest

from tests.project import mlpipe, run_json, write_project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return a project with three runs: another C, then another file with the same keys."""
    folder = write_project(tmp_path_factory.mktemp("compare"))
    assert mlpipe(folder, "evaluate", "mlpipe.yaml").returncode == 0
    assert mlpipe(folder, "evaluate", "mlpipe.yaml", "-S", "train.models.linear.C=1e-4")
    text = (folder / "data.csv").read_text()
    (folder / "data.csv").write_text(text.replace(",pro,", ",plus,"))
    assert mlpipe(folder, "evaluate", "mlpipe.yaml").returncode == 0
    return folder


def test_a_changed_spec_is_named_and_what_it_did_is_paired_by_row(project):
    done = mlpipe(project, "runs", "diff", "1", "2")

    assert done.returncode == 0, done.stderr
    assert "spec     1 changed\n  train.models.linear.C: 1.0 → 0.0001\n" in done.stdout
    assert "data     the same\n" in done.stdout
    assert "test: both judged the same 116 rows, paired by row" in done.stdout
    assert "  roc_auc ↑ " in done.stdout


def test_changed_data_are_named_and_paired_by_key(project):
    found = run_json(project, "runs", "diff", "1", "3")
    (against,) = found["against"]

    assert [each["what"] for each in against["data"]] == ["data.csv"]
    assert against["spec"] == []
    assert against["paired"] == {"by": "key", "why": "", "rows": {"test": 116}}
    (auc, *_) = found["parts"]["test"]
    a, b = auc["runs"]
    assert b["gain"]["value"] == pytest.approx(b["value"] - a["value"])
    assert b["gain"]["low"] <= b["gain"]["value"] <= b["gain"]["high"]


def test_the_markdown_says_the_same(project):
    done = mlpipe(project, "runs", "diff", "1", "2", "--markdown", "diff.md")
    page = (project / "diff.md").read_text()

    assert done.returncode == 0
    assert page.startswith("## small/0001")
    assert "| roc\\_auc ↑ |" in page
    assert "- train.models.linear.C: 1.0 → 0.0001" in page


def test_the_same_run_twice_and_unknown_ones_are_refused_with_a_hint(project):
    twice = mlpipe(project, "runs", "diff", "3", "small")
    unknown = mlpipe(project, "report", "1", "99")

    assert (twice.returncode, unknown.returncode) == (2, 2)
    assert "3 and small are the same run, small/0003-" in twice.stderr
    assert "there is no run '99'" in unknown.stderr
    assert "hint: runs: small/0001-" in unknown.stderr
    assert "Traceback" not in twice.stderr + unknown.stderr


def test_the_index_is_made_of_files_and_is_the_same_each_time(project):
    first = run_json(project, "report")
    page = project / "runs" / "report.html"
    html = page.read_bytes()
    page.unlink()
    mlpipe(project, "report")

    assert first["page"] == "runs/report.html"
    (pipeline,) = first["pipelines"]
    assert [run["status"] for run in pipeline["runs"]] == ["passed"] * 3
    assert page.read_bytes() == html
    for run in pipeline["runs"]:
        assert f'href="{run["path"]}"'.encode() in html


def test_pages_beside_the_runs_are_no_runs(project):
    mlpipe(project, "report")
    mlpipe(project, "report", "1", "2")

    assert len(run_json(project, "runs", "list")) == 3
    assert mlpipe(project, "runs", "verify").returncode == 0
    assert mlpipe(project, "runs", "gc", "--dry-run").returncode == 0
    assert mlpipe(project, "evaluate", "mlpipe.yaml").returncode == 0


def test_one_run_has_its_own_page_and_several_share_one_anywhere(project):
    one = run_json(project, "report", "2")
    mlpipe(project, "report", "1", "--compare", "2", "--compare", "3", "-o", "here.html")
    html = (project / "here.html").read_text()

    assert one["page"] == f"runs/{one['run']}/report.html"
    assert f'href="runs/{one["run"]}/report.html"' in html
    assert "<title>small/0001-" in html


def test_a_page_for_no_runs_too_many_runs_or_no_folder_is_refused(project, tmp_path):
    none = mlpipe(tmp_path, "report")
    many = mlpipe(project, "report", *map(str, range(13)))
    nowhere = mlpipe(project, "report", "-o", "no/such/x.html")

    assert (none.returncode, many.returncode, nowhere.returncode) == (2, 2, 4)
    assert "there are no runs yet" in none.stderr
    assert "expected at most 12" in many.stderr
    assert "no/such/x.html: cannot be written" in nowhere.stderr


def test_a_run_whose_artifacts_are_gone_or_damaged_still_compares(project, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(project, copy, symlinks=True)
    record = json.loads(next((copy / "runs/small").glob("0002-*/run.json")).read_text())
    link = record["artifacts"]["evaluate"]
    shutil.rmtree(copy / "runs" / "artifacts" / link["step"] / link["key"])
    done = mlpipe(copy, "runs", "diff", "1", "2")

    assert done.returncode == 0, done.stderr
    assert "what it predicted is gone from the store" in done.stdout
    assert "train.models.linear.C" in done.stdout


def test_a_damaged_record_is_a_row_of_the_index(project, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(project, copy, symlinks=True)
    record = next((copy / "runs/small").glob("0002-*/run.json"))
    record.chmod(0o644)
    record.write_text("{}")
    (pipeline,) = run_json(copy, "report")["pipelines"]

    assert [run["status"] for run in pipeline["runs"]] == ["passed", "damaged", "passed"]
