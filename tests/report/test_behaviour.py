"""Behaviour tests and operational metrics on the page, in JUnit XML and in Markdown."""

from xml.etree import ElementTree as ET

import pytest

from mlpipe.report.headline import headline
from mlpipe.report.junit import junit
from mlpipe.report.markdown import markdown
from mlpipe.report.operational import operational
from mlpipe.report.page import page

HOSTILE = "<img src=x onerror=alert(1)>"


def behaviour(status, counts_as, **given):
    return {
        "gate": f"{HOSTILE} {status}", "kind": "behaviour", "test": "invariance", "part": "test",
        "status": status, "counts_as": counts_as, "severity": "error", "value": 0.9, "low": 0.86,
        "high": 0.93, "bound": ">= 0.95", "mostly": 0.95, "rows": 500, "failing": 50,
        "unchanged": 0, "why": "450 of 500 rows pass", "note": "", "method": "wilson",
        "examples": [{
            "row": 7, "key": {"id": HOSTILE}, "changed": {"plan": ["a", "b"], "gender": None},
            "before": {"prediction": "no", "score": 0.2}, "file": "a.csv", "line": 9,
            "after": {"prediction": HOSTILE, "score": 0.7},
        }],
        **given,
    }  # fmt: skip


def document(*tests, status="failed", **evaluate):
    verdict = {"status": status, "gates": [], "behaviour": list(tests)}
    return {"evaluate": {"report": {}, "verdict": verdict, **evaluate}, "title": "churn"}


def test_the_page_shows_the_share_and_the_worst_rows_as_text():
    text = page(document(behaviour("fail", "fail")))
    assert 'id="behaviour"' in text
    assert "86 % to 93 %" in text
    assert "a.csv:9 (id = &lt;img" in text
    assert "plan a → b, gender changed" in text
    assert HOSTILE not in text
    assert 'id="behaviour"' not in page({"title": "churn"})


def test_the_headline_counts_them():
    failed = headline(document(behaviour("fail", "fail"), behaviour("pass", "pass")))
    assert failed["word"] == "Failed"
    assert "fail did not hold" in failed["why"]
    passed = headline(document(behaviour("pass", "pass"), status="passed"))
    assert (passed["word"], "1 behaviour test" in passed["why"]) == ("Passed", True)


def test_each_is_a_case_of_its_own_group():
    tests = [
        behaviour("fail", "fail"),
        behaviour("inconclusive", "warn"),
        behaviour("pass", "pass"),
    ]
    steps = [{"step": "evaluate", "status": "computed", "seconds": 1.0}]
    found = {"steps": steps, "evaluate": {"gates": [], "behaviour": tests}, "title": "churn"}
    suite = ET.fromstring(junit(found)).find("testsuite")
    assert [suite.get(name) for name in ("tests", "failures", "skipped")] == ["3", "1", "1"]
    assert {case.get("classname") for case in suite} == {"evaluate.behaviour"}
    assert "no (0.2) → " in suite.find("testcase/failure").text
    assert "1 failed, 1 warned, 1 passed" in markdown(found)


MEASURED = {
    "metrics": [
        {"name": "latency_p95_ms", "unit": "ms", "description": "of one row", "value": 4.25,
         "low": 4.1, "high": 4.5, "method": "order statistics", "why": ""},
        {"name": "model_bytes", "unit": "bytes", "description": "files", "value": 2048, "low": 2048,
         "high": 2048, "method": "measured once", "why": ""},
    ],
    "machine": {"cpus": 2, "python": "3.11.7", "platform": HOSTILE, "architecture": "x86_64"},
    "asked": {"repetitions": 400, "batches": 100, "batch": 1000, "starts": 6},
    "why": "",
}  # fmt: skip


def test_the_page_says_on_which_machine_it_was_measured():
    text = page(document(operational=MEASURED))
    assert "2 CPUs, Python 3.11.7, &lt;img" in text
    assert "4.25 ms" in text
    assert "4.1 to 4.5" in text
    assert "2 KiB" in text
    assert HOSTILE not in text
    failed = page(document(operational={**MEASURED, "metrics": [], "why": "it ended early"}))
    assert "Not measured: it ended early" in failed


@pytest.mark.parametrize("given", [{}, None])
def test_nothing_measured_has_no_section(given):
    assert operational(given or {}) == {}
    assert 'id="operational"' not in page(document(operational=given))
