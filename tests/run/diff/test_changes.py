"""What changed from one run to another."""

from dataclasses import replace

import pytest

from mlpipe.run.diff.changes import changes, columns_changed, spec_diff
from mlpipe.run.diff.comparison import comparison
from tests.run.diff.sides import a_side, predictions


@pytest.fixture
def pair(tmp_path):
    there = {"python": "3.11.9", "mlpipe": "0.1.0", "packages": {"numpy": "2.1", "extra": "1"}}
    made = {"file a.csv": "1" * 64, "file code/f.py": "2" * 64, "library numpy": "2.0"}
    now = {"file a.csv": "9" * 64, "file code/f.py": "8" * 64, "library numpy": "2.1"}
    old = a_side(tmp_path, "a", predictions(0.4), made_from=made)
    new = a_side(
        tmp_path, "b", predictions(0.2), made_from=now, environment=there, git={"commit": "c" * 40}
    )
    spec = {**old.record["spec"], "train": {"folds": 5}}
    return old, replace(new, record={**new.record, "spec": spec})


def test_each_change_is_said_once_by_what_it_is_of(pair) -> None:
    found = changes(*pair)

    assert found["spec"] == [{"kind": "spec", "what": "train.folds:", "old": None, "new": 5}]
    assert [each["what"] for each in found["data"]] == ["a.csv"]
    assert [each["what"] for each in found["code"]] == ["code/f.py", "commit"]
    assert [each["what"] for each in found["packages"]] == ["numpy", "extra"]
    assert found["counted"] == ["numpy"]
    assert found["environment"] == []


def test_a_run_against_itself_changed_nothing(pair) -> None:
    found = changes(pair[0], pair[0])

    assert found.pop("columns") == {"added": [], "removed": [], "retyped": []}
    assert set(map(str, found.values())) == {"[]"}
    assert spec_diff(pair[0], pair[0]) == ""


def test_a_version_of_mlpipe_is_said_where_no_step_was_made(pair) -> None:
    old, new = (replace(each, made_from={}) for each in pair)
    told = {**new.record["environment"], "mlpipe": "0.2.0"}
    new = replace(new, record={**new.record, "environment": told})

    assert changes(old, new)["environment"] == [
        {"kind": "mlpipe", "what": "", "old": "0.1.0", "new": "0.2.0"}
    ]


def test_columns_that_came_and_went() -> None:
    old = {"columns": [{"name": "a", "type": "string"}, {"name": "b", "type": "integer"}]}
    new = {"columns": [{"name": "b", "type": "number"}, {"name": "c", "type": "date"}]}

    assert columns_changed(old, new) == {
        "added": ["c"],
        "removed": ["a"],
        "retyped": [{"what": "b", "old": "integer", "new": "number"}],
    }


def test_the_diff_of_the_spec_is_of_what_was_written(pair) -> None:
    old, new = pair
    text = spec_diff(
        replace(old, record={**old.record, "written": '{"name": "x", "seed": 1}'}),
        replace(new, record={**new.record, "written": '{"name": "x", "seed": 2}'}),
    )

    assert text.startswith("--- a\n+++ b\n")
    assert "-seed: 1\n+seed: 2\n" in text


def test_the_document_of_three_runs_holds_each_against_the_first(tmp_path, pair) -> None:
    third = a_side(tmp_path, "c", predictions(0.9), data="d2", columns={"key": ()})
    found = comparison([*pair, third])
    (auc, *_) = found["parts"]["test"]

    assert [each["run"] for each in found["runs"]] == ["a", "b", "c"]
    assert [each["run"] for each in found["against"]] == ["b", "c"]
    assert found["against"][0]["paired"] == {"by": "row", "why": "", "rows": {"test": 400}}
    assert "no common key" in found["against"][1]["paired"]["why"]
    assert auc["name"] == "roc_auc"
    assert [bool(run["gain"]) for run in auc["runs"]] == [False, True, False]
    assert auc["runs"][1]["gain"]["says"] == "better"
