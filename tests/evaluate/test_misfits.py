from typing import Any

import pytest

from mlpipe.evaluate.misfits import misfits
from mlpipe.evaluate.spec import Evaluate
from mlpipe.table.columns import Columns

PLAIN = Columns.read({"target": "y"})
GAP = "equal_opportunity_difference"


def found(section: dict[str, Any], task: str, columns: Columns = PLAIN) -> list[tuple[Any, ...]]:
    return [at for at, _, _ in misfits(Evaluate.read(section), task, columns)]


@pytest.mark.parametrize(
    ("section", "task", "places"),
    [
        ({"metrics": ["roc_auc", "f1"]}, "binary", []),
        ({"metrics": ["roc_auc", "f1_macro"]}, "multiclass", [("metrics", 0)]),
        ({"gates": [{"metric": "roc_auc", "min": 0.1}]}, "regression", [("gates", 0, "metric")]),
        ({"business": {"b": {"value": {}}}}, "regression", [("business", "b")]),
        ({"fairness": {"across": "g"}}, "multiclass", []),
        (
            {"fairness": {"across": "g", "metrics": [GAP]}},
            "multiclass",
            [("fairness", "metrics", 0)],
        ),
        ({"fairness": {"across": "g", "metrics": [GAP], "positive": "x"}}, "multiclass", []),
        ({"fairness": {"across": "g", "positive": "x"}}, "regression", [("fairness", "positive")]),
        ({"fairness": {"across": "g", "positive": "x"}}, "binary", [("fairness", "positive")]),
        ({"fairness": {"across": "g", "metrics": ["mae_difference"]}}, "regression", []),
        ({"scan": {"metric": "brier"}}, "binary", []),
        ({"scan": {"metric": "brier"}}, "multiclass", [("scan", "metric")]),
        ({"scan": {"metric": "roc_auc"}}, "binary", [("scan", "metric")]),
        ({"fairness": {}}, "binary", [("fairness",)]),
        ({"fairness": {"across": "g"}}, "binary", []),
        ({"gates": [{"metric": GAP, "max": 0.1}]}, "binary", [("gates", 0)]),
        ({"gates": [{"metric": "recall", "min": 0.1, "class": "a"}]}, "multiclass", []),
        ({"gates": [{"metric": "recall", "min": 0.1}]}, "multiclass", [("gates", 0, "metric")]),
        (
            {"gates": [{"metric": "f1_macro", "min": 0.1, "class": "a"}]},
            "multiclass",
            [("gates", 0, "metric")],
        ),
        (
            {"gates": [{"metric": "rmse", "max": 1, "class": 3}]},
            "regression",
            [("gates", 0, "class")],
        ),
        (
            {"business": {"b": {"value": {}}}, "gates": [{"metric": "b", "max": 1}]},
            "binary",
            [("gates", 0, "max")],
        ),
        ({"gates": [{"metric": GAP, "max": 0.1, "across": "g"}]}, "binary", []),
    ],
)
def test_what_does_not_fit_is_found_at_its_place(
    section: dict[str, Any], task: str, places: list[tuple[Any, ...]]
) -> None:
    assert found(section, task) == places


def test_sensitive_columns_are_the_groups() -> None:
    sensitive = Columns.read({"target": "y", "sensitive": ["gender"]})
    section = {"fairness": {}, "gates": [{"metric": GAP, "max": 0.1}]}
    assert found(section, "binary", sensitive) == []


def test_a_gate_of_another_task_names_what_there_is() -> None:
    spec = Evaluate.read({"gates": [{"metric": GAP, "max": 0.1}]})
    ((_, message, hint),) = misfits(spec, "regression", PLAIN)
    assert "not regression" in message
    assert "mae_difference" in hint
