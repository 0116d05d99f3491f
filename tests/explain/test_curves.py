"""Curves are scikit-learn's partial dependence, over values that are there."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.inspection import partial_dependence

from mlpipe.explain.curves import curve, grid
from mlpipe.explain.explained import Explained
from tests.bundle.samples import fitted
from tests.explain.asked import explained, numbers
from tests.train.samples import plan, rows


def test_it_is_the_partial_dependence_of_scikit_learn() -> None:
    X = numbers(200)
    y = np.sin(2 * X["a"]) + X["b"] * X["c"]
    forest = GradientBoostingRegressor(n_estimators=20, random_state=0).fit(X, y)
    found = curve(explained(forest.predict, X), X, X["a"], "number")
    theirs = partial_dependence(
        forest, X, ["a"], custom_values={"a": np.array(found["at"])}, method="brute", kind="both"
    )
    (line,) = found["lines"]
    assert line["mean"] == pytest.approx(theirs["average"][0])
    low, high = np.quantile(theirs["individual"][0], [0.1, 0.9], axis=0)
    assert line["low"] == pytest.approx(low)
    assert line["high"] == pytest.approx(high)
    assert len(found["at"]) == 12
    assert set(found["at"]) <= set(X["a"])


def test_it_goes_through_the_features_of_the_model() -> None:
    model, frame = fitted("logistic_regression", "binary"), rows(300)
    asked = Explained(model, plan({"m": "linear"}), None)  # type: ignore[arg-type]
    found = curve(asked, frame[["age", "fee", "plan", "paid"]], frame["plan"], "category")
    expected = [model.scores(frame.assign(plan=level)).mean() for level in found["at"]]
    assert found["lines"][0]["mean"] == pytest.approx(expected)
    assert sorted(found["at"]) == ["basic", "plus", "pro"]
    assert sum(found["shares"]) == pytest.approx(1)
    assert found["shares"] == sorted(found["shares"], reverse=True)


def test_of_many_classes_there_is_a_line_each() -> None:
    model, frame = fitted("logistic_regression", "multiclass"), rows(120, task="multiclass")
    asked = Explained(model, plan({"m": "linear"}), None)  # type: ignore[arg-type]
    columns = frame[["age", "fee", "plan", "paid"]]
    found = curve(asked, columns, frame["fee"], "number", ("high", "low", "mid"))
    assert {line["of"] for line in found["lines"]} == {"high", "low", "mid"}
    total = np.sum([line["mean"] for line in found["lines"]], axis=0)
    assert total == pytest.approx(np.ones(len(found["at"])))


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([3, 1, 2, 1], "number", [1, 2, 3]),
        ([3.5, None, 1.5], "number", [1.5, 3.5]),
        ([None, None], "number", []),
        ([Decimal("2.5"), Decimal("1.5"), None], "number", [Decimal("1.5"), Decimal("2.5")]),
        (["x", "y", "y", None, None, None], "category", [None, "y", "x"]),
        ([True, False, True], "boolean", [True, False]),
        (
            [dt.date(2026, 3, 2), None, dt.date(2025, 1, 1)],
            "date",
            [dt.date(2025, 1, 1), dt.date(2026, 3, 2)],
        ),
    ],
)
def test_the_grid_is_of_values_that_are_there(
    values: list[Any], kind: str, expected: list[Any]
) -> None:
    dtype = None if kind in ("number", "boolean") and None not in values else object
    column = pd.Series(values, dtype=dtype)
    if kind == "number" and not any(isinstance(each, Decimal) for each in values):
        column = column.astype(float)
    found = [column.iloc[place] for place in grid(column, kind)]
    assert [None if pd.isna(each) else each for each in found] == expected


def test_many_values_become_quantiles_and_many_levels_the_most_frequent() -> None:
    column = pd.Series(np.arange(1000.0)).sample(frac=1, random_state=0, ignore_index=True)
    found = column.iloc[grid(column, "number")].tolist()
    assert found == sorted(found)
    assert (found[0], found[-1], len(found)) == (50, 949, 12)
    levels = pd.Series([f"l{number}" for number in range(30) for _ in range(number + 1)])
    assert levels.iloc[grid(levels, "category")].tolist() == [f"l{n}" for n in range(29, 21, -1)]


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_of_times_the_bars_are_times(zone: str | None) -> None:
    days = pd.Series(pd.date_range("2026-01-01", periods=60, tz=zone), name="a")
    frame = pd.DataFrame({"a": days})
    asked = explained(lambda given: given["a"].dt.day_of_year, frame)
    found = curve(asked, frame, days, "date")
    assert found["lines"][0]["mean"][0] < found["lines"][0]["mean"][-1]
    assert found["edges"][0] == found["at"][0] == "2026-01-04T00:00:00"
    assert sum(found["counts"]) == 54  # those from the first value of the curve to the last


def test_of_a_column_without_values_there_is_no_curve() -> None:
    X = numbers(5).assign(a=np.nan)
    assert curve(explained(lambda rows: rows["b"], X), X, X["a"], "number")["at"] == []
