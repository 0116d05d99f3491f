"""JUnit XML and Markdown of a command, for hostile names and values too."""

import re
from xml.etree import ElementTree as ET

import pytest

from mlpipe.report.junit import junit
from mlpipe.report.markdown import markdown

HOSTILE = "a|b\x00\x1b[31m\ud800 <script>alert(1)</script> & ]]> `x` [l](u)\nnext\u2028"


def check(status, **given):
    return {
        "check": "min", "column": "charges", "key": "validate.columns.charges.min",
        "status": status, "severity": "error", "observed": -1, "expected": 0, "failing": 2,
        "share": 0.02, "message": "" if status == "passed" else "charges: 2 of 100", "examples": [],
        **given,
    }  # fmt: skip


def document(*checks, status="computed", **more):
    steps = [{"step": "validate", "status": status, "seconds": 0.5}]
    return {"title": "churn", "steps": steps, "validate": {"checks": list(checks)}, **more}


EXAMPLE = {"row": 7, "key": {"id": "k7"}, "value": -1, "file": "a.csv", "line": 9}


def test_a_case_a_check_with_failures_and_warnings_apart():
    text = junit(document(check("passed"), check("failed", examples=[EXAMPLE]), check("warned")))
    suite = ET.fromstring(text).find("testsuite")
    counts = [suite.get(name) for name in ("tests", "failures", "skipped", "errors")]
    assert counts == ["3", "1", "1", "0"]
    failure = suite.find("testcase/failure")
    assert failure.get("message") == "charges: 2 of 100"
    assert "a.csv:9 (id = k7): -1" in failure.text
    assert sum(float(case.get("time")) for case in suite) == pytest.approx(0.5, abs=1e-5)


def test_gates_are_cases_and_a_step_that_stopped_is_an_error():
    gates = [
        {"gate": "roc_auc", "counts_as": "fail", "status": "fail", "why": "0.6 is below 0.7"},
        {"gate": "brier", "counts_as": "pass", "status": "pass", "why": ""},
    ]
    steps = [{"step": "evaluate", "status": "reused", "seconds": 0}]
    suite = ET.fromstring(junit({"steps": steps, "evaluate": {"gates": gates}})).find("testsuite")
    assert (suite.get("failures"), suite.get("tests")) == ("1", "2")
    problem = {"message": "no column 'x'", "place": "a.yaml:3:1", "key": "", "hint": "name it"}
    stopped = junit(document(status="failed", problems=[problem]))
    assert ET.fromstring(stopped).find("testsuite").get("errors") == "1"
    assert "a.yaml:3:1" in stopped


def test_xml_is_well_formed_whatever_it_says():
    hostile = check("failed", column=HOSTILE, message=HOSTILE, expected=HOSTILE)
    text = junit({**document(hostile), "title": HOSTILE})
    case = ET.fromstring(text.encode("utf-8")).find("testsuite/testcase")
    assert "<script>alert(1)</script>" in case.get("name")
    assert "\\x00" in case.get("name")


def test_markdown_has_a_verdict_what_failed_and_the_rest_folded():
    text = markdown(document(check("passed"), check("failed", examples=[EXAMPLE])))
    assert text.startswith("## ✗ churn: failed")
    assert "validate: 1 failed, 1 passed" in text
    assert "a.csv:9 (id = k7): \\-1" in text
    assert text.index("2 (2.000%)") < text.index("<details><summary>1 passed</summary>")


def test_markdown_says_that_nothing_was_judged():
    assert "No step" in markdown({"title": "x", "steps": [{"step": "ingest"}]})


def test_markdown_shows_hostile_text_as_text():
    example = {"row": 1, "key": {HOSTILE: HOSTILE}, "value": HOSTILE}
    hostile = check("failed", column=HOSTILE, message=HOSTILE, examples=[example])
    text = markdown({**document(hostile), "title": HOSTILE})
    assert "<script" not in text
    assert "\x00" not in text
    assert "\u2028" not in text
    text.encode("utf-8")
    (row,) = [line for line in text.splitlines() if line.startswith("| ✗")]
    assert len(re.findall(r"(?<!\\)\|", row)) == 5
