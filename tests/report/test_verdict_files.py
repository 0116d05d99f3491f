"""What CI reads of a verdict: JUnit XML by its schema, and Markdown for a pull request."""

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from mlpipe.report.cases import suites
from mlpipe.report.champion import champion
from mlpipe.report.junit import junit
from mlpipe.report.markdown import markdown
from mlpipe.report.view import view
from tests.report.junit_schema import violations

HOSTILE = "a|b\x00\x1b[31m\ud800 <script>alert(1)</script> & ]]> `x` [l](http://e.vil)\nnext\u2028"
HOSTILE += " www.e.vil @everyone #12 ![i](//e.vil/p.png)"


def gate(status: str, counts_as: str = "", **given: Any) -> dict[str, Any]:
    found = {
        "gate": "roc_auc >= 0.75", "metric": "roc_auc", "part": "test", "slice": None,
        "status": status, "counts_as": counts_as or status, "value": 0.8, "low": 0.7, "high": 0.9,
        "bound": ">= 0.75", "why": "the bound lies within 0.7 to 0.9", "severity": "error",
    }  # fmt: skip
    return {**found, **given}


def judged(*gates: dict[str, Any], **metrics: Any) -> dict[str, Any]:
    rows = [
        {"name": "roc_auc", "value": 0.81, "low": 0.7, "high": 0.9, "baseline": 0.5,
         "champion": 0.79, "difference": {"value": 0.02, "low": 0.01, "high": 0.03}},
    ]  # fmt: skip
    told = {"model": "linear", "part": "test", "count": 1200, "baseline": "naive (prior)"}
    return {
        "title": "churn",
        "steps": [{"step": "evaluate", "status": "computed", "seconds": 2.0}],
        "evaluate": {"status": "failed", "gates": list(gates)},
        "answer": {"metrics": {**told, "champion": "churn version 3", "rows": rows, **metrics}},
    }


def test_a_gate_that_failed_only_warns_or_held_is_told_apart() -> None:
    gates = [gate("pass"), gate("inconclusive", "warn", gate="b"), gate("fail", gate="c")]
    text = junit(judged(*gates, gate("fail", "warn", gate="d")))
    assert violations(text) == []
    suite = ET.fromstring(text)[0]
    counts = {name: suite.get(name) for name in ("name", "tests", "failures", "skipped", "errors")}
    assert counts == {
        "name": "evaluate", "tests": "4", "failures": "1", "skipped": "2", "errors": "0",
    }  # fmt: skip
    assert [case.get("classname") for case in suite] == ["evaluate.gates"] * 4
    skipped = suite[1].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "0.8; the bound lies within 0.7 to 0.9"


def test_every_slice_is_a_case_of_its_own() -> None:
    name = "f1 >= 0.5 for each plan"
    slices = [gate("pass", gate=name, slice={"plan": plan}) for plan in ("pro", "plus")]
    one = gate("pass", gate="f1 >= 0.5 where plan=pro", slice={"plan": "pro"})
    twice = [gate("pass"), gate("fail")]
    found = [case.name for case in suites(judged(*slices, one, *twice))[0].cases]
    assert found == [
        "f1 >= 0.5 for each plan [plan = pro]",
        "f1 >= 0.5 for each plan [plan = plus]",
        "f1 >= 0.5 where plan=pro",
        "roc_auc >= 0.75",
        "roc_auc >= 0.75 (2)",
    ]


def test_a_step_that_stopped_is_an_error_with_its_place() -> None:
    problem = {"message": "no row has plan = 'x'", "place": "a.yaml:9:7", "key": "evaluate.gates.1"}
    document = judged() | {"problems": [{**problem, "hint": "there are: 'pro'"}]}
    document["steps"][0]["status"] = "failed"
    text = junit(document)
    assert violations(text) == []
    error = ET.fromstring(text).find("testsuite/testcase/error")
    assert error is not None
    assert error.get("message") == "no row has plan = 'x'"
    assert "hint: there are: 'pro'" in (error.text or "")


def test_the_schema_finds_what_is_wrong() -> None:
    """A negative control."""
    sound = junit(judged(gate("fail")))
    for old, new in (
        ("failure>", "failed>"),
        ('tests="1"', 'tests="2"'),
        ('tests="1"', 'tests="-1"'),
        (' classname="evaluate.gates"', ""),
        ("<testcase ", '<testcase colour="red" '),
    ):
        changed = sound.replace(old, new).replace(
            "<failure", "<failed" if "failed" in new else "<failure"
        )
        assert violations(changed), (old, new)


def test_markdown_has_the_metrics_beside_baseline_and_champion() -> None:
    text = markdown(judged(gate("fail"), gate("pass", gate="b")))
    lines = text.splitlines()
    assert lines[0] == "## ✗ churn: failed"
    assert "linear on test, 1,200 rows" in lines
    heads = "| metric | value | 95 % interval | naive (prior) | churn version 3 | better by |  |"
    assert heads in lines
    assert "| roc\\_auc | 0.81 | 0.7 to 0.9 | 0.5 | 0.79 | 0.01 to 0.03 | better |" in lines
    assert lines.index(heads) < next(at for at, line in enumerate(lines) if "1 failed" in line)
    (passed,) = [line for line in lines if line.startswith("| ✓")]
    assert "0.8; the bound lies within" in passed


def test_markdown_goes_without_a_champion() -> None:
    document = judged(gate("pass"), champion="")
    text = markdown(document)
    assert "| metric | value | 95 % interval | naive (prior) |" in text
    widths = {line.count("|") for line in text.split("\n\n")[2].splitlines()}
    assert widths == {5}


def test_many_gates_that_passed_are_folded() -> None:
    gates = [gate("pass", gate=f"g{number}") for number in range(30)]
    assert "<details><summary>30 passed</summary>" in markdown(judged(*gates))


def test_hostile_names_are_inert_in_both_files() -> None:
    row = {"name": HOSTILE, "value": 0.5, "low": 0.4, "high": 0.6, "baseline": 0.1}
    hostile = gate("fail", gate=HOSTILE, why=HOSTILE, slice={HOSTILE: HOSTILE})
    document = judged(hostile, rows=[row], model=HOSTILE, champion=HOSTILE, baseline=HOSTILE)
    document["title"] = HOSTILE
    text = markdown(document)
    assert "<script" not in text
    assert not re.search(r"://(?!&#8203;)", text)
    assert not re.search(r"www\.", text)
    assert not re.search(r"@(?!&#8203;)", text)
    assert not re.search(r"(?<!\\)[\[\]`]", text)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u2028\ud800]", text)
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables} == {5, 8}
    xml = junit(document)
    assert violations(xml) == []
    name = ET.fromstring(xml.encode())[0][0].get("name") or ""
    assert "<script>alert(1)</script>" in name
    assert "\\x00" in name


def report(low: float = 0.01, high: float = 0.03) -> dict[str, Any]:
    difference = {"name": "roc_auc", "value": 0.02, "low": low, "high": high, "why": ""}
    return {
        "parts": {"test": {"rows": 9, "metrics": [{"name": "roc_auc", "value": 0.8}]}},
        "business": [{"name": "profit", "part": "test", "per_1000": {"value": 70}}],
        "champion": {
            "words": "churn version 3",
            "notes": [],
            "left_out": {"valid": HOSTILE},
            "parts": {
                "test": {
                    "metrics": [{"name": "roc_auc", "value": 0.78, "difference": difference}],
                    "business": [{"name": "profit", "value": 50, "difference": difference}],
                }
            },
        },
    }


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(0.01, 0.03, "better"), (-0.03, -0.01, "worse"), (-0.1, 0.1, "no clear difference")],
)
def test_the_page_has_the_champion_beside_the_model(low: float, high: float, word: str) -> None:
    found = champion(report(low, high))
    (part,) = found["parts"]
    assert [(row["model"], row["value"]) for row in part["rows"]] == [(0.8, 0.78), (70, 50)]
    assert {row["told"] for row in part["rows"]} == {word}
    assert all(row["span"]["marks"] for row in part["rows"])


def test_the_section_is_escaped_and_left_out_without_a_champion() -> None:
    from mlpipe.report.page import page

    document = {"title": "churn", "evaluate": {"report": report(), "verdict": {}}}
    html = page(document)
    assert "Against the champion" in html
    assert "<script>alert(1)" not in html
    assert "not compared on valid: " in html
    document["evaluate"]["report"]["champion"] = None
    assert "Against the champion" not in page(document)
    assert view({})["champion"] == {}
