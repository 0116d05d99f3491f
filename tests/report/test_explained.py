"""The section on what a model uses: bars, curves, worst rows; all of it text, and in order."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mlpipe.report.explained import explained
from mlpipe.report.page import page
from tests.report import documents

HOSTILE = '<script>alert("x")</script> $x^2$'


def report(**changed: Any) -> dict[str, Any]:
    return {
        "part": "test", "rows": 2000, "of": 5000, "repeats": 5, "metric": "average_precision",
        "seen": False,
        "importance": [
            {"column": "calls", "columns": ["calls", "calls_lag_1"], "value": 0.4, "low": 0.3,
             "high": 0.5},
            {"column": HOSTILE, "columns": [HOSTILE], "value": 0.1, "low": None, "high": None},
            {"column": "noise", "columns": ["noise"], "value": -0.02, "low": -0.03, "high": -0.01},
        ],
        "correlated": [{"columns": ["fee", "charges"], "value": 0.2, "low": 0.1, "high": 0.3}],
        "curves": [
            {"column": "calls", "kind": "number", "at": [1, 2, 5],
             "lines": [{"of": None, "mean": [0.1, 0.2, 0.4], "low": [0, 0.1, 0.2],
                        "high": [0.2, 0.4, 0.6]}],
             "edges": [1, 3, 5], "counts": [10, 4]},
            {"column": HOSTILE, "kind": "category", "at": [HOSTILE, None, "a long level's name"],
             "lines": [{"of": None, "mean": [0.1, 0.2, 0.2], "low": [0, 0.1, 0.1],
                        "high": [0.2, 0.4, 0.3]}],
             "shares": [0.5, 0.3, 0.2]},
            {"column": "since", "kind": "date",
             "at": ["2025-01-01T00:00:00", "2026-01-01T00:00:00"],
             "lines": [{"of": "a", "mean": [0.1, 0.2]}, {"of": "b", "mean": [0.9, 0.8]}],
             "edges": ["2025-01-01T00:00:00", "2026-01-01T00:00:00"], "counts": [3]},
        ],
        "worst": {
            "among": 2000, "wrong": 120, "unit": "log loss", "base": 0.09,
            "rows": [
                {"row": 7, "key": {"id": HOSTILE}, "file": "a.csv", "line": 9, "truth": "yes",
                 "prediction": "no", "score": 0.01, "loss": 4.6,
                 "reasons": [{"column": "calls", "value": 3, "effect": -0.2,
                              "words": f"calls={HOSTILE} (-0.2)"}]},
                {"row": 8, "key": {}, "file": None, "line": None, "truth": "yes",
                 "prediction": "no", "score": 0.02, "loss": 3.9},
            ],
        },
        "warnings": ["no curve of x: the model cannot take these rows"],
        **changed,
    }  # fmt: skip


def section(**changed: Any) -> str:
    html = page({**documents.document(), "explain": report(**changed)})
    found = re.search(r'<section id="explain">.*?</section>', html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", found[0]) if found else ""


def test_everything_is_said() -> None:
    html = section()
    assert "How much worse average_precision gets" in html
    assert "2,000 rows of 5,000" in html
    assert "with 1 column made of it" in html
    assert "fee + charges" in html
    assert html.count("<svg") == 3
    assert "The worst 2 rows" in html
    assert "of 120 wrong ones among 2,000, by log loss" in html
    assert "a.csv:9" in html
    assert "row 8" in html
    assert "no curve of x" in html
    assert "fitted on these rows too" not in html
    assert "fitted on these rows too" in section(seen=True)


def test_names_and_values_are_text() -> None:
    html = section()
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 5
    assert "alert(&#34;x&#34;)" in html


def test_bars_start_at_nought_and_share_their_scale() -> None:
    first, second, below = explained(report())["importance"]
    (nought,) = first["reach"]["marks"]
    assert first["bar"]["low"] == second["bar"]["low"] == nought
    assert first["bar"]["width"] == pytest.approx(4 * second["bar"]["width"], abs=0.05)
    assert first["reach"]["width"] == pytest.approx(first["bar"]["width"] / 2, abs=0.05)
    assert second["reach"]["width"] == 0
    assert below["bar"]["low"] + below["bar"]["width"] == pytest.approx(nought, abs=0.02)


def test_numbers_have_no_score_and_many_columns_are_counted() -> None:
    many = [{"column": f"c{n}", "columns": [f"c{n}"], "value": 1 / (n + 1)} for n in range(33)]
    worst = {**report()["worst"], "wrong": None, "unit": "absolute error"}
    html = section(importance=many, worst=worst)
    assert "and 13 columns of less importance" in html
    assert "c20" not in html
    assert '<th class="n">score</th>' not in html
    assert "of 2,000, by absolute error" in html


@pytest.mark.slow
def test_the_importance_that_training_measured_gives_way() -> None:
    document = documents.document()
    assert "<h3>Importance" in page(document)
    assert "<h3>Importance" not in page({**document, "explain": report()})
    assert "<h3>Importance" in page({**document, "explain": report(importance=[])})


@pytest.mark.parametrize("odd", [None, {}, [], "x"])
def test_where_nothing_was_explained_there_is_no_section(odd: Any) -> None:
    assert 'id="explain"' not in page({**documents.document(), "explain": odd})


def test_a_report_in_pieces_still_makes_a_page() -> None:
    curves = [{"column": "x", "kind": "number"}, {"kind": "category", "at": [], "lines": []}, 3]
    html = section(importance=[{"value": "x"}], correlated=None, curves=curves, worst=None)
    assert html
    assert "<svg" not in html


@pytest.mark.slow
def test_the_same_report_makes_the_same_figures() -> None:
    assert section() == section()
