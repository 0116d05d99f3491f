"""What is computed again, what is reused, and the reason that is given."""

import json
import os
import shutil

import pytest

from tests.project import mlpipe, reasons, run_json, statuses, write_project

STEPS = ["ingest", "split", "validate", "featurize", "train", "bundle", "evaluate", "explain"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A project that has been run once."""
    folder = write_project(tmp_path_factory.mktemp("a project"))
    document = run_json(folder, "run")
    assert statuses(document) == dict.fromkeys(STEPS, "computed"), document
    assert document["exit_code"] == 0
    return folder


@pytest.fixture
def project(finished, tmp_path):
    """A copy of the finished project, to be changed."""
    return shutil.copytree(finished, tmp_path / "copy", symlinks=True)


def _edit(folder, name, old, new):
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


def _computed(document):
    return [step for step, status in statuses(document).items() if status == "computed"]


def test_nothing_to_do_computes_nothing_and_writes_no_run(project):
    for _ in range(2):
        document = run_json(project, "run")
        assert _computed(document) == []
        assert document["exit_code"] == 0
    assert sorted(p.name for p in (project / "runs" / "small").iterdir()) == [
        "0001-" + document["run"][-4:],
        "latest",
    ]


@pytest.mark.slow
def test_a_gate_runs_evaluate_alone(project):
    _edit(project, "mlpipe.yaml", "min: 0.55", "min: 0.56")
    document = run_json(project, "run")
    assert _computed(document) == ["evaluate"]
    assert reasons(document)["evaluate"] == "evaluate.gates.0.min: 0.55 → 0.56"


def test_a_model_parameter_runs_train_and_what_follows(project):
    _edit(project, "mlpipe.yaml", "C: 1.0", "C: 0.5")
    document = run_json(project, "run")
    assert _computed(document) == ["train", "bundle", "evaluate", "explain"]
    assert reasons(document)["train"] == "train.models.linear.C: 1.0 → 0.5"
    assert reasons(document)["bundle"] == "train gave another result"


@pytest.mark.slow
def test_a_cell_of_the_data_runs_all_that_depends_on_it(project):
    _edit(project, "data.csv", "00000,", "99999,")
    document = run_json(project, "run")
    assert _computed(document)[:2] == ["ingest", "split"]
    assert {"featurize", "train", "evaluate"} <= set(_computed(document))
    assert reasons(document)["ingest"] == "data.csv changed"


def test_a_touched_file_runs_nothing(project):
    os.utime(project / "data.csv")
    assert _computed(run_json(project, "run")) == []


def test_a_comment_runs_nothing(project):
    _edit(project, "mlpipe.yaml", "# a small project", "# another comment")
    assert _computed(run_json(project, "run")) == []


@pytest.mark.slow
def test_a_threshold_refits_nothing(project):
    _edit(project, "mlpipe.yaml", "  folds: 3", "  folds: 3\n  decide: {threshold: 0.4}")
    assert _computed(run_json(project, "run")) == ["bundle", "evaluate", "explain"]


def test_a_library_upgrade_is_named(project, monkeypatch):
    from mlpipe.run import execute
    from mlpipe.run.request import Request

    monkeypatch.chdir(project)
    true_versions = execute.library_versions
    monkeypatch.setattr(
        execute,
        "library_versions",
        lambda names: {**true_versions(names), "scikit-learn": "99.0"},
    )
    planned = {p.step: p for p in execute.foresee(Request("run", "mlpipe.yaml"), force=())}
    assert planned["ingest"].status == "reused"
    assert planned["featurize"].status == "computed"
    assert planned["featurize"].why.endswith("→ 99.0")
    assert planned["train"].why == "unknown until featurize has run"


@pytest.mark.slow
def test_plan_says_what_run_then_does(project):
    _edit(project, "mlpipe.yaml", "C: 1.0", "C: 0.5")
    done = mlpipe(project, "plan")
    assert "✓ train      computed  train.models.linear.C: 1.0 → 0.5" in done.stdout
    assert "= ingest     reused    nothing it depends on changed" in done.stdout
    assert "? evaluate   unknown   unknown until train has run" in done.stdout
    assert _computed(run_json(project, "run")) == ["train", "bundle", "evaluate", "explain"]


def test_force_computes_one_step_and_the_same_result_reuses_the_rest(project):
    document = run_json(project, "run", "--force", "train")
    assert _computed(document) == ["train"]
    assert reasons(document)["train"] == "forced"


@pytest.mark.slow
def test_going_back_makes_the_old_model_the_latest_again(project):
    before = run_json(project, "run")["run"]
    _edit(project, "mlpipe.yaml", "C: 1.0", "C: 0.5")
    run_json(project, "run")
    _edit(project, "mlpipe.yaml", "C: 0.5", "C: 1.0")
    document = run_json(project, "run")
    assert _computed(document) == []
    assert document["run"] != before
    record = json.loads((project / "runs" / document["run"] / "run.json").read_text())
    first = json.loads((project / "runs" / before / "run.json").read_text())
    assert record["artifacts"] == first["artifacts"]


@pytest.mark.slow
def test_each_look_at_the_test_part_is_counted(project):
    counts = []
    for old, new in (("0.55", "0.56"), ("0.56", "0.57")):
        _edit(project, "mlpipe.yaml", f"min: {old}", f"min: {new}")
        document = run_json(project, "run")
        record = json.loads((project / "runs" / document["run"] / "run.json").read_text())
        counts.append(record["test"]["opened"])
    assert counts == [2, 3]


def test_a_damaged_artifact_is_set_aside_and_computed_again(project):
    latest = (project / "runs" / "small" / "latest").read_text().strip()
    table = project / "runs" / "small" / latest / "ingest" / "table.parquet"
    data = bytearray(table.read_bytes())
    data[len(data) // 2] ^= 1
    os.chmod(table, 0o644)
    table.write_bytes(data)
    document = run_json(project, "run")
    assert _computed(document) == ["ingest"]
    assert reasons(document)["ingest"] == "its artifact is gone"
    assert len(list((project / "runs" / "damaged").iterdir())) == 1


@pytest.mark.slow
def test_two_folders_give_the_same_artifacts(finished, tmp_path):
    other = write_project(tmp_path)
    elsewhere = {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Auckland", "LC_ALL": "C.UTF-8"}
    assert mlpipe(other, "run", env=elsewhere).returncode == 0
    digests = []
    for folder in (finished, other):
        latest = (folder / "runs" / "small" / "latest").read_text().strip()
        record = json.loads((folder / "runs" / "small" / latest / "run.json").read_text())
        digests.append({step: link["digest"] for step, link in record["artifacts"].items()})
    assert digests[0] == digests[1]
    assert set(digests[0]) == set(STEPS)


def test_a_damaged_record_costs_the_reasons_and_nothing_else(project):
    latest = (project / "runs" / "small" / "latest").read_text().strip()
    record = project / "runs" / "small" / latest / "run.json"
    record.chmod(0o644)
    record.write_text("{")
    document = run_json(project, "run")
    assert _computed(document) == []
    assert document["run"] != f"small/{latest}"


@pytest.mark.slow
def test_an_edit_during_a_run_is_seen_by_the_next(project):
    """The receipt of a run must not speak for a file that changed after it was read."""
    import subprocess
    import sys

    _edit(project, "mlpipe.yaml", "C: 1.0", "C: 0.7")
    running = subprocess.Popen(
        [sys.executable, "-m", "mlpipe", "run"], cwd=project, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr.readline().startswith("= ingest")
    _edit(project, "mlpipe.yaml", "metrics: [roc_auc, accuracy]", "metrics: [roc_auc]")
    running.communicate()
    assert _computed(run_json(project, "run")) == ["evaluate"]


@pytest.mark.slow
def test_folds_are_no_new_test_part(project):
    opened = []
    for folds in (4, 5):
        document = run_json(project, "run", "-S", f"train.folds={folds}")
        record = json.loads((project / "runs" / document["run"] / "run.json").read_text())
        opened.append(record["test"]["opened"])
    assert opened == [2, 3]


def test_plan_stops_where_run_does(project):
    harsh = ("-S", "validate.columns.age.max=50")
    run_json(project, "run", *harsh)
    done = mlpipe(project, "plan", *harsh)
    assert "- train      skipped   validate failed" in done.stdout


@pytest.mark.slow
def test_code_that_is_imported_counts_as_far_as_the_model_runs_it(project):
    (project / "ratio.py").write_text("def by(frame):\n    return frame['age'] / 10\n")
    (project / "features.py").write_text(
        "import pandas as pd\nimport sys\nfrom pathlib import Path\n\n"
        "def add(frame):\n    return pd.DataFrame({'tens': frame['age'] / 10}, index=frame.index)\n"
    )
    spec = (project / "mlpipe.yaml").read_text()
    spec = spec.replace(
        "train:", "featurize:\n  - {python: features.py:add}\n  - {rest: auto}\ntrain:", 1
    )
    (project / "mlpipe.yaml").write_text(spec)
    assert run_json(project, "run")["exit_code"] == 0
    _edit(project, "features.py", "import sys", "import ratio")
    document = run_json(project, "plan")
    assert {row["step"]: row["status"] for row in document}["featurize"] == "computed"


WORTH = """\
  business: {profit: {value: {tp: 10, fp: -5}}}
  metrics: [roc_auc, accuracy]"""


@pytest.mark.slow
def test_money_moves_the_threshold_and_refits_nothing(project):
    _edit(project, "mlpipe.yaml", "  folds: 3", "  folds: 3\n  decide: {maximize: profit}")
    _edit(project, "mlpipe.yaml", "  metrics: [roc_auc, accuracy]", WORTH)
    first = run_json(project, "run")
    assert _computed(first) == ["bundle", "evaluate", "explain"]
    before = _threshold(project)
    _edit(project, "mlpipe.yaml", "fp: -5", "fp: -200")
    second = run_json(project, "run")
    assert _computed(second) == ["bundle", "evaluate", "explain"]
    assert statuses(second)["train"] == "reused"
    assert reasons(second)["bundle"] == "evaluate.business.profit.value.fp: -5.0 → -200.0"
    assert _threshold(project) > before


@pytest.mark.slow
@pytest.mark.parametrize(
    "decide", ["{threshold: 0.7}", "{top: 20}", "{top: 0.1}", "{maximize: f1}"]
)
def test_no_decision_refits_anything(project, decide):
    _edit(project, "mlpipe.yaml", "  folds: 3", f"  folds: 3\n  decide: {decide}")
    assert _computed(run_json(project, "run")) == ["bundle", "evaluate", "explain"]


@pytest.mark.slow
def test_a_capacity_beyond_all_rows_is_told(project):
    _edit(project, "mlpipe.yaml", "  folds: 3", "  folds: 3\n  decide: {top: 100000}")
    document = run_json(project, "run")
    assert _computed(document) == ["bundle", "evaluate", "explain"]
    assert any("all of them are positive" in line for line in document["warnings"])


def _threshold(folder):
    (path,) = sorted((folder / "runs").rglob("bundle.json"), key=lambda p: p.stat().st_mtime_ns)[
        -1:
    ]
    return json.loads(path.read_text())["decision"]["threshold"]
