from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlpipe.bundle.inputs import checked, needed_inputs
from mlpipe.errors import DataError


def inputs(**types: str) -> Any:
    return [
        {"name": name, "type": word, "nullable": True, "role": "feature"}
        for name, word in types.items()
    ]


def required(**types: str) -> Any:
    return [{**column, "nullable": False} for column in inputs(**types)]


@pytest.mark.parametrize(
    ("word", "values", "wanted"),
    [
        ("integer", [1, 2], [1, 2]),
        ("number", [1, 2.5], [1.0, 2.5]),
        ("number", pd.array([1, None], dtype="Int64"), [1, None]),
        ("decimal(9,2)", pd.Series([Decimal("1.5"), None], dtype=object), [1.5, None]),
        ("integer", pd.Series([None, None], dtype=object), [None, None]),
        ("integer", pd.array([1, None], dtype="Int64"), [1, None]),
        ("integer", pd.Series([7, None], dtype=object), [7, None]),
        ("integer", [3.0, np.nan], [3, None]),
        ("string", ["a", None], ["a", None]),
        ("string", pd.Categorical(["a", "b"]), ["a", "b"]),
        ("boolean", [True, False], [True, False]),
        ("boolean", pd.Series([True, None], dtype=object), [True, None]),
        ("boolean", pd.array([True, None], dtype="boolean"), [True, None]),
        ("date", ["2026-01-31", None], [dt.datetime(2026, 1, 31), None]),
        ("date", pd.Series([dt.date(2026, 1, 31)], dtype=object), [dt.datetime(2026, 1, 31)]),
        ("timestamp", [dt.datetime(2026, 1, 31, 5)], [dt.datetime(2026, 1, 31, 5)]),
        (
            "timestamp",
            ["2026-01-31T05:00:00", "2026-02-01"],
            [dt.datetime(2026, 1, 31, 5), dt.datetime(2026, 2, 1)],
        ),
    ],
)
def test_values_of_the_type_pass(word: str, values: Any, wanted: list[Any]) -> None:
    frame = pd.DataFrame({"x": values, "other": 0})
    before = frame.copy(deep=True)
    made = checked(frame, inputs(x=word))
    assert [None if pd.isna(v) else v for v in made["x"]] == wanted
    assert list(made) == ["x"]
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("word", "values", "sample"),
    [
        ("integer", ["1", "2"], "row 0: '1'"),
        ("integer", [1.0, 2.5], "row 1: 2.5"),
        ("integer", [1.0, np.inf], "row 1: inf"),
        ("number", [True, False], "row 0: True"),
        ("number", pd.Series([1.0, "x"], dtype=object), "row 1: 'x'"),
        ("string", [1, 2], "row 0: 1"),
        ("string", pd.Series(["a", 5], dtype=object), "row 1: 5"),
        ("boolean", [0, 1], "row 0: 0"),
        ("boolean", ["true"], "row 0: 'true'"),
        ("date", ["31.01.2026"], "row 0: '31.01.2026'"),
        ("timestamp", [5], "row 0: 5"),
    ],
)
def test_values_of_another_type_are_named(word: str, values: Any, sample: str) -> None:
    with pytest.raises(DataError) as caught:
        checked(pd.DataFrame({"x": values}), inputs(x=word))
    (problem,) = caught.value.problems
    assert problem.key == "x"
    assert f"expected {word}" in problem.message
    assert sample in problem.message


def test_at_most_five_samples_and_all_columns_at_once() -> None:
    frame = pd.DataFrame({"x": [str(n) for n in range(20)], "y": 1})
    with pytest.raises(DataError) as caught:
        checked(frame, inputs(x="integer", y="string"))
    one, two = caught.value.problems
    assert "20 rows hold" in one.message
    assert one.message.count("row ") == 5
    assert two.key == "y"


def test_missing_and_doubled_columns() -> None:
    with pytest.raises(DataError) as caught:
        checked(pd.DataFrame({"agee": [1]}), required(age="integer", fee="number"))
    one, two = caught.value.problems
    assert (one.key, one.hint) == ("age", "did you mean 'agee'?")
    assert two.hint == "the columns are: agee"
    doubled = pd.DataFrame([[1, 2]], columns=["x", "x"])
    with pytest.raises(DataError, match="twice"):
        checked(doubled, inputs(x="integer"))


def test_no_rows_are_fine() -> None:
    frame = pd.DataFrame({"x": np.array([], float), "y": np.array([], object)})
    assert len(checked(frame, inputs(x="number", y="string"))) == 0


def test_what_must_come() -> None:
    schema = [{"name": name, "type": "number", "kind": "number"} for name in "abcd"]
    fitted = [
        {"name": "b", "type": "number", "nullable": False},
        {"name": "a_lag_1", "type": "number", "nullable": True},
    ]
    found = needed_inputs(fitted, schema, ["a", "b"], ["d", "b", "unknown"])
    assert [(each["name"], each["role"]) for each in found] == [
        ("b", "feature"),
        ("a", "history"),
        ("d", "scope"),
    ]


def test_nullable_numbers_come_as_numpy_has_them() -> None:
    frame = pd.DataFrame({"x": pd.array([2**53 + 1, 5], "Int64"), "y": pd.array([1, None], "Int8")})
    made = checked(frame, inputs(x="integer", y="integer"))
    assert (made["x"].dtype, made["y"].dtype) == (np.dtype("int64"), np.dtype("float64"))
    assert made["x"].tolist() == [2**53 + 1, 5]
    flags = checked(pd.DataFrame({"x": pd.array([True, None], "boolean")}), inputs(x="boolean"))
    assert flags["x"].dtype == object


def test_optional_columns_may_be_left_out() -> None:
    frame = pd.DataFrame({"age": [30, 40]}, index=[7, 8])
    made = checked(frame, [*required(age="integer"), *inputs(fee="number", plan="string")])
    assert made["fee"].isna().all()
    assert made["plan"].isna().all()
    assert made.index.tolist() == [7, 8]
    assert list(frame) == ["age"]


def test_a_required_column_may_not() -> None:
    for role in ("history", "scope"):
        with pytest.raises(DataError, match="fee: the column is missing"):
            checked(pd.DataFrame({"age": [1]}), [{**inputs(fee="number")[0], "role": role}])


def test_what_nobody_has_written_is_not_among_the_columns_that_are_there() -> None:
    with pytest.raises(DataError) as caught:
        checked(pd.DataFrame({"_row": [0], "age": [1]}), required(fee="number"))
    assert caught.value.problems[0].hint == "the columns are: age"


def test_an_optional_column_that_is_misspelled_is_no_null() -> None:
    with pytest.raises(DataError, match="did you mean 'tenur'"):
        checked(pd.DataFrame({"tenur": [1]}), inputs(tenure="integer"))
