from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from mlpipe.evaluate.judged import Classes, Judged
from mlpipe.evaluate.per_class import per_class
from mlpipe.metrics.baseline import Baseline
from mlpipe.metrics.intervals import wilson
from mlpipe.metrics.outcomes import Outcomes

Make = Callable[..., Any]


def judged(y: np.ndarray, pred: np.ndarray, weight: np.ndarray | None = None) -> Judged:
    naive = Baseline("prior", pred, None, {})
    told = Outcomes(y, pred, weight=weight)
    return Judged("test", None, "rows", told, naive, None, {})


def some(classes: int, rows: int = 300) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    y = generator.integers(0, classes, rows)
    return y, np.where(generator.random(rows) < 0.3, generator.integers(0, classes, rows), y)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("classes", [2, 5])
def test_the_table_is_that_of_scikit_learn(classes: int, weighted: bool) -> None:
    y, pred = some(classes)
    weight = np.random.default_rng(1).random(len(y)) if weighted else None
    found = per_class(judged(y, pred, weight), Classes(tuple("abcde"[:classes])))
    expected = precision_recall_fscore_support(y, pred, sample_weight=weight)
    for place, name in enumerate(("precision", "recall")):
        assert [row[name]["value"] for row in found] == pytest.approx(expected[place])
    assert [row["f1"] for row in found] == pytest.approx(expected[2])
    assert [row["support"] for row in found] == np.bincount(y).tolist()
    assert [row["predicted"] for row in found] == np.bincount(pred).tolist()
    assert [row["class"] for row in found] == list("abcde"[:classes])


def test_shares_of_independent_rows_have_wilsons_interval_and_others_none() -> None:
    y, pred = some(2)
    names = Classes(("no", "yes"))
    (_, row) = per_class(judged(y, pred), names)
    right = int(((y == 1) & (pred == 1)).sum())
    assert (row["recall"]["low"], row["recall"]["high"]) == wilson(right, int((y == 1).sum()))
    together = judged(y, pred)
    groups = np.arange(len(y)) // 3
    together = replace(together, outcomes=replace(together.outcomes, groups=groups))
    (_, row) = per_class(together, names)
    assert row["recall"]["low"] is None


def test_a_class_without_rows_says_so() -> None:
    y, pred = np.array([0, 0, 1]), np.array([0, 1, 1])
    found = per_class(judged(y, pred), Classes(("a", "b", "c")))[2]
    assert found["support"] == found["predicted"] == 0
    assert "predicted" in found["precision"]["why"]
    assert "of the class" in found["recall"]["why"]
    assert found["f1"] is None


def test_of_very_many_classes_those_with_the_most_rows_are_shown() -> None:
    y = np.r_[np.repeat(np.arange(10, 60), 3), np.arange(10)]
    found = per_class(judged(y, y), Classes(tuple(range(60))))
    assert [row["class"] for row in found] == list(range(10, 60))


def test_a_class_that_training_never_saw_has_no_row(topics: Make) -> None:
    y, pred = np.array([0, 1, 2]), np.array([0, 1, 1])
    found = per_class(judged(y, pred), Classes(("a", "b")))
    assert [row["class"] for row in found] == ["a", "b"]
    assert found[1]["precision"]["value"] == 0.5


def test_the_report_holds_the_table_where_there_are_classes(
    churn: Make, topics: Make, demand: Make
) -> None:
    assert [row["class"] for row in churn().run()["report"]["per_class"]] == ["no", "yes"]
    assert len(topics().run()["report"]["per_class"]) == 3
    assert demand().run()["report"]["per_class"] == []
