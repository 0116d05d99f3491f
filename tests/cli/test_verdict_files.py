"""What `mlpipe validate` writes beside its answer, and checks of sources, as a user meets them."""

import json
from xml.etree import ElementTree as ET

import pyarrow.parquet as pq
import pytest

from tests.project import SPEC, mlpipe, run_json, write_project

CHECKED = SPEC.replace("    age: {min: 18, max: 99}", "    age: {max: 60}\n    gender: {in: [m]}")
CHECKED = CHECKED.replace(
    "  path: data.csv\n  types: {id: string}\n",
    "  sources:\n    data: {path: data.csv, types: {id: string},\n"
    "           checks: [{expression: age < 79}]}\n",
).replace(
    "{rows: {min: 50}}",
    "{rows: {min: 50}}, {references: {columns: [plan], source: data, to: [plan]}}",
)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return write_project(tmp_path_factory.mktemp("checked"), spec=CHECKED)


def test_verdicts_and_failing_rows_are_written(project):
    files = ("--junit", "j.xml", "--markdown", "m.md", "--rows", "bad", "--examples", "2")
    done = mlpipe(project, "validate", *files)
    assert done.returncode == 1, done.stderr
    assert "[validate.columns.age.max]" in done.stdout
    assert "data: " in done.stdout
    assert ET.parse(project / "j.xml").getroot().find("testsuite").get("failures") == "3"
    assert "## ✗" in (project / "m.md").read_text(encoding="utf-8")
    ages = pq.read_table(project / "bad" / "00-age-max.parquet")
    assert min(ages["age"].to_pylist()) > 60
    assert ages["gender"].null_count == len(ages)
    assert ages["_row"].to_pylist() == sorted(ages["_row"].to_pylist())
    genders = pq.read_table(project / "bad" / "01-gender-in.parquet")
    assert genders["gender"].null_count == len(genders) > 0
    assert not [path for path in (project / "bad").iterdir() if path.name.startswith(".")]


def test_a_file_that_cannot_be_written_is_said(project):
    done = mlpipe(project, "validate", "--junit", "nowhere/j.xml")
    assert done.returncode == 4
    assert "nowhere/j.xml" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_report_holds_what_the_source_said(project):
    document = run_json(project, "validate")
    (path,) = [step["path"] for step in document["steps"] if step["step"] == "validate"]
    report = json.loads((project / path / "report.json").read_bytes())
    (entry,) = [each for each in report["checks"] if each.get("source")]
    assert (entry["source"], entry["status"]) == ("data", "failed")
    assert entry["key"] == "ingest.sources.data.checks[0]"


def test_a_day_is_part_of_the_key_only_where_age_counts_from_it(tmp_path):
    folder = write_project(tmp_path, spec=SPEC)
    spec = folder / "mlpipe.yaml"
    plain = {step["step"]: step["key"] for step in run_json(folder, "validate")["steps"]}
    spec.write_text(SPEC.replace("checks: [", "as_of: '2020-01-01'\n  checks: ["))
    dated = {step["step"]: step["key"] for step in run_json(folder, "validate")["steps"]}
    assert dated["ingest"] == plain["ingest"]
    assert dated["validate"] != plain["validate"]


def test_a_check_in_a_list_is_said_with_its_own_place(tmp_path):
    spec = SPEC.replace("{rows: {min: 50}}", "{rows: {min: 50}}, {freshness: {max_age: 3d}}")
    done = mlpipe(write_project(tmp_path, spec=spec), "validate")
    assert done.returncode == 2
    before = spec[: spec.index("{freshness")].splitlines()
    place = f"mlpipe.yaml:{len(before)}:{len(before[-1]) + 1}"
    assert f"{place} validate.checks[1]: freshness needs a column" in done.stderr


@pytest.mark.parametrize("path", ["mlpipe.yaml", "runs/report.md"])
def test_a_report_takes_no_place_of_ours(tmp_path, path):
    (tmp_path / "mlpipe.yaml").write_text(
        "name: s\ntask: binary\ncolumns: {target: y}\ningest: {path: data.csv}\n"
    )
    (tmp_path / "data.csv").write_text("x,y\n" + "1,0\n2,1\n" * 20)
    before = (tmp_path / "mlpipe.yaml").read_bytes()
    done = mlpipe(tmp_path, "ingest", "--markdown", path)
    assert done.returncode == 2
    assert "a report would take its place" in done.stderr
    assert (tmp_path / "mlpipe.yaml").read_bytes() == before
