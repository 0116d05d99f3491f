from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter, ValidationError

from mlpipe.evaluate.slices import Cut, slices_of
from mlpipe.evaluate.slices.coded import column_for


def values(frame: pd.DataFrame, axis: Any, every: pd.DataFrame | None = None) -> list[Any]:
    column = column_for(axis, frame if every is None else every)
    codes, found = column.codes(frame)
    return [found[code] for code in codes]


def test_a_bin_holds_its_lower_edge_and_null_is_a_slice_of_its_own() -> None:
    frame = pd.DataFrame({"age": [29.9, 30, 49, 50, np.nan, -np.inf, np.inf]})
    cut = Cut.read({"column": "age", "bins": [30, 50]})
    assert values(frame, cut) == [
        "< 30", "30 to < 50", "30 to < 50", ">= 50", None, "< 30", ">= 50",
    ]  # fmt: skip


def test_quantiles_are_those_of_train_and_hold_about_as_many_rows() -> None:
    every = pd.DataFrame(
        {"age": [*range(100), *range(1000, 1100)], "part": ["train"] * 100 + ["test"] * 100}
    )
    test = every[every["part"] == "test"]
    cut = Cut.read({"column": "age", "bins": 4})
    assert column_for(cut, every).edges == (24.0, 49.0, 74.0)
    assert set(values(test, cut, every)) == {">= 74"}


def test_tied_edges_are_merged() -> None:
    frame = pd.DataFrame({"calls": [0] * 60 + list(range(1, 41))})
    assert column_for("calls", frame).edges == (15.0,)
    constant = pd.DataFrame({"calls": [1.0] * 50})
    assert column_for(Cut.read({"column": "calls", "bins": 3}), constant).edges == ()


def test_few_numbers_are_values_and_codes_that_are_categories_stay() -> None:
    few = pd.DataFrame({"months": [1, 12, 24] * 10})
    assert values(few, "months")[:3] == [1, 12, 24]
    codes = pd.DataFrame({"branch": pd.Series(range(30), dtype="category")})
    assert values(codes, "branch")[:3] == [0, 1, 2]
    assert not column_for("branch", codes).note


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("year", ["2025", "2026", None]),
        ("quarter", ["2025-Q4", "2026-Q1", None]),
        ("month", ["2025-12", "2026-01", None]),
        ("day", ["2025-12-31", "2026-01-05", None]),
        ("weekday", ["Wed", "Mon", None]),
        ("hour", ["23:00", "07:00", None]),
    ],
)
def test_dates_are_cut_by_the_calendar(by: str, expected: list[Any]) -> None:
    days = pd.DataFrame({"day": pd.to_datetime(["2025-12-31 23:10", "2026-01-05 07:00", None])})
    assert values(days, Cut.read({"column": "day", "by": by})) == expected


@pytest.mark.parametrize(
    ("hours", "by"), [(30, "day"), (20 * 24, "day"), (400 * 24, "month"), (9000 * 24, "year")]
)
def test_many_dates_are_cut_as_finely_as_makes_few_slices(hours: int, by: str) -> None:
    days = pd.date_range("2001-01-01", periods=60, freq=f"{hours / 60}h")
    column = column_for("day", pd.DataFrame({"day": days}))
    assert (column.by, by in column.note) == (by, True)


def test_bins_come_in_their_order_and_not_by_frequency() -> None:
    frame = pd.DataFrame({"age": [20] + [40] * 5 + [60] * 9})
    found, _ = slices_of(frame, frame, [Cut.read({"column": "age", "bins": [30, 50]})])
    assert [each.name for each in found] == ["age=< 30", "age=30 to < 50", "age=>= 50"]


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        ({"column": "age"}, "either bins or by"),
        ({"column": "age", "bins": 3, "by": "month"}, "either bins or by"),
        ({"column": "age", "bins": [50, 30]}, "must rise"),
        ({"column": "age", "bins": [30, 30]}, "must rise"),
        ({"column": "age", "bins": 1}, "greater than or equal to 2"),
        ({"column": "age", "by": "week"}, "'year'"),
    ],
)
def test_a_cut_that_says_nothing_is_refused(cut: dict[str, Any], message: str) -> None:
    frozen = {key: tuple(value) if isinstance(value, list) else value for key, value in cut.items()}
    with pytest.raises(ValidationError, match=message):
        TypeAdapter(Cut).validate_python(frozen)
