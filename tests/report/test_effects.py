"""Business value and gaps between groups of monitor on the page."""

from typing import Any

import pytest

from mlpipe.report.effects import effects
from mlpipe.report.estimates import estimates
from mlpipe.report.page import page

HOSTILE = "<script>alert(1)</script>"


def row(chunk: str, value: float | None, status: str = "ok", labelled: int = 500) -> dict[str, Any]:
    ends = {"low": None, "high": None} if value is None else {"low": value - 9, "high": value + 9}
    return {
        "chunk": chunk, "rows": 500, "labelled": labelled, "value": value, **ends, "naive": 1.5,
        "status": status, "why": "" if value is not None else "f has 40 rows, fewer than 100",
    }  # fmt: skip


def measure(name: str, *rows: dict[str, Any], status: str = "ok", unit: str = "") -> dict[str, Any]:
    return {
        "key": name, "name": name, "unit": unit, "greater_is_better": True, "margin": 0.0,
        "reference": {"value": 120.0, "low": 110.0, "high": 130.0}, "status": status,
        "since": "2026-05" if status != "ok" else None, "chunks": list(rows), "notes": [],
    }  # fmt: skip


def report(*values: dict[str, Any], gaps: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {
        "status": "alert", "alerts": [], "notes": [],
        "business": {"status": "alert", "measures": list(values)},
        "fairness": {"status": "insufficient", "measures": list(gaps)},
    }  # fmt: skip


def test_a_value_stands_beside_that_of_training_and_of_a_naive_model() -> None:
    lost = measure(
        "profit", row("2026-05", 40.0, "alert"), row("2026-06", 30.0, "alert"), status="alert",
        unit="EUR a 1,000",
    )  # fmt: skip
    text = page({"title": "t", "monitor": report(lost)})
    for words in ("Business value", "EUR a 1,000, 2026-06; off since 2026-05", "21 to 39", "120",
                  "110 to 130", "1.5", "by chunk"):  # fmt: skip
        assert words in text, words
    (part,) = effects(report(lost))
    last = part["measures"][0]["last"]
    assert last["chunk"] == "2026-06"
    assert last["span"]["marks"][0] > last["span"]["low"] + last["span"]["width"]


def test_a_margin_is_said_where_there_is_one() -> None:
    value = measure("profit", row("2026-06", 100.0))
    assert "worse is still fine" not in page({"title": "t", "monitor": report(value)})
    text = page({"title": "t", "monitor": report({**value, "margin": 25.0})})
    assert "2026-06; 25 worse is still fine" in text


def test_why_a_gap_is_not_told_is_told() -> None:
    small = measure("gap across sex", row("2026-06", None, "insufficient"))
    text = page({"title": "t", "monitor": report(gaps=(small,))})
    assert "f has 40 rows, fewer than 100" in text


def test_without_labels_there_is_no_section() -> None:
    none = measure("profit", row("2026-06", None, labelled=0))
    assert effects(report(none)) == []
    assert effects({}) == []


def test_names_cannot_write_into_the_page() -> None:
    bad = measure(HOSTILE, row(HOSTILE, 40.0), row(HOSTILE, 30.0), unit=HOSTILE)
    assert HOSTILE not in page({"title": "t", "monitor": report(bad)})


@pytest.mark.parametrize(("alone", "tone"), [("ok", "warn"), ("warn", "alert")])
def test_a_truth_that_is_better_than_expected_is_no_alarm(alone: str, tone: str) -> None:
    chunk = {"chunk": "a", "status": "contradicted", "alone": alone, "value": 0.8}
    told = {"kind": "metric", "name": "auc", "notes": [], "chunks": [chunk]}
    found = estimates({"estimate": {"quantities": [told]}})
    assert found["quantities"][0]["chunks"][0]["tone"] == tone
