"""Every check, on data where it fails and on data where it does not."""

from datetime import datetime

import pytest

from mlpipe.checks.column import VALUE_CHECKS
from mlpipe.errors import SpecError

DATES = [datetime(2026, 1, 1), datetime(2026, 2, 1), None]

CASES = [
    ("type", "integer", [1, 2], 0),
    ("type", "number", [1, 2], 0),
    ("type", "string", [1, 2], 2),
    ("type", "timestamp", DATES, 0),
    ("nullable", False, ["a", None, None], 2),
    ("unique", True, [1, 1, 1, 2, None, None], 2),
    ("min", 0, [-1.5, 0.0, 3.0], 1),
    ("min", "2026-01-15", DATES, 1),
    ("max", 0.1, [0.1, 0.2, None], 1),
    ("max", 2, [float("inf"), 1.0], 1),
    ("in", ["a", "b"], ["a", "c", None, ""], 2),
    ("in", [1, 3], [1, 2, 3], 1),
    ("in", [True], [True, False, True], 1),
    ("matches", "k[0-9]{2}", ["k12", "k123", "xk12", None], 2),
    ("matches", "it's", ["it's", "its"], 1),
    ("min_length", 2, ["a", "äö", None], 1),
    ("max_length", 2, ["abc", "äö", None], 1),
]


@pytest.mark.parametrize(("check", "wanted", "values", "failing"), CASES)
def test_failing_rows_are_counted(report, check, wanted, values, failing):
    found = report({"c": values}, {"columns": {"c": {check: wanted}}})
    (result,) = [each for each in found["checks"] if each["check"] == check]
    assert result["failing"] == failing
    assert result["share"] == failing / len(values)
    assert result["status"] == ("failed" if failing else "passed")
    assert bool(result["message"]) is bool(failing)


def test_every_check_has_a_case():
    assert {case[0] for case in CASES} == set(VALUE_CHECKS)


def test_mostly_lets_a_share_fail(report):
    data = {"c": [1] * 999 + [-1]}
    lenient = report(data, {"columns": {"c": {"min": 0, "mostly": 0.999}}})
    strict = report(data, {"columns": {"c": {"min": 0, "mostly": 0.9991}}})
    assert [lenient["status"], strict["status"]] == ["passed", "failed"]


def test_severity_warn_does_not_fail(report):
    found = report({"c": [1, -1]}, {"columns": {"c": {"min": 0, "severity": "warn"}}})
    assert found["status"] == found["checks"][0]["status"] == "warned"


def test_a_wrong_type_is_all_that_is_said_of_the_values(report):
    found = report({"c": ["a", "b"]}, {"columns": {"c": {"type": "integer", "min": 0}}})
    assert [each["check"] for each in found["checks"]] == ["type"]
    assert found["checks"][0]["message"] == "c is of type string; expected integer"


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        ([1, 2], {"matches": "x"}),
        ([1, 2], {"min": "a"}),
        (["a"], {"min": 1}),
        (["a"], {"in": ["a", 1]}),
        ([1, 2], {"in": [True]}),
        (DATES, {"min": "not a date"}),
        (["a"], {"matches": "("}),
        (["a"], {"matches": "(?=a)"}),
    ],
)
def test_a_check_that_does_not_fit_its_column_is_a_mistake_of_the_spec(report, values, asked):
    with pytest.raises(SpecError, match=r"validate\.columns\.c"):
        report({"c": values}, {"columns": {"c": asked}})


def test_braces_in_the_users_own_words_stay(report):
    section = {"columns": {"c": {"in": ["{x}"], "message": "see {wiki}"}, "d": {"in": ["{y}"]}}}
    found = report({"c": ["a"], "d": ["b"]}, section)
    assert [each["message"] for each in found["checks"]] == [
        "see {wiki}",
        "d: 1 of 1 values are none of: {y}",
    ]
