from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Make = Callable[..., Any]
PROFIT = {"value": {"tp": "2 * fee - 5", "fp": -5, "fn": "-fee"}, "currency": "EUR"}


def rows_of(case: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    test = case.frame[case.frame["part"] == "test"]
    said = case.predictions.set_index("_row")["prediction"][test["_row"]]
    return (
        (test["churned"] == "yes").to_numpy(),
        (said == "yes").to_numpy(),
        test["fee"].to_numpy(),
    )


def test_the_decisions_are_worth_their_cells(churn: Make) -> None:
    case = churn()
    report = case.run({"business": {"profit": PROFIT}})["report"]
    entry = next(one for one in report["business"] if one["part"] == "test")
    true, acted, fee = rows_of(case)
    each = np.where(acted, np.where(true, 2 * fee - 5, -5), np.where(true, -fee, 0))
    total = entry["total"]
    assert total["value"] == pytest.approx(each.sum())
    assert entry["per_1000"]["value"] == pytest.approx(1000 * each.mean())
    half = 1.96 * each.std() * np.sqrt(len(each))
    assert total["high"] - total["low"] == pytest.approx(2 * half, rel=0.2)
    everybody = np.where(true, 2 * fee - 5, -5).sum()
    assert entry["act_on_all"] == pytest.approx(everybody)
    assert entry["act_on_none"] == pytest.approx(-fee[true].sum())
    best = max(everybody, entry["act_on_none"])
    assert entry["uplift"]["value"] == pytest.approx(each.sum() - best)
    assert entry["currency"] == "EUR"
    assert [one["part"] for one in report["business"]] == ["test", "valid"]


def test_a_null_leaves_the_row_out_and_is_said(churn: Make) -> None:
    case = churn()
    test = case.frame.index[case.frame["part"] == "test"]
    before = case.run({"business": {"profit": PROFIT}})["report"]["business"][0]
    case.frame.loc[test[:50], "fee"] = np.nan
    report = case.run({"business": {"profit": PROFIT}})["report"]
    entry = report["business"][0]
    unknown = int((case.frame.loc[test[:50], "churned"] == "yes").sum())
    assert entry["rows_without_value"] == unknown
    assert entry["rows"] == before["rows"] - unknown
    assert f"profit: {unknown} rows of test have no value" in report["warnings"][0]


def test_constants_need_no_columns(churn: Make) -> None:
    entry = churn().run({"business": {"b": {"value": {"tp": 1, "fp": 1, "fn": 1, "tn": 1}}}})
    found = entry["report"]["business"][0]
    assert found["total"] == {"value": 500.0, "low": 500.0, "high": 500.0}
    assert found["uplift"] == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_no_row_with_a_value_has_no_worth(churn: Make) -> None:
    case = churn()
    case.frame["fee"] = np.nan
    spec = {
        "business": {"b": {"value": {"tp": "fee", "fp": "fee", "fn": "fee", "tn": "fee"}}},
        "gates": [{"metric": "b", "min": 0}, {"metric": "b", "versus": "baseline"}],
    }
    found = case.run(spec)
    assert found["report"]["business"][0]["total"]["value"] is None
    assert [gate["status"] for gate in found["verdict"]["gates"]] == ["fail", "fail"]
