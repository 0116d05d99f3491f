from hypothesis import given
from hypothesis import strategies as st

from mlpipe.tracking.content import content
from mlpipe.tracking.names import LONGEST, allowed, named


def _told(**more):
    folds = [
        {"fold": 1, "rows": 9, "value": 0.5, "why": ""},
        {"fold": 2, "rows": 9, "value": None, "why": "one class"},
    ]
    model = {"name": "linear", "mean": 0.5, "std": None, "folds": folds}
    model |= {"type": "logistic_regression", "params": {"C": 0.3}}
    record = {
        "name": "churn", "digest": "d" * 64, "started": "2026-11-26T10:00:00.000+00:00",
        "seconds": 2.5, "command": "mlpipe run", "git": {},
        "environment": {"mlpipe": "0.1.0", "python": "3.11.7", "packages": {"numpy": "2.4"}},
        "artifacts": {"ingest": {"digest": "i" * 64}}, "test": {"opened": 2},
        "result": {"exit_code": 0, "status": "passed"},
        "spec": {"task": "binary", "seed": 7, "split": {"test": 0.2},
                 "featurize": [{"columns": ["a", "b"], "steps": [{"scale": {"with": None}}]}],
                 "train": {"models": {"linear": {"C": 1.0}}}, "ingest": {"path": "x"}},
    }  # fmt: skip
    return {
        "record": {**record, **more.pop("record", {})},
        "run": "churn/0001-aaaa",
        "train": {"chosen": "linear", "type": "logistic_regression", "score": 0.5},
        "candidates": {
            "metric": "roc_auc", "chosen": "linear", "models": [model],
            "baseline": {"mean": 0.4, "folds": [folds[0]]},
        },
        "evaluate": None, "verdict": None, "inputs": {"x.csv": "s" * 64},
        "libraries": {"numpy": "2.4"}, **more,
    }  # fmt: skip


def test_params_are_the_leaves_of_what_decides_about_the_model():
    assert content(_told())["params"] == {
        "task": "binary",
        "seed": 7,
        "split.test": 0.2,
        "featurize.0.columns": ["a", "b"],
        "featurize.0.steps.0.scale.with": None,
        "train.models.linear.C": 1.0,
        "model": "linear",
        "model.type": "logistic_regression",
        "model.params.C": 0.3,  # a search found it
    }


def test_what_is_undefined_is_left_out_and_never_a_number():
    found = content(_told())
    assert found["folds"] == [
        (1, {"candidates/linear/roc_auc": 0.5, "folds/roc_auc": 0.5, "folds/roc_auc_baseline": 0.5})
    ]
    assert "candidates/linear/roc_auc_std" not in found["metrics"]


def test_both_parts_and_business_metrics_have_their_intervals():
    row = {"name": "f1", "value": 0.7, "low": 0.6, "high": None, "baseline": 0.1}
    total = {"value": 10, "low": 5.0, "high": 15.0}
    report = {
        "threshold": 0.3,
        "parts": {part: {"rows": 50, "metrics": [row]} for part in ("test", "valid")},
        "business": [{"name": "profit", "part": "test", "total": total}],
        "feedback": [{"name": "nps", "part": "test", "value": 12.5, "low": 3.0, "high": 20.0}],
    }
    metrics = content(_told(evaluate=report))["metrics"]
    for part in ("test", "valid"):
        assert metrics[f"{part}/f1"] == 0.7
        assert metrics[f"{part}/f1_low"] == 0.6
        assert metrics[f"{part}/f1_baseline"] == 0.1
        assert f"{part}/f1_high" not in metrics
    assert (metrics["test/profit_low"], metrics["test/profit_high"]) == (5, 15)
    assert (metrics["test/nps"], metrics["test/nps_low"]) == (12.5, 3)
    assert metrics["threshold"] == 0.3


def test_a_verdict_that_says_no_is_not_a_failed_run_and_an_error_is():
    def of(code):
        result = {"exit_code": code, "status": "failed"}
        return content(_told(record={"result": result}))["failed"]

    assert [of(code) for code in (0, 1, 2, 3, 4)] == [False, False, True, True, True]


def test_tags_tell_code_and_a_dirty_tree():
    git = {"commit": "abc", "branch": "main", "dirty": True, "diff": "…"}
    tags = content(_told(record={"git": git}))["tags"]
    assert (tags["mlpipe.git.commit"], tags["mlpipe.git.dirty"]) == ("abc", "true")
    assert tags["mlpipe.data.x.csv"] == "s" * 64
    assert tags["mlpipe.library.numpy"] == "2.4"
    assert "mlpipe.git.commit" not in content(_told())["tags"]


def test_many_inputs_do_not_become_as_many_tags():
    inputs = {f"{number}.csv": "s" for number in range(1000)}
    found = content(_told(inputs=inputs))
    assert len([name for name in found["tags"] if name.startswith("mlpipe.data.")]) == 100
    assert found["inputs"] == inputs


@given(st.dictionaries(st.text(min_size=1, max_size=400), st.integers(), max_size=20))
def test_names_are_what_mlflow_takes_and_stay_apart(values):
    import posixpath
    import re

    found = named(values)
    assert sorted(found.values()) == sorted(values.values())
    for name in found:
        assert re.fullmatch(r"[/\w.\- :]+", name, re.ASCII)
        assert len(name) <= LONGEST
        assert posixpath.normpath(name) == name
        assert not name.startswith(("..", "/"))
        assert name != "."


def test_a_name_that_is_fine_stays_as_it_is():
    assert allowed("candidates/linear/roc_auc") == "candidates/linear/roc_auc"
