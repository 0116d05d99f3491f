from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mlpipe.errors import DataError, Problem
from mlpipe.evaluate.champion import Champion
from mlpipe.evaluate.gates import gate_name, verdict
from mlpipe.evaluate.spec import Gate

Make = Callable[..., Any]


def judged(case: Any, *gates: dict[str, Any], **given: Any) -> tuple[str, list[dict[str, Any]]]:
    profit = {"profit": {"value": {"tp": "fee", "fp": -10}}}
    found = case.run({"gates": list(gates), "business": profit}, **given)["verdict"]
    return found["status"], found["gates"]


@pytest.mark.parametrize(
    ("gate", "status"),
    [
        ({"metric": "roc_auc", "min": 0.6}, "pass"),
        ({"metric": "roc_auc", "min": 0.99}, "fail"),
        ({"metric": "brier", "max": 0.5}, "pass"),
        ({"metric": "brier", "max": 0.05}, "fail"),
        ({"metric": "average_precision", "versus": "baseline", "gain": 0.1}, "pass"),
        ({"metric": "average_precision", "versus": "baseline", "gain": 0.6}, "fail"),
        ({"metric": "brier", "versus": "baseline"}, "pass"),
        ({"metric": "profit", "min": 0}, "pass"),
        ({"metric": "profit", "min": 1e6}, "fail"),
        ({"metric": "demographic_parity_difference", "max": 0.5}, "pass"),
        ({"metric": "demographic_parity_difference", "max": 0.0, "across": "plan"}, "inconclusive"),
        ({"metric": "roc_auc", "min": 0.6, "slice": {"plan": "pro"}}, "pass"),
    ],
)
def test_a_gate_judges_the_whole_interval(churn: Make, gate: dict[str, Any], status: str) -> None:
    _, (found,) = judged(churn(), gate)
    assert found["status"] == status, found
    assert found["low"] <= found["value"] <= found["high"]


def test_a_bound_within_the_interval_is_inconclusive(churn: Make) -> None:
    case = churn()
    _, (easy,) = judged(case, {"metric": "roc_auc", "min": 0.1})
    gate = {"metric": "roc_auc", "min": (easy["low"] + easy["value"]) / 2}
    for meant, status in (("warn", "inconclusive"), ("fail", "failed"), ("pass", "passed")):
        overall, (found,) = judged(case, gate | {"on_inconclusive": meant})
        assert found["status"] == "inconclusive"
        assert found["counts_as"] == meant
        assert overall == status
        assert "lies within" in found["why"]


def test_the_ends_decide(churn: Make) -> None:
    case = churn()
    _, (easy,) = judged(case, {"metric": "roc_auc", "min": 0.1})
    edges = [(easy["low"], "pass"), (easy["low"] + 1e-9, "inconclusive")]
    edges += [(easy["high"], "inconclusive"), (easy["high"] + 1e-9, "fail")]
    for bound, status in edges:
        _, (found,) = judged(case, {"metric": "roc_auc", "min": bound})
        assert found["status"] == status


def test_a_warning_never_fails_the_command(churn: Make) -> None:
    status, (found,) = judged(churn(), {"metric": "roc_auc", "min": 0.99, "severity": "warn"})
    assert (status, found["status"], found["counts_as"]) == ("passed", "fail", "warn")


def test_no_champion_yet_is_said(churn: Make) -> None:
    gate = {"metric": "f1", "versus": "champion", "margin": 0.01}
    status, (found,) = judged(churn(), gate)
    assert (status, found["status"]) == ("passed", "pass")
    assert found["why"] == "there is no champion to compare with yet; on_missing: pass"
    status, (found,) = judged(churn(), gate | {"on_missing": "fail"})
    assert (status, found["status"]) == ("failed", "fail")


def test_a_champion_is_compared_on_the_same_rows(churn: Make) -> None:
    case = churn()
    gates = [
        {"metric": name, "versus": "champion", "margin": 0.02}
        for name in ("roc_auc", "average_precision", "f1", "profit")
    ]
    status, found = judged(case, *gates, champion=Champion("churn version 3", case.predictions))
    assert status == "passed"
    assert {gate["value"] for gate in found} == {0.0}
    noise = np.random.default_rng(0).random(len(case.predictions))
    better = case.predictions.assign(
        score=0.3 * case.predictions["score"] + 0.7 * noise, prediction="no"
    )
    status, found = judged(case, *gates, champion=Champion("churn version 3", better))
    assert {gate["status"] for gate in found} == {"pass"}
    assert all(gate["low"] > 0 for gate in found)


def test_a_champion_of_other_rows_is_refused(churn: Make) -> None:
    case = churn()
    gate = {"metric": "f1", "versus": "champion"}
    with pytest.raises(DataError, match="other rows"):
        judged(case, gate, champion=Champion("churn version 3", case.predictions.iloc[1:]))


def test_as_good_as_the_champion_is_no_gain(churn: Make) -> None:
    case = churn()
    gate = {"metric": "brier", "versus": "champion"}
    _, (found,) = judged(case, gate, champion=Champion("churn version 3", case.predictions))
    assert found["status"] == "inconclusive"


def test_every_slice_is_judged_and_small_ones_say_so(churn: Make) -> None:
    case = churn()
    test = case.frame.index[case.frame["part"] == "test"]
    case.frame.loc[test[:30], "plan"] = "free"
    status, found = judged(case, {"metric": "roc_auc", "min": 0.6, "slice": "plan"})
    told = {gate["slice"]["plan"]: gate for gate in found}
    assert {plan: gate["status"] for plan, gate in told.items()} == {
        "basic": "pass",
        "plus": "pass",
        "pro": "pass",
        "free": "inconclusive",
    }
    assert told["free"]["why"] == "30 rows, fewer than 100"
    assert status == "inconclusive"


NOT_THERE = [
    ({"slice": {"plan": "platinum"}}, "slice", "no row has plan = 'platinum'", "plus"),
    ({"slice": {"plan": "por"}}, "slice", "no row has plan = 'por'", "did you mean 'pro'?"),
    ({"slice": {"plan": "old", "region": "north"}}, "slice", "no row of test has plan = 'old'", ""),
    ({"class": "maybe"}, "class", "'maybe' is no class of the target", "'no', 'yes'"),
    ({"class": True}, "class", "True is no class of the target", "'no', 'yes'"),
    ({"part": "valid"}, "part", "there are no valid rows to judge", "split.valid"),
]


@pytest.mark.parametrize(("given", "key", "message", "hint"), NOT_THERE)
def test_what_the_rows_do_not_have_is_an_error_not_a_pass(
    churn: Make, given: dict[str, Any], key: str, message: str, hint: str
) -> None:
    case = churn()
    case.frame.loc[case.frame["part"] == "valid", "part"] = "train"
    case.frame.loc[:9, "plan"] = "old"
    fine = {"metric": "roc_auc", "min": 0.6, "slice": {"plan": "pro"}}
    with pytest.raises(DataError) as caught:
        judged(case, fine, {"metric": "roc_auc", "min": 0.6, **given})
    (problem,) = caught.value.problems
    assert problem.key == f"evaluate.gates.1.{key}"
    assert problem.message.startswith(message)
    assert hint in problem.hint


def test_all_that_is_not_there_is_said_at_once(churn: Make) -> None:
    gates = [{"metric": "roc_auc", "min": 0.6, "slice": {"plan": each}} for each in ("a", "b")]
    with pytest.raises(DataError) as caught:
        judged(churn(), *gates)
    assert [each.key for each in caught.value.problems] == [
        "evaluate.gates.0.slice",
        "evaluate.gates.1.slice",
    ]


@pytest.mark.parametrize("metric", ["recall", "precision", "f1"])
def test_a_class_is_judged_against_the_rest(topics: Make, metric: str) -> None:
    from sklearn import metrics

    case = topics()
    rows = case.frame[case.frame["part"] == "test"]
    said = case.predictions.set_index("_row").loc[rows["_row"], "prediction"]
    names = ["bill", "cancel", "login"]
    values = getattr(metrics, f"{metric}_score")(rows["topic"], said, labels=names, average=None)
    gates = [{"metric": metric, "class": name, "min": 0.1} for name in names]
    _, found = judged_topics(case, *gates)
    assert [gate["value"] for gate in found] == pytest.approx(values)
    assert [gate["class"] for gate in found] == names
    assert found[1]["gate"] == f"{metric} of cancel >= 0.1"


def test_the_scores_of_a_class_rank_it_against_the_rest(topics: Make) -> None:
    from sklearn.metrics import roc_auc_score

    case = topics()
    rows = case.frame[case.frame["part"] == "test"]
    scores = case.predictions.set_index("_row").loc[rows["_row"], "score_login"]
    _, (found,) = judged_topics(case, {"metric": "roc_auc", "class": "login", "min": 0.5})
    assert found["value"] == pytest.approx(roc_auc_score(rows["topic"] == "login", scores))


def test_the_negative_class_of_two_has_a_recall_too(churn: Make) -> None:
    from sklearn.metrics import recall_score

    case = churn()
    rows = case.frame[case.frame["part"] == "test"]
    said = case.predictions.set_index("_row").loc[rows["_row"], "prediction"]
    _, found = judged(
        case,
        {"metric": "recall", "class": "no", "min": 0.5},
        {"metric": "brier", "class": "no", "max": 0.5},
        {"metric": "brier", "max": 0.5},
    )
    expected = recall_score(rows["churned"], said, pos_label="no")
    assert found[0]["value"] == pytest.approx(expected)
    assert found[1]["value"] == pytest.approx(found[2]["value"])


def judged_topics(case: Any, *gates: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    names = ["bill", "cancel", "login"]
    found = case.run({"gates": list(gates)}, classes=names)["verdict"]
    return found["status"], found["gates"]


def test_a_gate_on_a_champion_that_saw_the_rows_is_refused(churn: Make) -> None:
    case = churn()
    seen = {"test": Problem("churn version 3 was fitted on 4 of 500 rows of test", hint="split")}
    champion = Champion("churn version 3", case.predictions, seen)
    gate = {"metric": "f1", "versus": "champion"}
    with pytest.raises(DataError) as caught:
        judged(case, {"metric": "f1", "min": 0.1}, gate, champion=champion)
    (problem,) = caught.value.problems
    assert (problem.key, problem.hint) == ("evaluate.gates.1.versus", "split")
    _, (found,) = judged(case, gate | {"part": "valid"}, champion=champion)
    assert found["part"] == "valid"
    assert found["value"] == 0
    report = case.run({}, champion=champion)["report"]
    assert list(report["champion"]["parts"]) == ["valid"]
    assert report["champion"]["left_out"]["test"].endswith("4 of 500 rows of test")
    assert any("is not compared on test" in line for line in report["warnings"])


def test_the_report_has_the_champion_beside_every_metric(churn: Make) -> None:
    case = churn()
    worse = case.predictions.assign(score=0.5, prediction="no")
    spec = {"metrics": ["roc_auc", "accuracy", "brier"], "business": {"p": {"value": {"tp": 9}}}}
    report = case.run(spec, champion=Champion("churn version 3", worse))["report"]
    beside = report["champion"]["parts"]["test"]
    mine = {each["name"]: each["value"] for each in report["parts"]["test"]["metrics"]}
    for each in beside["metrics"]:
        difference = each["difference"]
        sign = -1 if each["name"] == "brier" else 1
        assert difference["value"] == pytest.approx(sign * (mine[each["name"]] - each["value"]))
        assert 0 < difference["low"] <= difference["value"] <= difference["high"]
    assert beside["business"][0]["value"] == pytest.approx(0)
    assert beside["business"][0]["difference"]["low"] > 0
    assert case.run(spec)["report"]["champion"] is None


def test_an_inconclusive_gate_says_how_many_rows_would_decide(churn: Make) -> None:
    case = churn()
    _, (easy,) = judged(case, {"metric": "accuracy", "min": 0.1})
    bound = easy["value"] - (easy["value"] - easy["low"]) / 2
    _, (found,) = judged(case, {"metric": "accuracy", "min": bound, "on_inconclusive": "fail"})
    assert found["rows"] == 500
    assert found["rows_needed"] == pytest.approx(2000, rel=0.01)
    assert "some 2,100 rows like these 500 would decide" in found["why"]
    assert found["why"].endswith("; on_inconclusive: fail")
    assert easy["rows_needed"] is None


def test_a_bound_at_the_value_is_decided_by_no_number_of_rows(churn: Make) -> None:
    case = churn()
    _, (easy,) = judged(case, {"metric": "accuracy", "min": 0.1})
    _, (found,) = judged(case, {"metric": "accuracy", "min": easy["value"]})
    assert found["rows_needed"] is None
    assert "no number of rows would decide" in found["why"]


def test_a_failing_slice_must_survive_holm(churn: Make) -> None:
    """One slice a little under the bound among many fails alone, and not among many."""
    case = churn(4000)
    case.frame["cell"] = np.arange(4000) % 8
    _, alone = judged(case, {"metric": "accuracy", "min": 0.5, "slice": "cell"})
    worst = min(alone, key=lambda gate: gate["high"])
    bound = worst["high"] + 1e-6
    one = {"metric": "accuracy", "min": bound, "slice": {"cell": worst["slice"]["cell"]}}
    _, (single,) = judged(case, one)
    assert single["status"] == "fail"
    _, family = judged(case, {"metric": "accuracy", "min": bound, "slice": "cell"})
    same = next(gate for gate in family if gate["slice"] == worst["slice"])
    assert same["status"] == "inconclusive"
    assert "Holm's correction over 8 slices" in same["why"]
    _, family = judged(case, {"metric": "accuracy", "min": 0.99, "slice": "cell"})
    assert {gate["status"] for gate in family} == {"fail"}


def test_an_undefined_metric_fails_with_its_reason(churn: Make) -> None:
    case = churn()
    case.predictions["prediction"] = "no"
    status, (found,) = judged(case, {"metric": "precision", "min": 0.1})
    assert (status, found["status"], found["value"]) == ("failed", "fail", None)
    assert "no row was predicted positive" in found["why"]


def test_a_fairness_gate_judges_each_column(churn: Make) -> None:
    gap = {"metric": "equal_opportunity_difference", "max": 0.9, "across": ["gender", "plan"]}
    _, found = judged(churn(), gap)
    assert [gate["across"] for gate in found] == ["gender", "plan"]
    assert found[0]["gate"] == "equal_opportunity_difference <= 0.9 across gender"


@pytest.mark.parametrize(
    ("gate", "name"),
    [
        ({"metric": "f1", "min": 0.5, "part": "valid"}, "f1 >= 0.5 on valid"),
        ({"metric": "bias", "min": -1, "max": 1}, "bias >= -1 and <= 1"),
        ({"metric": "f1", "versus": "baseline"}, "f1 better than the baseline"),
        ({"metric": "f1", "min": 0.5, "slice": ["a", "b"]}, "f1 >= 0.5 for each a × b"),
        ({"metric": "f1", "min": 0.5, "slice": {"a": 1}}, "f1 >= 0.5 where a=1"),
        ({"metric": "f1", "min": 0.5, "class": "spam"}, "f1 of spam >= 0.5"),
        (
            {"metric": "f1", "versus": "champion", "margin": 0.01},
            "f1 at most 0.01 worse than the champion",
        ),
    ],
)
def test_a_gate_reads_in_one_line(gate: dict[str, Any], name: str) -> None:
    assert gate_name(Gate.read(gate)) == name


def test_bias_must_lie_between_its_bounds(demand: Make) -> None:
    case = demand()
    case.predictions["prediction"] += 2
    for low, high, status in ((-5, 5, "pass"), (-1, 1, "fail"), (3, 5, "fail")):
        spec = {"gates": [{"metric": "bias", "min": low, "max": high}]}
        assert case.run(spec)["verdict"]["gates"][0]["status"] == status


def test_the_verdict_of_no_gates_is_passed() -> None:
    assert verdict([]) == {"status": "passed", "gates": []}


def test_a_handful_of_rows_decides_nothing(churn: Make) -> None:
    gates = [{"metric": "brier", "max": bound} for bound in (0.9, 0.01)]
    (good, bad) = judged(churn(40), *gates)[1]  # 10 rows of test
    assert (good["status"], bad["status"]) == ("inconclusive", "inconclusive")
    assert good["why"].startswith("10 rows, fewer than 30")
    assert (good["value"], good["rows_needed"]) == (bad["value"], None)
    assert good["value"] is not None
    (good, bad) = judged(churn(120), *gates)[1]  # 30 of them
    assert (good["status"], bad["status"]) == ("pass", "fail")
