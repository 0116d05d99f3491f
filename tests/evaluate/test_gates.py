from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mlpipe.errors import DataError
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
    assert found["why"] == "there is no champion yet; on_missing: pass"
    status, (found,) = judged(churn(), gate | {"on_missing": "fail"})
    assert (status, found["status"]) == ("failed", "fail")


def test_a_champion_is_compared_on_the_same_rows(churn: Make) -> None:
    case = churn()
    gates = [
        {"metric": name, "versus": "champion", "margin": 0.02}
        for name in ("roc_auc", "average_precision", "f1", "profit")
    ]
    status, found = judged(case, *gates, champion=case.predictions)
    assert status == "passed"
    assert {gate["value"] for gate in found} == {0.0}
    noise = np.random.default_rng(0).random(len(case.predictions))
    better = case.predictions.assign(
        score=0.3 * case.predictions["score"] + 0.7 * noise, prediction="no"
    )
    status, found = judged(case, *gates, champion=better)
    assert {gate["status"] for gate in found} == {"pass"}
    assert all(gate["low"] > 0 for gate in found)


def test_a_champion_of_other_rows_is_refused(churn: Make) -> None:
    case = churn()
    gate = {"metric": "f1", "versus": "champion"}
    with pytest.raises(DataError, match="other rows"):
        judged(case, gate, champion=case.predictions.iloc[1:])


def test_as_good_as_the_champion_is_no_gain(churn: Make) -> None:
    case = churn()
    gate = {"metric": "brier", "versus": "champion"}
    _, (found,) = judged(case, gate, champion=case.predictions)
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


def test_a_slice_without_rows_is_an_error_not_a_pass(churn: Make) -> None:
    gate = {"metric": "roc_auc", "min": 0.6, "slice": {"plan": "platinum"}}
    status, (found,) = judged(churn(), gate)
    assert (status, found["status"], found["why"]) == ("failed", "fail", "0 rows, fewer than 100")


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


def test_a_part_that_is_not_there_fails(churn: Make) -> None:
    case = churn()
    case.frame.loc[case.frame["part"] == "valid", "part"] = "out"
    _, (found,) = judged(case, {"metric": "f1", "min": 0.1, "part": "valid"})
    assert (found["status"], found["why"]) == ("fail", "there are no valid rows")


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
