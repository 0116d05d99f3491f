"""The parts that tables are made of: spans, bars, candidates, words."""

import doctest

import pytest

from mlpipe.report import spans, words
from mlpipe.report.candidates import candidates
from mlpipe.report.moved import distance_lines, drift_rows, moved
from mlpipe.report.spans import span
from mlpipe.report.view import view
from tests.report import documents


@pytest.mark.parametrize("module", [spans, words])
def test_examples_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


def test_a_span_holds_its_interval_and_marks_in_their_order() -> None:
    found = span(0.8, 0.7, 0.9, [0.5, None])

    assert found is not None
    (mark,) = found["marks"]
    assert 0 < mark < found["low"] < found["value"] < found["low"] + found["width"] < 100
    assert found["value"] - found["low"] == pytest.approx(found["width"] / 2, abs=0.02)


def test_a_span_needs_a_value_only() -> None:
    found = span(2, None, None, [])

    assert found == {"value": 50.0, "low": 50.0, "width": 0.0, "marks": []}
    assert span(None, 1, 2, [1]) is None
    assert span(float("nan"), 1, 2, [1]) is None


def test_lines_of_one_table_share_their_scale() -> None:
    one, two = span(1, 1, 1, (), [1.0, 3.0]), span(3, 3, 3, (), [1.0, 3.0])

    assert one is not None
    assert two is not None
    assert one["value"] + two["value"] == pytest.approx(100)
    assert one["marks"] == []


def test_what_moved_comes_first() -> None:
    report = documents.monitor()

    assert [row["column"] for row in drift_rows(report)] == ["charges", "plan", "score", "calls"]
    assert moved(report) == ["charges", "plan", "score"]


def test_bars_are_as_high_as_their_shares() -> None:
    plan = next(row for row in drift_rows(documents.monitor()) if row["column"] == "plan")
    new = plan["bars"][-1]

    assert [bar["label"] for bar in plan["bars"]] == ["bin 0", "bin 1", "bin 2", "bin 3"]
    assert new["reference"] == 0
    assert new["current"] / plan["bars"][0]["reference"] == pytest.approx(0.08 / 0.3, rel=0.01)


def test_a_picture_whose_lists_differ_in_length_is_left_out() -> None:
    row = {"column": "a", "picture": {"labels": ["x"], "reference": [1.0, 0.0], "current": [1.0]}}

    assert drift_rows({"drift": [row]})[0]["bars"] == []


def test_candidates_end_with_the_naive_one() -> None:
    found = candidates(documents.candidates(), {})

    assert [row["name"] for row in found["models"]] == ["linear", "boosted", "naive"]
    assert [row.get("chosen", False) for row in found["models"]] == [True, False, False]
    assert found["models"][1]["scores"] == [0.36, 0.38, 0.35, 0.37]
    assert found["models"][2]["span"]["value"] < found["models"][1]["span"]["value"]


def test_a_fold_without_a_score_is_left_out() -> None:
    models = [{"name": "a", "mean": None, "folds": [{"fold": 1, "value": None}]}]
    (row,) = candidates({"models": models}, {})["models"]

    assert row["scores"] == []
    assert row["span"] is None


@pytest.mark.parametrize(
    ("status", "tone"),
    [("pass", "good"), ("failed", "bad"), ("alert", "bad"), ("inconclusive", "doubt"),
     ("reused", "plain"), (None, "plain")],
)  # fmt: skip
def test_tones(status: str | None, tone: str) -> None:
    assert words.tone(status) == tone


def test_parts_keep_the_order_of_learning_and_judging() -> None:
    rows = {"out": 1, "test": 2, "train": 5, "valid": 2}
    judged = {"parts": {"valid": {}, "test": {}}}
    shown = view({"split": {"rows": rows}, "evaluate": {"report": judged}})

    assert [each["part"] for each in shown["shares"]] == ["train", "valid", "test", "out"]
    assert list(shown["parts"]) == ["test", "valid"]


def test_distances_of_a_column_are_those_that_are_known():
    rows = [
        {"column": "age", "effect": 0.1, "psi": 0.02, "js": None, "ks": 0.03},
        {"column": "gone", "effect": 1.7},
        {"column": "none", "effect": None},
    ]
    assert distance_lines({"drift": rows}) == [
        "age: w 0.1, PSI 0.02, KS 0.03", "gone: w 1.7", "none: w –",
    ]  # fmt: skip
    assert distance_lines({"drift": None}) == []
