from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., Any]


def test_the_table_of_each_group_and_the_gap(churn: Make) -> None:
    case = churn(4000)
    report = case.run({"fairness": {}})["report"]
    (table,) = report["fairness"]
    assert (table["across"], table["part"]) == ("gender", "test")
    test = case.frame[case.frame["part"] == "test"]
    said = case.predictions.set_index("_row")["prediction"][test["_row"]].to_numpy() == "yes"
    true = (test["churned"] == "yes").to_numpy()
    rates = {}
    for group in table["groups"]:
        inside = (test["gender"] == group["group"]).to_numpy()
        rates[group["group"]] = said[inside].mean()
        assert group["rows"] == inside.sum()
        found = {name: rate["value"] for name, rate in group["rates"].items()}
        assert found["selection_rate"] == pytest.approx(said[inside].mean())
        assert found["tpr"] == pytest.approx(said[inside & true].mean())
        assert found["fpr"] == pytest.approx(said[inside & ~true].mean())
        assert found["accuracy"] == pytest.approx((said == true)[inside].mean())
    parity = table["metrics"][0]
    assert parity["name"] == "demographic_parity_difference"
    assert parity["value"] == pytest.approx(abs(rates["f"] - rates["m"]))
    assert parity["low"] <= parity["value"] <= parity["high"]
    assert parity["greater_is_better"] is False


def test_an_unfair_model_is_found_out(churn: Make) -> None:
    case = churn(4000)
    women = (case.frame["gender"] == "f")[case.predictions.index]
    case.predictions.loc[women, "prediction"] = "no"
    report = case.run({"fairness": {"metrics": ["demographic_parity_difference"]}})["report"]
    assert report["fairness"][0]["metrics"][0]["low"] > 0.2


def test_a_ratio_has_an_interval_below_one(churn: Make) -> None:
    report = churn(4000).run({"fairness": {"metrics": ["demographic_parity_ratio"]}})["report"]
    ratio = report["fairness"][0]["metrics"][0]
    assert 0.5 < ratio["low"] < ratio["value"] <= ratio["high"] <= 1.0
    assert ratio["greater_is_better"] is True


def test_a_small_group_is_left_out_and_said(churn: Make) -> None:
    case = churn()
    test = case.frame.index[case.frame["part"] == "test"]
    case.frame.loc[test[:20], "gender"] = "x"
    report = case.run({"fairness": {}})["report"]
    groups = {group["group"]: group for group in report["fairness"][0]["groups"]}
    assert groups["x"]["status"] == "insufficient"
    assert groups["x"]["rows"] == 20
    assert report["fairness"][0]["metrics"][0]["value"] < 0.2
    left_out = "group gender=x is left out of the comparison: 20 rows, fewer than 100"
    assert left_out in report["warnings"]


def test_one_group_has_no_gap(churn: Make) -> None:
    case = churn()
    case.frame["gender"] = "f"
    gap = {"metric": "demographic_parity_difference", "max": 0.1}
    found = case.run({"fairness": {}, "gates": [gap]})
    entry = found["report"]["fairness"][0]["metrics"][0]
    assert (entry["value"], entry["why"]) == (None, "fewer than two groups")
    assert found["verdict"]["status"] == "failed"


def test_a_gate_and_the_report_show_the_same_figure(churn: Make) -> None:
    gap = {"metric": "equal_opportunity_difference", "max": 0.9}
    found = churn().run({"fairness": {}, "gates": [gap]})
    entries = {each["name"]: each for each in found["report"]["fairness"][0]["metrics"]}
    entry = entries["equal_opportunity_difference"]
    gate = found["verdict"]["gates"][0]
    assert [gate[end] for end in ("value", "low", "high")] == [
        entry[end] for end in ("value", "low", "high")
    ]
