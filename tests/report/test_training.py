"""The section on training: what is drawn, what is said, and what is left out."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mlpipe.report.page import page
from mlpipe.report.training import training
from tests.report import documents


def section(**changed: Any) -> str:
    document = documents.document()
    report = {**document["train"]["report"], **changed.pop("report", {})}
    document["train"] = {**document["train"], "report": report}
    html = page({**document, **changed})
    found = re.search(r'<section id="training">.*?</section>', html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", found[0]) if found else ""


def test_curve_and_calibration_are_drawn_in_the_colours_of_the_page() -> None:
    html = section()
    assert html.count("<svg") == 2
    assert "rows held out</text>" in html
    assert "after, off by 0.010</text>" in html
    assert "var(--accent)" in html
    assert "#1070d0" not in html


def test_bars_start_at_nought_and_share_their_scale() -> None:
    rows = training({}, documents.trained(), {})["importance"]["rows"]
    first, second, below = rows
    (nought,) = first["spread"]["marks"]
    assert first["bar"]["low"] == second["bar"]["low"] == nought
    assert below["bar"]["low"] + below["bar"]["width"] == pytest.approx(nought, abs=0.02)
    assert first["bar"]["width"] == pytest.approx(4 * second["bar"]["width"], abs=0.05)
    assert first["spread"]["width"] == pytest.approx(first["bar"]["width"] / 4, abs=0.05)
    assert (first["others"], second["others"]) == (["calls_lag1"], [])


def test_the_least_important_columns_are_counted() -> None:
    many = [{"column": f"c{n}", "value": 1 / (n + 1), "std": 0.0} for n in range(33)]
    html = section(report={"importance": many})
    assert "c19" in html
    assert "c20" not in html
    assert "and 13 columns of less importance" in html


def test_a_graph_that_was_left_out_says_why() -> None:
    html = section(parity={"kept": False, "why": "SVC has no converter <b>"})
    assert "ONNX <b>left out</b>" in html
    assert "not kept as ONNX: SVC has no converter &lt;b&gt;." in html
    assert "largest difference" not in html
    assert "ONNX" not in section(parity=None)


def test_what_was_not_asked_for_is_not_there() -> None:
    html = section(report={"learning_curve": None, "importance": [], "calibration": None})
    assert "<svg" not in html
    assert "Importance" not in html
    assert "calibrated <b>" not in html


def test_calibration_on_its_own_rows_is_said() -> None:
    report = documents.trained()["calibration"]
    assert "the very rows" not in section()
    assert "the very rows" in section(report={"calibration": {**report, "crossed": False}})


def test_margins_have_no_before() -> None:
    report = {**documents.trained()["calibration"], "before": None}
    html = section(report={"calibration": report})
    assert "before, off by" not in html
    assert "after, off by" in html


def test_an_undefined_share_is_left_out_of_the_curve() -> None:
    curve = documents.trained()["learning_curve"]
    curve["points"][0]["held_out"] = {"mean": None, "std": None, "folds": [None, None]}
    assert section(report={"learning_curve": curve}).count("<svg") == 2


def test_a_run_that_trained_nothing_has_no_section() -> None:
    assert training({}, {}, {})["any"] is False
    html = page({**documents.document(), "train": None, "parity": None})
    assert '<section id="training">' not in html
