from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlpipe.evaluate.slices import one_slice, slices_of

Make = Callable[..., Any]


def test_each_combination_is_a_slice_the_most_frequent_first() -> None:
    frame = pd.DataFrame({"plan": ["a", "b", "b", None], "level": [1, 2, 2, 1]})
    found, warnings = slices_of(frame, frame, ["plan", "level"])
    assert [each.value for each in found] == [
        {"plan": "b", "level": 2},
        {"plan": "a", "level": 1},
        {"plan": None, "level": 1},
    ]
    assert [each.mask.tolist() for each in found[1:]] == [[1, 0, 0, 0], [0, 0, 0, 1]]
    assert found[0].name == "plan=b, level=2"
    assert warnings == []


def test_a_value_of_another_part_is_an_empty_slice_with_a_warning() -> None:
    every = pd.DataFrame({"plan": ["a", "a", "c"]})
    found, warnings = slices_of(every[:2], every, ["plan"])
    assert [int(each.mask.sum()) for each in found] == [2, 0]
    assert warnings == ["slice plan=c has no rows"]


def test_no_rows_at_all_are_empty_slices() -> None:
    every = pd.DataFrame({"plan": ["a"]})
    found, _ = slices_of(every[:0], every, ["plan"])
    assert found[0].mask.shape == (0,)


def test_of_too_many_values_the_most_frequent_are_shown() -> None:
    frame = pd.DataFrame({"code": ["c0"] * 5 + [f"c{code}" for code in range(60)]})
    found, warnings = slices_of(frame, frame, ["code"])
    assert len(found) == 50
    assert found[0].value == {"code": "c0"}
    assert warnings == ["code has 60 values; the 50 most frequent are shown"]


def test_dates_are_written_as_text() -> None:
    frame = pd.DataFrame({"day": pd.to_datetime(["2026-01-02", "2026-01-02"])})
    found, _ = slices_of(frame, frame, ["day"])
    assert found[0].value == {"day": "2026-01-02T00:00:00"}


def test_one_value_of_each_column() -> None:
    frame = pd.DataFrame({"plan": ["a", "b", None], "level": [1, 2, 1]})
    assert one_slice(frame, {"plan": "a", "level": 1}).mask.tolist() == [True, False, False]
    assert not one_slice(frame, {"plan": "z"}).mask.any()


def by_plan(report: dict[str, Any]) -> dict[Any, dict[str, Any]]:
    return {row["slice"]["plan"]: row for row in report["slices"]}


def test_the_report_marks_the_slice_that_is_worse(churn: Make) -> None:
    case = churn(4000)
    pro = (case.frame["plan"] == "pro")[case.predictions.index]
    flipped = case.predictions["score"].where(~pro, 1 - case.predictions["score"])
    report = case.run(
        {"metrics": ["roc_auc", "brier"], "slices": ["plan"]},
        predictions=case.predictions.assign(score=flipped),
    )["report"]
    rows = by_plan(report)
    worse = {plan: [one["worse"] for one in row["metrics"]] for plan, row in rows.items()}
    assert worse == {"pro": [True, True], "plus": [False, False], "basic": [False, False]}
    assert rows["pro"]["status"] == "ok"
    assert rows["pro"]["rows"] == int((pro & (case.frame["part"] == "test")).sum())
    auc = rows["pro"]["metrics"][0]
    assert auc["p"] <= auc["p_holm"] <= 0.05
    assert auc["high"] < 0.5


def test_a_slice_too_small_has_values_and_no_intervals(churn: Make) -> None:
    case = churn()
    test = case.frame.index[case.frame["part"] == "test"]
    case.frame.loc[test[:30], "plan"] = "free"
    case.frame.loc[test[30:180], "plan"] = "calm"
    case.frame.loc[test[30:180], "churned"] = "no"
    rows = by_plan(case.run({"slices": ["plan"]})["report"])
    assert (rows["free"]["status"], rows["free"]["why"]) == (
        "insufficient",
        "30 rows, fewer than 100",
    )
    assert rows["free"]["metrics"][0]["value"] is not None
    assert rows["free"]["metrics"][0]["low"] is None
    assert rows["calm"]["why"] == "0 positives, fewer than 10"
    assert rows["calm"]["metrics"][0]["why"].startswith("only one class")


def test_null_and_the_text_none_are_two_slices(churn: Make) -> None:
    case = churn(4000)
    case.frame["plan"] = case.frame["plan"].replace({"pro": None, "plus": "None"})
    flipped = case.predictions["score"].where(
        case.frame["plan"].notna()[case.predictions.index], 0.5
    )
    rows = by_plan(
        case.run(
            {"metrics": ["roc_auc"], "slices": ["plan"]},
            predictions=case.predictions.assign(score=flipped),
        )["report"]
    )
    assert rows[None]["metrics"][0]["value"] == pytest.approx(0.5)
    assert rows["None"]["metrics"][0]["value"] > 0.7


def test_slices_of_a_regression_need_rows_alone(demand: Make) -> None:
    case = demand()
    case.frame["night"] = case.frame["hour"].dt.hour < 6
    rows = case.run({"slices": ["night"]})["report"]["slices"]
    assert [(row["slice"]["night"], row["status"]) for row in rows] == [
        (False, "ok"),
        (True, "insufficient"),
    ]
    assert rows[0]["positives"] is None
    assert np.isfinite(rows[0]["metrics"][0]["low"])
