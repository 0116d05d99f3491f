from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mlpipe.evaluate.champion import Champion

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


def test_a_champion_stands_beside_the_naive_policies(churn: Make) -> None:
    case = churn()
    said = case.predictions.assign(prediction="no", score=0.1)
    champion = Champion("churn version 3", said)
    report = case.run({"business": {"profit": PROFIT}}, champion=champion)["report"]
    entry = report["business"][0]
    names = [policy["name"] for policy in entry["policies"]]
    assert names == ["act on all", "act on none", "champion"]
    assert entry["policies"][2]["total"] == entry["act_on_none"]
    gain = entry["total"]["value"] - entry["act_on_none"]
    assert entry["over_champion"]["value"] == pytest.approx(gain)
    assert entry["over_champion_per_1000"]["value"] == pytest.approx(gain * 1000 / 500)
    assert entry["over_champion"]["low"] < gain < entry["over_champion"]["high"]


def test_every_part_has_its_curve_with_the_model_on_it(churn: Make) -> None:
    report = churn().run({"business": {"profit": PROFIT}})["report"]
    for entry in report["business"]:
        assert entry["curve"]["chosen"]["threshold"] == 0.4
        chosen = entry["curve"]["chosen"]["per_1000"]
        assert chosen == pytest.approx(entry["per_1000"]["value"])
        ends = entry["curve"]["per_1000"][0], entry["curve"]["per_1000"][-1]
        totals = entry["act_on_none"], entry["act_on_all"]
        assert ends == pytest.approx([1000 * total / entry["rows"] for total in totals])


def test_a_capacity_is_judged_and_too_large_a_one_is_said(churn: Make) -> None:
    cells = {"tp": 10, "fp": -2}
    spec = {"few": {"top": 0.1, "value": cells}, "many": {"top": 900, "value": cells}}
    report = churn().run({"business": spec})["report"]
    few, _, many, _ = report["business"]
    assert (few["top"], few["curve"], few["kind"]) == (0.1, None, "top")
    assert few["uplift"]["low"] > 0
    assert many["total"]["value"] == pytest.approx(many["act_on_all"])
    assert "many: test has 500 rows only, fewer than top: 900" in report["warnings"]


def test_errors_of_a_regression_cost(demand: Make) -> None:
    case = demand()
    found = case.run(
        {
            "business": {"stock": {"cost": {"under": 3, "over": 1}, "currency": "EUR"}},
            "gates": [{"metric": "stock", "versus": "baseline"}],
        }
    )
    entry = found["report"]["business"][0]
    test = case.frame[case.frame["part"] == "test"]
    said = case.predictions.set_index("_row")["prediction"][test["_row"]].to_numpy()
    error = test["demand"].to_numpy() - said
    cost = 3 * np.maximum(error, 0) + np.maximum(-error, 0)
    assert entry["total"]["value"] == pytest.approx(-cost.sum())
    assert entry["curve"] is None
    assert len(entry["policies"]) == 2
    assert found["verdict"]["gates"][0]["status"] == "pass"


def test_many_classes_are_worth_their_matrix(topics: Make) -> None:
    case = topics()
    matrix = {"bill": {"cancel": -20}, "cancel": {"cancel": 5, "login": -1}}
    report = case.run({"business": {"routing": {"matrix": matrix}}})["report"]
    test = case.frame[case.frame["part"] == "test"]
    said = case.predictions.set_index("_row")["prediction"][test["_row"]]
    pairs = zip(test["topic"], said, strict=True)
    expected = sum(matrix.get(true, {}).get(pred, 0) for true, pred in pairs)
    assert report["business"][0]["total"]["value"] == pytest.approx(expected)
    names = {policy["name"] for policy in report["business"][0]["policies"]}
    assert names == {"always bill", "always cancel", "always login"}
