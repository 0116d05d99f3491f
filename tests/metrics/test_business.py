from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sklearn.metrics import mean_pinball_loss

from mlpipe.errors import DataError
from mlpipe.metrics.business import Business, amounts_in


def test_each_row_is_worth_its_cell() -> None:
    business = Business.read({"value": {"tp": "0.5 * fee - 5", "fp": -5, "fn": "-fee", "tn": 0}})
    acted, left = business.acting(np.array([1, 0, 1]), {"fee": np.array([20.0, 20.0, np.nan])})
    assert acted[:2].tolist() == [5, -5]
    assert left[:2].tolist() == [-20, 0]
    assert np.isnan(acted[2])
    assert np.isnan(left[2])
    assert business.columns == ("fee",)


def test_cells_left_out_are_worth_nothing() -> None:
    acted, left = Business.read({"value": {"tp": 1}}).acting(np.array([1, 0]), {})
    assert (acted.tolist(), left.tolist()) == ([1, 0], [0, 0])


def test_a_bad_expression_is_refused_at_its_cell() -> None:
    with pytest.raises(ValidationError) as caught:
        Business.read({"value": {"tp": "os.system(1)", "fp": True, "tx": 1}})
    found = {error["loc"]: error["type"] for error in caught.value.errors()}
    assert found["value", "tp"] == "expression"
    assert found["value", "tx"] == "extra_forbidden"
    assert any(place[:2] == ("value", "fp") for place in found)


MATRIX = {"matrix": {"bill": {"cancel": -20, "login": "-fee"}, "cancel": {"cancel": 5}}}


def test_a_matrix_is_worth_its_cells_and_nothing_elsewhere() -> None:
    business, names = Business.read(MATRIX), ("bill", "cancel", "login")
    y, fee = np.array([0, 1, 2, 0, 3]), np.array([7.0, 8, 9, np.nan, 1])
    table = business.choices(y, {"fee": fee}, names)
    expected = [[0, -20, -7], [0, 5, 0], [0, 0, 0], [0, -20, np.nan], [0, 0, 0]]
    np.testing.assert_array_equal(table, expected)  # the last class was never seen
    assert (business.kind, business.columns) == ("matrix", ("fee",))


def test_a_matrix_of_two_classes_says_what_acting_is_worth() -> None:
    costs = Business.read({"matrix": {1: {0: -5}, 0: {1: -1}}})
    cells = Business.read({"value": {"fn": -5, "fp": -1}})
    y = np.array([0, 1, 1, 0])
    for one, other in zip(costs.acting(y, {}, (0, 1)), cells.acting(y, {}), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_class_that_there_is_not_is_named_with_the_nearest() -> None:
    business = Business.read({"matrix": {"bill": {"logn": 1}}})
    with pytest.raises(DataError, match="'logn' is not a class") as caught:
        business.choices(np.array([0]), {}, ("bill", "login"))
    assert "login" in caught.value.problems[0].hint


@given(
    st.lists(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), min_size=1, max_size=20),
    st.floats(0.1, 9),
    st.floats(0.1, 9),
)
def test_asymmetric_cost_is_the_pinball_loss(
    pairs: list[tuple[float, float]], under: float, over: float
) -> None:
    y, pred = np.array(pairs).T
    business = Business.read({"cost": {"under": under, "over": over}})
    alpha = under / (under + over)
    loss = mean_pinball_loss(y, pred, alpha=alpha) * (under + over)
    assert business.errors(y, pred, {}).mean() == pytest.approx(-loss, abs=1e-9)


def test_a_cost_by_hand_with_a_column() -> None:
    business = Business.read({"cost": {"under": "2 * margin", "over": 1}})
    found = business.errors(
        np.array([10.0, 10, 10]), np.array([7.0, 12, 9]), {"margin": np.array([5.0, 5, np.nan])}
    )
    np.testing.assert_array_equal(found, [-30, -2, np.nan])


def test_an_error_that_pays_is_refused() -> None:
    business = Business.read({"cost": {"under": "margin - 4", "over": 1}})
    margins = {"margin": np.array([5.0, 3, np.nan])}
    with pytest.raises(DataError, match="'margin - 4' is below 0 in 1 rows") as caught:
        business.errors(np.ones(3), np.zeros(3), margins)
    assert caught.value.problems[0].key == "cost.under"


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({}, "has one of"),
        ({"currency": "EUR"}, "has one of"),
        ({"value": {"tp": 1}, "cost": {"under": 1}}, "found value and cost"),
        ({"top": 5, "matrix": {"a": {"b": 1}}}, "top goes with value"),
        ({"top": 0, "value": {"tp": 1}}, "greater than or equal to 1"),
        ({"top": 1.5, "value": {"tp": 1}}, "less than 1"),
        ({"value": {"tp": 1e308, "fp": 1e308}}, "too much"),
        ({"cost": {"under": -1}}, "a cost is 0 or more"),
        ({"cost": {"under": 0, "over": 0}}, "costs nothing"),
        ({"matrix": {"a": {"b": "exec(1)"}}}, "not allowed here"),
        ({"feedback": {"path": "a", "join": "k", "column": "c"}, "currency": "EUR"}, "no currency"),
    ],
)
def test_what_contradicts_itself_is_refused(section: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Business.read(section)


def test_columns_are_numbers_and_text_is_refused_with_the_value() -> None:
    frame = pd.DataFrame(
        {
            "fee": pd.array([1, None], dtype="Int64"),
            "price": [Decimal("1.5"), None],
            "plan": ["basic", None],
            "day": pd.to_datetime(["2026-01-01", None]),
        }
    )
    found = amounts_in(frame, ["fee", "price"])
    np.testing.assert_array_equal(found["fee"], [1, np.nan])
    np.testing.assert_array_equal(found["price"], [1.5, np.nan])
    with pytest.raises(DataError, match="hold no number: 'basic'"):
        amounts_in(frame, ["plan"])
    with pytest.raises(DataError, match="is a time"):
        amounts_in(frame, ["day"])
