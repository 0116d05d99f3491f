"""The doctor finds what the generator planted, and nothing where nothing is."""

import json
import shutil
from pathlib import Path

import pytest

from tests.project import mlpipe, run_json

ROOT = Path(__file__).parents[2]
TRUTH = json.loads((ROOT / "sample_data" / "truth.json").read_text())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("doctor")
    for name in ("configs", "sample_data"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def findings(folder, name, *options):
    document = run_json(folder, "validate", f"configs/{name}.yaml", *options)
    (step,) = (each for each in document["steps"] if each["step"] == "validate")
    report = json.loads((folder / step["path"] / "report.json").read_text())
    return document, report


def test_the_clinic_has_what_is_planted_and_nothing_else(folder):
    document, report = findings(folder, "clinic")
    planted = TRUTH["clinic"]["planted"]
    found = [(each["kind"], each["columns"]) for each in report["findings"]]
    assert sorted(found) == sorted((each["kind"], each["columns"]) for each in planted)
    assert document["exit_code"] == 1
    assert [each["check"] for each in report["checks"] if each["status"] == "warned"] == [
        "all_null",
        "constant",
    ]
    counts = {(each["kind"], *each["columns"]): each["evidence"] for each in report["findings"]}
    names = {"identifier": "distinct", "shared_entity": "values", "nearly_constant": "others",
             "conflicting_labels": "conflicting", "mixed_times": "midnight"}  # fmt: skip
    for each in planted:
        evidence = counts[each["kind"], *each["columns"]]
        if each["kind"] == "sentinel":
            assert evidence["codes"] == {"999": each["rows"]}
        elif each["rows"] is not None:
            assert evidence[names.get(each["kind"], "rows")] == each["rows"], each


def test_the_terminal_says_what_to_do(folder):
    done = mlpipe(folder, "validate", "configs/clinic.yaml")
    assert done.returncode == 1
    assert "failed   status_code is the target 'readmitted' in other words" in done.stdout
    assert "columns: {ignore: [status_code]}: it cannot be known" in done.stdout
    assert "18 findings" in done.stderr
    stopped = mlpipe(folder, "run", "configs/clinic.yaml")
    assert stopped.returncode == 1
    assert "- featurize  skipped" in stopped.stderr
    assert "validate failed" in stopped.stderr


def test_what_a_regression_target_is_made_of(folder):
    options = ("task=regression", "columns.target=cost", "evaluate.metrics=[mae]",
               "train={models: {linear: {type: ridge}}, select: mae}",
               "validate.columns={}")  # fmt: skip
    _, report = findings(folder, "clinic", *(word for each in options for word in ("-S", each)))
    (leak,) = (each for each in report["findings"] if each["kind"].startswith("target_"))
    assert (leak["kind"], leak["columns"]) == ("target_sum", ["cost_ward", "cost_drugs"])


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("churn", []),
        ("demand", []),
        ("support", ["shared_rows", "near_rows", "conflicting_labels"]),  # TRUTH.md says why
    ],
)
def test_honest_data_is_left_alone(folder, name, kinds):
    document, report = findings(folder, name)
    assert [each["kind"] for each in report["findings"]] == kinds
    assert document["exit_code"] == 0


def test_support_repeats_itself_as_its_truth_says(folder):
    _, report = findings(folder, "support")
    assert report["findings"][0]["evidence"]["repeated"] == TRUTH["support"]["repeated"]
