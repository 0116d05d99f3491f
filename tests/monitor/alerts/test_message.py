"""What a webhook is told."""

import json

import pytest

from mlpipe.monitor.alerts.message import message, wanted
from tests.monitor.alerts.reports import REPORT, report

ABOUT = {
    "pipeline": "churn", "model": "churn@3", "run": "churn/0007-3f9a", "as_of": "2026-11-26",
    "page": "runs/churn/0007-3f9a/report.html",
}  # fmt: skip


def test_it_is_small_and_plain_json() -> None:
    told = message(report(), **ABOUT)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["schema_version"] == 1
    assert (told["status"], told["silenced"], told["more"]) == ("alert", 0, 0)
    assert told["alerts"][0]["what"] == "quality.roc_auc"
    assert told["text"].splitlines()[0] == "churn: monitor alert on 2026-11-26 (churn@3)"
    assert told["text"].splitlines()[-1] == "run churn/0007-3f9a, runs/churn/0007-3f9a/report.html"


def test_the_same_has_the_same_id() -> None:
    assert message(report(), **ABOUT)["id"] == message(report(), **ABOUT)["id"]
    later = {**ABOUT, "as_of": "2026-11-27"}
    assert message(report(), **later)["id"] != message(report(), **ABOUT)["id"]


def test_a_wide_table_makes_no_long_message() -> None:
    rows = [{**REPORT["drift"][1], "column": f"c{at}", "words": "x" * 2000} for at in range(300)]
    told = message(report(drift=rows), **ABOUT)
    assert len(told["alerts"]) == 50
    assert told["more"] == 300 + 4 - 50
    assert len(json.dumps(told)) < 50_000


def test_no_key_of_a_row_leaves_the_machine() -> None:
    check = {
        "column": "plan", "check": "in", "status": "failed", "message": "77 values are unknown",
        "examples": [{"row": 26, "key": {"customer_id": "003355"}}],
    }  # fmt: skip
    found = report(checks=[check])
    assert found["alerts"][0]["rows"] == ["row 26 (customer_id = 003355)"]
    told = message(found, **ABOUT)
    assert told["alerts"][0]["what"] == "data.plan.in"
    assert "003355" not in json.dumps(told)


@pytest.mark.parametrize("name", ["<!channel>", "@here", "<https://evil.example|click>"])
def test_a_name_calls_nobody_and_links_to_nothing(name: str) -> None:
    told = message(report(drift=[{**REPORT["drift"][1], "column": name}]), **ABOUT)
    assert name in told["alerts"][2]["words"]  # the data is as it is
    assert name not in told["text"]


@pytest.mark.parametrize(
    ("silences", "status", "expected"),
    [
        ([], "alert", {"alert", "warn", "always"}),
        (["quality.*", "decay.*", "drift.charges", "served.*"], "warn", {"warn", "always"}),
        (["*"], "ok", {"always"}),
    ],
)
def test_who_is_told(silences: list[str], status: str, expected: set[str]) -> None:
    rows = [{"what": what, "until": "2026-12-31", "reason": "r"} for what in silences]
    found = report({"silence": rows})
    assert message(found, **ABOUT)["status"] == status
    assert {on for on in ("alert", "warn", "always") if wanted(found, on)} == expected
