"""validate --infer, its patches, and --accept: from the command line to the bytes of the spec."""

import shutil
from pathlib import Path

import pytest

from mlpipe.spec.yaml import parse
from tests.project import SPEC, mlpipe, run_json, statuses, write_project

ROOT = Path(__file__).parents[2]
STRICT = SPEC.replace("age: {min: 18, max: 99}", "age: {min: 30, max: 99}  # adults").replace(
    "{rows: {min: 50}}", "{rows: {min: 50}}, {expression: age < 79}"
)


@pytest.fixture
def project(tmp_path):
    return write_project(tmp_path, spec=STRICT)


def _patches(folder, *options):
    return {p["check"]: p for p in run_json(folder, "validate", *options)["answer"]["patches"]}


def test_patches_stand_below_the_failed_checks(project):
    before = (project / "mlpipe.yaml").read_bytes()
    done = mlpipe(project, "validate")
    assert done.returncode == 1
    assert "patch    age.min: the smallest value is 18\n--- mlpipe.yaml\n" in done.stdout
    assert "-    age: {min: 30, max: 99}  # adults\n+    age: {min: 18, max: 99}" in done.stdout
    assert done.stdout.endswith("next     mlpipe validate mlpipe.yaml --accept age.min\n")
    assert (project / "mlpipe.yaml").read_bytes() == before


def test_an_answer_with_nothing_to_do_has_the_same_patches(project):
    first = run_json(project, "validate")
    again = run_json(project, "validate")
    assert statuses(again)["validate"] == "reused"
    assert again["answer"]["patches"] == first["answer"]["patches"]
    (change,) = first["answer"]["patches"][0]["changes"]
    assert change == {
        "key": "validate.columns.age.min",
        "path": ["validate", "columns", "age", "min"],
        "value": 18,
    }


def test_other_verbs_propose_nothing(project):
    assert "patches" not in run_json(project, "featurize")["answer"]


def test_accepting_changes_one_value_and_says_to_run_again(project):
    before = (project / "mlpipe.yaml").read_text()
    done = mlpipe(project, "validate", "--accept", "age.min")
    assert done.returncode == 0, done.stderr
    assert "accepted age.min" in done.stdout
    assert done.stdout.endswith("next     mlpipe validate mlpipe.yaml\n")
    after = (project / "mlpipe.yaml").read_text()
    assert after == before.replace("min: 30", "min: 18")
    assert set(_patches(project)) == {"checks.1"}


def test_accepting_all_makes_it_pass(project):
    document = run_json(project, "validate", "--accept", "all")
    assert (document["exit_code"], document["status"]) == (0, "passed")
    assert document["answer"]["accepted"] == ["age.min", "checks.1"]
    assert mlpipe(project, "validate").returncode == 0
    before = (project / "mlpipe.yaml").read_bytes()
    assert run_json(project, "validate", "--accept", "all")["answer"]["accepted"] == []
    assert (project / "mlpipe.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--accept", "age.mni"], "there is no patch 'age.mni'\n  hint: did you mean 'age.min'?; "),
        (["--accept", "zzz"], "there is no patch 'zzz'\n  hint: there are: age.min, checks.1, all"),
        (["--accept", "age.min", "--infer"], "expected either --infer or --accept"),
        (["--write"], "--write goes with --infer"),
        (["-S", "validate.columns.age.min=40", "--accept", "age.min"], "nothing is proposed: the"),
    ],
)
def test_what_cannot_be_accepted_is_said_and_nothing_is_written(project, options, said):
    before = (project / "mlpipe.yaml").read_bytes()
    done = mlpipe(project, "validate", *options)
    assert done.returncode == 2
    assert said in done.stderr
    assert (project / "mlpipe.yaml").read_bytes() == before


def test_a_spec_that_passes_has_nothing_to_accept(tmp_path):
    write_project(tmp_path)
    done = mlpipe(tmp_path, "validate", "--accept", "age.min")
    assert done.returncode == 2
    assert "every check passed; there is nothing to accept" in done.stderr


def test_a_value_of_a_base_file_is_changed_there(project):
    (project / "mlpipe.yaml").rename(project / "base.yaml")
    (project / "top.yaml").write_text("extends: base.yaml\nseed: 4\n")
    assert mlpipe(project, "validate", "top.yaml", "--accept", "age.min").returncode == 0
    assert "min: 18" in (project / "base.yaml").read_text()
    assert (project / "top.yaml").read_text() == "extends: base.yaml\nseed: 4\n"


def test_sensitive_values_reach_no_patch(tmp_path):
    spec = SPEC.replace("age: {min: 18, max: 99}", "gender: {in: [x]}\n    plan: {in: [pro]}")
    write_project(tmp_path, spec=spec)
    found = _patches(tmp_path)
    assert found["gender.in"]["changes"] == []
    assert "sensitive" in found["gender.in"]["why"]
    # more rows hold another plan than the report shows: the values are looked up
    assert [change["value"] for change in found["plan.in"]["changes"]] == ["basic", "plus"]
    done = mlpipe(tmp_path, "validate", "--accept", "gender.in")
    assert done.returncode == 2
    assert "nothing is proposed: the column is sensitive" in done.stderr


def test_a_secret_in_a_list_is_not_replaced_by_its_value(tmp_path):
    spec = SPEC.replace("{min: 18, max: 99}", '{min: 18}\n    plan: {in: ["${env:PLAN}"]}')
    write_project(tmp_path, spec=spec)
    done = mlpipe(tmp_path, "validate", "--accept", "all", env={"PLAN": "basic"})
    assert done.returncode == 0, done.stderr
    assert '"${env:PLAN}"' in (tmp_path / "mlpipe.yaml").read_text()


def test_infer_prints_and_writes_nothing(project):
    before = (project / "mlpipe.yaml").read_bytes()
    done = mlpipe(project, "validate", "--infer")
    assert done.returncode == 0, done.stderr
    assert parse(done.stdout.encode(), "x.yaml").value["validate"]["columns"]["gender"] == {
        "type": "string"
    }
    assert all("  # " in line for line in done.stdout.splitlines() if "{" in line)
    assert (project / "mlpipe.yaml").read_bytes() == before


def test_infer_write_adds_what_is_not_there_and_once(project):
    before = (project / "mlpipe.yaml").read_text()
    assert mlpipe(project, "validate", "--infer", "--write").returncode == 0
    after = (project / "mlpipe.yaml").read_text()
    added = set(after.splitlines()) - set(before.splitlines())
    assert {line.split(":")[0].strip() for line in added} == {"id", "plan", "gender", "left"}
    assert set(before.splitlines()) <= set(after.splitlines())
    again = mlpipe(project, "validate", "--infer", "--write")
    assert "nothing was added" in again.stdout
    assert (project / "mlpipe.yaml").read_text() == after


@pytest.mark.slow
@pytest.mark.parametrize("name", ["churn", "demand", "support"])
def test_the_samples_pass_what_is_inferred_from_them(tmp_path, name):
    shutil.copytree(ROOT / "sample_data", tmp_path / "sample_data")
    spec = (ROOT / "configs" / f"{name}.yaml").read_text()
    head, rest = spec.split("validate:\n")
    rest = rest[rest.index("\nfeaturize:") + 1 :]
    (tmp_path / "mlpipe.yaml").write_text(head + rest)
    printed = mlpipe(tmp_path, "validate", "--infer")
    assert printed.returncode == 0, printed.stderr
    assert mlpipe(tmp_path, "validate", "--infer").stdout == printed.stdout
    assert mlpipe(tmp_path, "validate", "--infer", "--write").returncode == 0
    written = (tmp_path / "mlpipe.yaml").read_text()
    assert written == f"{head}{printed.stdout}\n{rest}"
    document = run_json(tmp_path, "validate", "--strict", "-S", "validate.doctor=false")
    assert (document["exit_code"], document["warnings"]) == (0, [])
    sensitive = parse(spec.encode(), "x").value["columns"].get("sensitive", [])
    section = run_json(tmp_path, "validate", "--infer")["answer"]["section"]
    for column in sensitive:
        assert set(section["columns"][column]) <= {"type", "nullable"}
