from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlpipe.evaluate.business.answers import Answers, Joined, answers_of
from mlpipe.metrics.feedback import Feedback
from mlpipe.metrics.outcomes import Outcomes

Make = Callable[..., Any]
ASKED = {"path": "nps.csv", "join": "customer", "column": "score"}
NPS = Feedback.read(ASKED)
NONE = float("nan")


def said(answer: list[float], customer: list[int], **given: Any) -> Answers:
    by = given.pop("by", None)
    feedback = Feedback.read({**ASKED, **({"by": "plan"} if by is not None else {}), **given})
    return Answers(feedback, np.array(answer), np.array(customer), by)


def told(pred: list[int], groups: list[int] | None = None) -> Outcomes:
    together = None if groups is None else np.array(groups)
    return Outcomes(np.zeros(len(pred), int), np.array(pred), groups=together)


def test_a_customer_with_several_rows_counts_once() -> None:
    answers = said([10, 10, 10, 0, NONE, 9], [0, 0, 0, 1, 2, -1])
    found = answers.shown(told([0] * 6), seed=1, times=50)
    assert (found["customers"], found["answered"], found["value"]) == (3, 2, 0.0)
    assert found["response_rate"]["value"] == pytest.approx(2 / 3)


def test_a_customer_is_acted_on_where_any_row_is() -> None:
    answers = said([10, 10, 0, 9, NONE], [0, 0, 1, 2, 3])
    acted, alone = answers.groups(told([0, 1, 0, 0, 1]), ("no", "yes"), seed=1, times=50)
    assert [acted[key] for key in ("by", "group", "customers", "answered", "value")] == [
        "decision", "acted on", 2, 1, 100.0
    ]  # fmt: skip
    assert (alone["customers"], alone["value"]) == (2, 0.0)
    assert acted["over_the_other"]["value"] == 100.0
    assert "over_the_other" not in alone


def test_customers_are_compared_by_label_and_by_a_column() -> None:
    by = np.array(["pro", None, "basic", "pro"], dtype=object)
    answers = said([10, 0, 9, 7], [0, 1, 2, 3], by=by)
    found = answers.groups(told([2, 0, 2, 0]), ("a", "b", "c"), seed=1, times=50)
    rows = {(row["by"], row["group"]): (row["customers"], row["value"]) for row in found}
    assert rows == {
        ("prediction", "a"): (2, -50.0),
        ("prediction", "c"): (2, 100.0),
        ("plan", "basic"): (1, 100.0),
        ("plan", "missing"): (1, -100.0),
        ("plan", "pro"): (2, 50.0),
    }
    assert answers.groups(told([1] * 4), (), seed=1, times=50)[0]["by"] == "plan"


def test_blocks_of_customers_are_drawn_together() -> None:
    answer = [10.0, 10, 0, 0] * 20
    answers = said(answer, list(range(80)))
    blocks = [at // 2 for at in range(80)]
    alone = answers.shown(told([0] * 80), seed=1, times=200)
    together = answers.shown(told([0] * 80, blocks), seed=1, times=200)
    assert (alone["method"], together["method"]) == ("adjusted_wald", "bootstrap")
    assert together["high"] - together["low"] > 1.2 * (alone["high"] - alone["low"])


def test_the_rows_of_a_part_keep_their_answers() -> None:
    rows = pd.DataFrame({"_row": [2, 0, 1], "answer": [5.0, NONE, 9], "customer": [7, 8, 9]})
    answers = answers_of(NPS, Joined(rows), pd.DataFrame({"_row": [1, 2]}))
    assert answers.answer.tolist() == [9, 5]
    assert answers.customer.tolist() == [9, 7]
    assert answers.take(np.array([False, True])).answer.tolist() == [5]


def joined(frame: pd.DataFrame, every: int) -> Joined:
    answer = np.where(frame["_row"] % every == 0, frame["_row"] % 11, NONE)
    rows = pd.DataFrame({"_row": frame["_row"], "answer": answer, "customer": frame["_row"]})
    return Joined(rows, {"answers": 7, "files": []}, ("something odd",))


SPEC = {
    "business": {"nps": {"feedback": {**ASKED, "join": "customer"}}},
    "gates": [
        {"metric": "nps", "min": -100},
        {"metric": "nps", "min": 50},
        {"metric": "nps", "min": -100, "slice": "plan"},
    ],
}


def test_the_report_says_who_answered_and_gates_judge_it(churn: Make) -> None:
    case = churn()
    found = case.run(SPEC, feedback={"nps": joined(case.frame, 2)})
    entry, valid = found["report"]["feedback"]
    assert (entry["part"], valid["part"]) == ("test", "valid")
    assert (entry["customers"], entry["answered"]) == (500, 250)
    test = case.frame.loc[case.frame["part"] == "test", "_row"]
    answers = (test % 11)[test % 2 == 0]
    assert entry["value"] == pytest.approx(100 * ((answers >= 9).mean() - (answers <= 6).mean()))
    assert [group["group"] for group in entry["groups"]] == ["acted on", "left alone"]
    assert sum(group["answered"] for group in entry["groups"]) == 250
    assert found["report"]["business"] == []
    assert found["report"]["warnings"] == ["nps: something odd"]
    statuses = [gate["status"] for gate in found["verdict"]["gates"]]
    assert statuses == ["pass", "fail", "pass", "pass", "pass"]
    assert found["verdict"]["gates"][0]["method"] == "adjusted_wald"


def test_few_answers_are_said_and_none_is_no_pass(churn: Make) -> None:
    case = churn()
    report = case.run(SPEC, feedback={"nps": joined(case.frame, 10)})["report"]
    assert "nps: 50 of 500 customers of test answered (10%)" in " ".join(report["warnings"])
    silent = joined(case.frame, 2)
    rows = silent.rows.assign(answer=NONE)
    found = case.run(SPEC, feedback={"nps": Joined(rows)})
    assert "nps: none of the 500 customers of test answered" in found["report"]["warnings"]
    assert found["report"]["feedback"][0]["value"] is None
    assert found["verdict"]["gates"][0]["status"] == "fail"
    assert "nobody answered" in found["verdict"]["gates"][0]["why"]


def test_a_gate_on_answers_judges_the_interval_of_the_report(churn: Make) -> None:
    case = churn()
    case.columns = case.columns.model_copy(update={"entity": "region"})
    case.frame["region"] = [f"r{row // 5}" for row in case.frame["_row"]]
    generator = np.random.default_rng(3)
    answers = generator.integers(0, 11, len(case.frame)).astype(float)
    rows = pd.DataFrame(
        {"_row": case.frame["_row"], "answer": answers, "customer": case.frame["_row"]}
    )
    spec = {
        "business": {"nps": {"feedback": ASKED}},
        "gates": [{"metric": "nps", "min": -60}],
    }
    found = case.run(spec, feedback={"nps": Joined(rows)})
    shown = next(each for each in found["report"]["feedback"] if each["part"] == "test")
    gate = found["verdict"]["gates"][0]
    assert shown["method"] == "bootstrap"
    assert (gate["value"], gate["low"], gate["high"]) == (
        shown["value"],
        shown["low"],
        shown["high"],
    )
