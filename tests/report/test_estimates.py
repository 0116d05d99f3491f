"""Estimates and decay on the page, in the terminal and among the cases of CI."""

import copy
import re
from typing import Any

from mlpipe.report.estimates import estimate_lines, estimates
from mlpipe.report.page import page

HOSTILE = "<script>alert(1)</script>"


def chunk(label: str, status: str, realised: float | None = None, **given: Any) -> dict[str, Any]:
    truth = realised and {
        "value": realised, "low": realised - 0.02, "high": realised + 0.02, "labelled": 900,
        "expected": 0.81,
    }  # fmt: skip
    found = {
        "chunk": label, "rows": 1000, "value": 0.81, "low": 0.79, "high": 0.83, "status": status,
        "realised": truth or None, "off": -9.5 if realised else None,
    }  # fmt: skip
    return {**found, **given}


REPORT: dict[str, Any] = {
    "status": "alert", "rows": 3000, "exit": "fail", "notes": [],
    "quality": {
        "status": "alert", "metric": "roc_auc", "reference": {"value": 0.82}, "margin": 0.0,
        "chunks": [{"chunk": "2026-01", "value": 0.5, "naive": 0.5, "status": "alert"}],
        "notes": ["2,000 rows have no label yet"],
    },
    "estimate": {
        "status": "warn", "method": "CBPE", "assumption": "no concept drift", "notes": [],
        "outside": [{"column": "fee", "rows": 12}],
        "chunks": [{"chunk": "2026-02", "rows": 1000, "outside": 0.012}],
        "quantities": [
            {
                "name": "roc_auc", "kind": "metric", "unit": "", "status": "warn",
                "reference": {"value": 0.82}, "notes": ["2026-01 was expected to be 0.81"],
                "chunks": [chunk("2026-01", "contradicted", 0.5), chunk("2026-02", "untrusted")],
            }
        ],
    },
    "decay": {
        "status": "alert", "direction": "up", "loss": "squared error of the score",
        "since": "2026-01", "reference": 0.1, "current": 0.3, "batches": 20, "notes": [],
    },
    "multivariate": {
        "status": "alert", "area": 0.83, "p": 0.01, "notes": [],
        "carried": [{"column": "fee", "lost": 0.21}],
        "texts": [{"column": "note", "status": "ok", "area": 0.52, "p": None}],
    },
}  # fmt: skip


def test_the_page_says_the_assumption_the_truth_and_that_later_estimates_are_not_trusted() -> None:
    text = page({"title": "t", "monitor": REPORT})
    for words in (
        "CBPE: no concept drift", "contradicted", "untrusted", "-9.5", "1.2 %",
        "the squared error of the score rose in 2026-01: 0.1 at training, 0.3 since",
        "All columns together", "Told most by <b>fee</b>", "By the words of note alone: 0.52",
        "see quality and estimate and decay",
    ):  # fmt: skip
        assert words in text, words
    assert re.search(r'<svg class="panel"[^>]* aria-label="roc_auc"><desc>2 chunks', text)
    assert "realised 0.5" in text


def test_rows_apart_have_a_column_where_they_are_known() -> None:
    assert ">apart</th>" not in page({"title": "t", "monitor": REPORT})
    joint = copy.deepcopy(REPORT)
    joint["estimate"]["chunks"][0]["apart"] = 0.31
    text = page({"title": "t", "monitor": joint})
    assert ">apart</th>" in text
    assert '<td class="n" data-of="apart">31 %</td>' in text
    assert text.count('data-of="apart"') == 2  # a cell of each chunk, empty where not known


def test_one_chunk_needs_no_figure_and_nothing_watched_no_section() -> None:
    single = copy.deepcopy(REPORT)
    del single["estimate"]["quantities"][0]["chunks"][0]
    assert estimates(single)["quantities"][0]["figure"] is None
    assert estimates({"status": "ok", "drift": []}) == {}


def test_gaps_and_value_fold_but_not_where_they_warn() -> None:
    told = copy.deepcopy(REPORT)
    gap = {**told["estimate"]["quantities"][0], "kind": "fairness", "status": "ok"}
    told["estimate"]["quantities"] += [{**gap, "name": "a"}, {**gap, "name": "b", "status": "warn"}]
    found = estimates(told)
    assert [each["name"] for each in found["open"]] == ["roc_auc", "b"]
    assert [each["name"] for each in found["folded"]] == ["a"]


def test_names_are_escaped() -> None:
    hostile = copy.deepcopy(REPORT)
    hostile["estimate"]["quantities"][0] |= {"name": HOSTILE, "unit": HOSTILE, "notes": [HOSTILE]}
    hostile["estimate"]["quantities"][0]["chunks"][0]["chunk"] = HOSTILE
    hostile["decay"]["since"] = HOSTILE
    assert HOSTILE not in page({"title": "t", "monitor": hostile})


def test_the_terminal_says_the_same() -> None:
    assert estimate_lines(REPORT) == [
        "quality  roc_auc of 2026-02: estimated 0.81 (0.79 to 0.83), CBPE, not trusted",
        "2026-01 was expected to be 0.81",
        "estimates assume no concept drift, and rows inside the reference's support; outside it: "
        "1.2 %",
    ]
    joint = copy.deepcopy(REPORT)
    joint["estimate"]["chunks"][0]["apart"] = 0.31
    assert estimate_lines(joint)[-1].endswith("1.2 %; values that were never together: 31 %")
    known = copy.deepcopy(REPORT)
    del known["estimate"]["quantities"][0]["chunks"][1]
    assert estimate_lines(known)[0] == "quality  roc_auc of 2026-01: 0.5 realised, 0.81 expected"
    assert estimate_lines({}) == []
