"""The stage: bounded in its work, the same each time, and never in the way of a verdict."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlpipe.errors import DataError, Problem
from mlpipe.explain import stage
from mlpipe.explain.background import drawn
from mlpipe.explain.spec import Explain, asked
from mlpipe.explain.stage import explain
from tests.explain.asked import explained, held, numbers


def told(function: Any, frame: pd.DataFrame, rows: Any, **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "metric": "rmse",
        "background": frame.iloc[:6],
        "places": lambda rows: {row: ("a.csv", row + 2) for row in rows},
        "seed": 3,
    }
    spec = more.pop("spec", Explain())
    report: dict[str, Any] = explain(spec, explained(function, frame), rows, **{**given, **more})[
        "report"
    ]
    json.dumps(report, allow_nan=False)
    return report


def line(frame: pd.DataFrame) -> Any:
    return 2 * frame["a"] - frame["b"]


def test_everything_is_told_and_the_same_each_time() -> None:
    X = numbers(80)
    rows = held(X, line(X) + X["c"], line(X))
    first = told(line, X, rows)
    assert first == told(line, X, rows)
    assert (first["part"], first["rows"], first["of"], first["metric"]) == ("test", 80, 80, "rmse")
    assert [each["column"] for each in first["importance"]][:2] == ["a", "b"]
    assert first["curves"][0]["column"] == "a"
    worst = first["worst"]
    assert len(worst["rows"]) == 20
    assert worst["wrong"] is None
    assert worst["base"] == pytest.approx(float(line(X.iloc[:6]).mean()))
    assert worst["rows"][0]["line"] == worst["rows"][0]["row"] + 2
    assert {each["column"] for each in worst["rows"][0]["reasons"]} <= {"a", "b"}
    assert told(line, X, rows, seed=4) != first


def test_a_column_that_is_withheld_has_no_curve() -> None:
    X = numbers(50)
    rows = held(X, line(X) + X["c"], line(X), withheld=frozenset({"a"}))
    report = told(line, X, rows)
    assert report["importance"][0]["column"] == "a"
    assert "a" not in {each["column"] for each in report["curves"]}


def test_parts_of_it_are_left_out_as_asked() -> None:
    X = numbers(50)
    rows = held(X, X["c"], line(X))
    few = told(line, X, rows, spec=Explain(curves=2, worst=3, reasons=False, repeats=2))
    assert (len(few["curves"]), len(few["worst"]["rows"]), few["repeats"]) == (2, 3, 2)
    assert not any("reasons" in each for each in few["worst"]["rows"])
    assert "reasons" not in told(line, X, rows, background=None)["worst"]["rows"][0]


def test_what_the_model_cannot_take_is_said_and_the_rest_is_told() -> None:
    X = numbers(60)

    def picky(frame: pd.DataFrame) -> Any:
        if len(frame) > 60:  # mixed rows
            raise DataError(Problem("the model cannot take these rows"))
        return line(frame)

    report = told(picky, X, held(X, X["c"], line(X)))
    assert report["warnings"] == [
        "no importance: the model cannot take these rows",
        "no reasons: the model cannot take these rows",
    ]
    assert report["importance"] == report["curves"] == []
    assert len(report["worst"]["rows"]) == 20


def test_the_work_is_bounded_whatever_the_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "MOST", 60_000)
    monkeypatch.setattr(stage, "MOST_FOR_REASONS", 10_000)
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(1000, 40)))
    X.columns = [f"c{number}" for number in range(40)]
    seen: list[int] = []

    def counts(frame: pd.DataFrame) -> Any:
        seen.append(len(frame))
        return frame["c0"].to_numpy()

    rows = held(X, X["c1"], X["c0"])
    report = told(counts, X, rows, background=X.iloc[:50], spec=Explain(curves=0))
    assert report["rows"] == 300
    assert sum(seen) < 60_000 + 10_000 + 500
    explained_ones = [each for each in report["worst"]["rows"] if "reasons" in each]
    assert len(explained_ones) == 2  # 2 × 50 × 39 predictions each
    assert explained_ones[0]["reasons"][0]["column"] == "c0"


def test_a_right_model_has_no_worst_rows() -> None:
    X = numbers(30)
    y = (X["a"] > 0).astype(int)
    report = told(lambda f: (f["a"] > 0) * 0.8 + 0.1, X, held(X, y, y * 0.8 + 0.1, "binary"),
                  metric="roc_auc")  # fmt: skip
    assert report["worst"]["rows"] == []
    assert report["worst"]["wrong"] == 0


def test_what_may_be_asked() -> None:
    assert asked(False) is None
    assert asked(True) == Explain() == Explain(rows=2000, repeats=5, curves=6, worst=20)
    assert asked(Explain(rows=50)) == Explain(rows=50)
    for wrong in ({"rows": 5}, {"worst": 21}, {"repeats": 0}, {"curve": 1}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Explain.read(wrong)


def test_the_background_is_a_few_rows_in_their_order() -> None:
    rows = np.arange(100, 400)
    found = drawn(rows, 50, seed=1)
    assert len(set(found)) == 50
    assert found.tolist() == sorted(found) != drawn(rows, 50, seed=2).tolist()
    assert drawn(rows[:20], 50, seed=1).tolist() == rows[:20].tolist()
