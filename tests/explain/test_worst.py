"""The worst rows: confident mistakes, with their reasons, and nothing that is not to be shown."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.metrics import log_loss

from mlpipe.explain.reasons import Reasons
from mlpipe.explain.worst import loss, reason, shown, worst_entries, worst_rows
from mlpipe.table.columns import Columns
from tests.explain.asked import held, numbers


def test_of_classes_the_confident_mistakes_come_first() -> None:
    y, score = [1, 0, 1, 0, 1], [0.125, 0.875, 0.95, 0.2, 0.45]
    rows = held(numbers(5), y, score, "binary")
    assert worst_rows(rows, 20).tolist() == [0, 1, 4]  # the first two are as wrong as each other
    assert worst_rows(rows, 1).tolist() == [0]
    found, unit = loss(rows)
    assert unit == "log loss"
    assert found.mean() == pytest.approx(log_loss(y, score))


def test_many_classes_and_margins_have_a_log_loss_too() -> None:
    random = np.random.default_rng(0)
    chances = random.dirichlet(np.ones(3), 50)
    y = random.integers(0, 3, 50)
    assert loss(held(numbers(50), y, chances, "multiclass"))[0].mean() == pytest.approx(
        log_loss(y, chances, labels=[0, 1, 2])
    )
    margins = random.normal(0, 3, (50, 3))
    soft = np.exp(margins) / np.exp(margins).sum(axis=1, keepdims=True)
    assert loss(held(numbers(50), y, margins, "multiclass"))[0].mean() == pytest.approx(
        log_loss(y, soft, labels=[0, 1, 2])
    )
    margin, sign = random.normal(0, 3, 50), random.integers(0, 2, 50)
    assert loss(held(numbers(50), sign, margin, "binary"))[0].mean() == pytest.approx(
        log_loss(sign, expit(margin))
    )


def test_of_numbers_those_that_are_furthest_off() -> None:
    rows = held(numbers(4), [1.0, 2.0, 3.0, 4.0], [1.0, 5.0, 3.5, 0.0])
    assert worst_rows(rows, 20).tolist() == [3, 1, 2]  # the first one is right
    assert loss(rows)[1] == "absolute error"


def test_an_entry_says_where_the_row_stands_and_why() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.5], "gender": ["f", "m"]})
    rows = held(frame, [1, 1], [0.2, 0.7], "binary", withheld=frozenset({"gender"}))
    why = Reasons(("a", "gender"), np.array([[-0.1, -0.3]]), np.array([0.2]), np.array([0.6]))
    (entry,) = worst_entries(rows, np.array([0]), why, {0: ("a.csv", 7)})
    assert entry == {
        "row": 0,
        "key": {"id": "k0"},
        "file": "a.csv",
        "line": 7,
        "truth": "yes",
        "prediction": "no",
        "score": 0.2,
        "loss": pytest.approx(-np.log(0.2)),
        "reasons": [
            {"column": "gender", "effect": -0.3, "words": "gender (-0.3)"},
            {"column": "a", "effect": -0.1, "value": 1, "words": "a=1 (-0.1)"},
        ],
    }


def test_without_places_and_reasons_there_is_the_position() -> None:
    rows = held(numbers(3), [0, 1, 2], np.eye(3)[[1, 1, 2]], "multiclass")
    (entry,) = worst_entries(rows, worst_rows(rows, 5), None, {})
    assert (entry["row"], entry["file"], entry["line"]) == (0, None, None)
    assert (entry["truth"], entry["prediction"], entry["score"]) == ("a", "b", 1.0)
    assert "reasons" not in entry


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(2.0), 2),
        (np.float64("nan"), None),
        (pd.NaT, None),
        (pd.Timestamp("2026-03-01"), "2026-03-01"),
        (pd.Timestamp("2026-03-01 10:30"), "2026-03-01T10:30:00"),
        (dt.date(2026, 3, 1), "2026-03-01"),
        (np.bool_(True), True),
        ("two\nlines", "two lines"),
        ("x" * 100, "x" * 39 + "…"),
    ],
)
def test_values_are_shown_in_a_line(value: Any, expected: Any) -> None:
    assert shown(value) == expected


def test_a_missing_value_and_a_column_without_one_are_said() -> None:
    frame = pd.DataFrame({"a": [np.nan]})
    assert reason(frame, 0, "a", 0.25, frozenset())["words"] == "a missing (+0.25)"
    assert reason(frame, 0, "pay.amount", -1.0, frozenset())["words"] == "earlier pay.amount (-1)"


def test_sensitive_and_ignored_columns_are_withheld() -> None:
    columns = Columns.read({"sensitive": ["gender"], "ignore": ["*_internal"]})
    assert columns.withheld(["id", "x_internal", "gender"]) == {"gender", "x_internal"}
