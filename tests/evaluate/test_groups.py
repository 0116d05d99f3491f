from collections.abc import Callable
from typing import Any

import pytest

from mlpipe.errors import SpecError

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
    assert (entry["value"], entry["why"]) == (None, "fewer than two groups have enough rows")
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


def test_every_rate_of_a_group_has_an_interval_that_fits(churn: Make) -> None:
    group = churn(4000).run({"fairness": {}})["report"]["fairness"][0]["groups"][0]
    methods = {name: rate["method"] for name, rate in group["rates"].items()}
    assert {methods[name] for name in ("selection_rate", "tpr", "fpr", "fnr")} == {"wilson"}
    assert {methods[name] for name in ("precision", "accuracy", "mean_outcome")} == {"wilson"}
    assert methods["mean_score"] == methods["calibration_gap"] == "student"
    assert methods["roc_auc"] == "delong"
    for name, rate in group["rates"].items():
        assert name == "ece" or rate["low"] < rate["value"] < rate["high"]


def test_the_groups_that_lie_apart_are_named(churn: Make) -> None:
    table = churn(4000).run({"fairness": {}})["report"]["fairness"][0]
    rates = {each["group"]: each["rates"]["selection_rate"]["value"] for each in table["groups"]}
    first, rule = table["metrics"][0], table["four_fifths"]
    assert rates[first["least"]] < rates[first["most"]]
    assert (rule["least"], rule["most"]) == (first["least"], first["most"])
    assert rule["value"] == pytest.approx(rates[rule["least"]] / rates[rule["most"]])


def test_four_fifths_is_judged_by_its_interval(churn: Make) -> None:
    case = churn(8000)
    fair = case.run({"fairness": {}})["report"]["fairness"][0]["four_fifths"]
    assert (fair["status"], fair["rule"]) == ("pass", 0.8)
    men = (case.frame["gender"] == "m")[case.predictions.index]
    chosen = case.predictions["prediction"].copy()
    fewer = men & (chosen == "yes") & (case.predictions["_row"] % 2 == 0)
    case.predictions.loc[fewer, "prediction"] = "no"
    halved = case.run({"fairness": {}})["report"]["fairness"][0]["four_fifths"]
    assert (halved["status"], halved["least"]) == ("fail", "m")
    case.predictions["prediction"] = chosen.where(
        ~(fewer & (case.predictions["_row"] % 5 == 0)), "no"
    )
    some = case.run({"fairness": {}})["report"]["fairness"][0]["four_fifths"]
    assert (some["status"], some["low"] < 0.8 < some["high"]) == ("inconclusive", True)


def test_a_group_of_which_nobody_is_chosen_fails_four_fifths(churn: Make) -> None:
    case = churn(4000)
    women = (case.frame["gender"] == "f")[case.predictions.index]
    case.predictions.loc[women, "prediction"] = "no"
    rule = case.run({"fairness": {}})["report"]["fairness"][0]["four_fifths"]
    assert (rule["value"], rule["low"], rule["status"]) == (0.0, 0.0, "fail")
    assert 0 < rule["high"] < 0.1


def test_crossed_columns_are_groups_of_their_own(churn: Make) -> None:
    case = churn(4000)
    written = {"across": ["gender", ["gender", "region"]]}
    tables = case.run({"fairness": written})["report"]["fairness"]
    assert [table["across"] for table in tables] == ["gender", "gender × region"]
    names = {group["group"] for group in tables[1]["groups"]}
    assert names == {"f × north", "f × south", "m × north", "m × south"}
    every = {"across": ["gender", "region", "plan"], "intersections": True}
    tables = case.run({"fairness": every})["report"]["fairness"]
    assert [table["across"] for table in tables][3:] == [
        "gender × region",
        "gender × plan",
        "region × plan",
    ]


def test_small_combinations_are_said_in_one_line(churn: Make) -> None:
    case = churn()
    found = case.run({"fairness": {"across": [["gender", "region"]], "min_rows": 140}})["report"]
    sizes = [group["rows"] for group in found["fairness"][0]["groups"]]
    small = sum(rows < 140 for rows in sizes)
    assert small > 1
    assert (
        f"{small} groups of gender × region are left out of the comparison: too few rows"
        in (found["warnings"])
    )
    lenient = case.run({"fairness": {"across": [["gender", "region"]], "min_rows": 20}})["report"]
    assert all(group["status"] == "ok" for group in lenient["fairness"][0]["groups"])


def test_a_sensitive_number_is_cut_at_the_edges_of_train(churn: Make) -> None:
    case = churn(4000)
    table = case.run({"fairness": {"across": [{"column": "fee", "bins": [30, 60]}]}})["report"]
    assert [group["group"] for group in table["fairness"][0]["groups"]] == [
        "< 30",
        "30 to < 60",
        ">= 60",
    ]
    plainly = case.run({"fairness": {"across": "fee"}})["report"]
    train = case.frame.loc[case.frame["part"] == "train", "fee"].sort_values()
    edges = [train.iloc[len(train) * quarter // 4 - 1] for quarter in (1, 2, 3)]
    assert plainly["fairness"][0]["groups"][0]["group"] == f"< {edges[0]:.12g}"
    assert plainly["cuts"] == [
        "fee is cut at its quartiles of train: "
        + ", ".join(f"{edge:.12g}" for edge in edges)
        + "; bins: sets others"
    ]


def test_a_gate_across_a_cut_column_judges_the_groups_of_the_report(churn: Make) -> None:
    cut = {"across": [{"column": "fee", "bins": [30, 60]}], "min_rows": 50}
    gate = {"metric": "demographic_parity_difference", "max": 0.9, "across": "fee"}
    found = churn(4000).run({"fairness": cut, "gates": [gate]})
    entry, judged = found["report"]["fairness"][0]["metrics"][0], found["verdict"]["gates"][0]
    assert (judged["across"], judged["value"], judged["high"]) == (
        "fee",
        entry["value"],
        entry["high"],
    )


def test_a_gate_that_names_no_column_judges_all_that_is_reported(churn: Make) -> None:
    gate = {"metric": "demographic_parity_difference", "max": 0.9}
    written = {"across": ["gender", "region"], "intersections": True}
    found = churn(4000).run({"fairness": written, "gates": [gate]})
    assert [each["across"] for each in found["verdict"]["gates"]] == [
        "gender",
        "region",
        "gender × region",
    ]


def test_of_many_classes_groups_differ_in_accuracy_or_in_one_class(topics: Make) -> None:
    case = topics()
    case.frame["gender"] = ["f", "m", "m"] * (len(case.frame) // 3)
    plainly = case.run({"fairness": {"across": "gender"}})["report"]["fairness"][0]
    assert [metric["name"] for metric in plainly["metrics"]] == ["accuracy_difference"]
    assert plainly["four_fifths"] is None
    one = case.run({"fairness": {"across": "gender", "positive": "cancel", "min_rows": 50}})
    table = one["report"]["fairness"][0]
    test = case.frame[case.frame["part"] == "test"]
    said = case.predictions.set_index("_row")["prediction"][test["_row"]].to_numpy()
    for group in table["groups"]:
        inside = (test["gender"] == group["group"]).to_numpy()
        rate = group["rates"]["selection_rate"]["value"]
        assert rate == pytest.approx((said[inside] == "cancel").mean())
        assert group["positives"] == int((test["topic"][inside] == "cancel").sum())
    assert table["four_fifths"]["status"] in ("pass", "inconclusive", "fail")
    with pytest.raises(SpecError, match="no class 'cancle'") as caught:
        case.run({"fairness": {"across": "gender", "positive": "cancle"}})
    assert "cancel" in caught.value.problems[0].hint


def test_errors_of_a_regression_are_compared(demand: Make) -> None:
    case = demand(2400)
    case.frame["night"] = case.frame["hour"].dt.hour < 12
    at_night = case.frame["night"][case.predictions.index]
    case.predictions.loc[at_night, "prediction"] += 3
    found = case.run({"fairness": {"across": "night"}})["report"]["fairness"][0]
    apart = {metric["name"]: metric for metric in found["metrics"]}
    assert list(apart) == ["mean_error_difference", "mae_difference", "mae_ratio"]
    assert apart["mean_error_difference"]["low"] > 2
    assert (apart["mean_error_difference"]["most"], apart["mae_ratio"]["most"]) == (True, True)
    night = next(group for group in found["groups"] if group["group"] is True)
    assert night["rates"]["mean_error"]["value"] == pytest.approx(3, abs=0.5)
    assert found["four_fifths"] is None


def test_rows_that_belong_together_have_bootstrapped_rates(churn: Make) -> None:
    case = churn(2000)
    case.frame["household"] = case.frame["_row"] // 4
    case.columns = case.columns.model_copy(update={"entity": "household"})
    group = case.run({"fairness": {}})["report"]["fairness"][0]["groups"][0]
    assert group["rates"]["tpr"]["method"] == group["rates"]["roc_auc"]["method"] == "bootstrap"
    assert group["rates"]["tpr"]["low"] < group["rates"]["tpr"]["high"]
