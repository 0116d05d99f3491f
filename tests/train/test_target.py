from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlpipe.errors import DataError, SpecError
from mlpipe.table.columns import Columns
from mlpipe.train.target import Target, read_target


def read(task: str, values: Any, positive: Any = None, valid: int = 0) -> Target:
    series = pd.Series(values)
    columns = Columns.read({"target": {"name": "y", "positive": positive}})
    train = np.arange(len(series)) < len(series) - valid
    return read_target(task, columns, series, np.arange(len(series)) + 10, train)


def test_the_positive_class_has_code_1() -> None:
    assert read("binary", ["b", "a", "b", "a"]).classes == ("a", "b")
    target = read("binary", ["b", "a", "b", "a"], "a")
    assert target.classes == ("b", "a")
    assert target.y.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([1, 0, 1, 0], (0, 1)),
        ([1.0, 0.0, 1.0, 0.0], (0, 1)),
        ([True, False, True, False], (False, True)),
        (np.array([2, 1, 2, 1], "int8"), (1, 2)),
        ([Decimal("1.5"), Decimal(2), Decimal("1.5"), Decimal(2)], (1.5, 2)),
        (["1", "0", "1", "0"], ("0", "1")),
    ],
)
def test_classes_are_json_values(values: Any, classes: tuple[Any, ...]) -> None:
    found = read("binary", values).classes
    assert found == classes
    assert [type(each) for each in found] == [type(each) for each in classes]


@pytest.mark.parametrize(
    "dtype", ["str", "object", "category", "int16", "float64", "Int64", "bool", "datetime64[us]"]
)
def test_each_row_has_the_code_of_its_own_value(dtype: str) -> None:
    drawn = np.random.default_rng(0).integers(0, 2 if dtype == "bool" else 4, 500)
    values = pd.Series(drawn).astype(dtype)
    found = read("multiclass", values, valid=100)
    assert all(
        type(found.classes[code]) in {str, int, bool}
        and str(found.classes[code]) == str(value).removesuffix(".0")
        for code, value in zip(found.y, values.tolist(), strict=True)
    )


def test_many_classes_and_numbers() -> None:
    assert read("multiclass", ["c", "a", "b"] * 2).y.tolist() == [2, 0, 1] * 2
    assert read("regression", [1, 2.5]).y.tolist() == [1.0, 2.5]


@pytest.mark.parametrize(
    ("task", "values", "says"),
    [
        ("binary", ["a", None, "b", None], r"null in 2 rows \(rows 11, 13\)"),
        ("regression", [1.0, np.nan, 2.0], r"null in 1 row \(row 11\)"),
        ("binary", ["a"], "one row"),
        ("regression", [1.0], "one row"),
        ("binary", [], "no rows"),
        ("binary", ["a", "a"], "'a' in every row"),
        ("multiclass", ["a", "a"], "'a' in every row"),
        ("regression", [3.0, 3.0], "3 in every row"),
        ("binary", ["a", "b", "c"] * 2, "this one has 3"),
        ("binary", ["a", "a", "b"], "one row only of: b"),
        ("multiclass", ["a", "a", "b", "b", "c"], "one row only of: c"),
        ("regression", ["x", "y"], "not a finite number in 2 rows"),
        ("regression", ["1", "2"], "not a finite number"),
        ("regression", [1.0, np.inf], r"not a finite number in 1 row \(row 11\)"),
        ("multiclass", [*range(1001)], "1,001 classes"),
    ],
)
def test_targets_that_nothing_can_be_learned_from(task: str, values: Any, says: str) -> None:
    with pytest.raises(DataError, match=says) as caught:
        read(task, values)
    assert caught.value.problems[0].hint


def test_a_class_that_only_valid_has() -> None:
    with pytest.raises(DataError, match="train does not: c"):
        read("multiclass", ["a", "b", "a", "b", "c"], valid=1)


@pytest.mark.parametrize(
    ("values", "positive", "hint"),
    [
        (["yes", "no"] * 2, "Yes", "did you mean 'yes'"),
        ([1, 0] * 2, "1", "positive: 1"),
        (["1", "0"] * 2, 1, 'positive: "1"'),
        ([True, False] * 2, "true", "positive: true"),
        ([1, 0] * 2, True, ""),
    ],
)
def test_a_positive_class_that_is_not_there(values: Any, positive: Any, hint: str) -> None:
    with pytest.raises(SpecError) as caught:
        read("binary", values, positive)
    (problem,) = caught.value.problems
    assert problem.key == "columns.target.positive"
    assert hint in problem.hint
