import pandas as pd
import pytest

from mlpipe.checks.words import Rows
from mlpipe.table.columns import Columns
from mlpipe.validate.current import validate_current
from mlpipe.validate.spec import Validate

ROLES = Columns.read({"key": "id", "time": "at", "target": "left"})
ROWS = {
    "_row": range(4),
    "id": ["a", "b", "c", "d"],
    "age": [20, 30, 15, 40],
    "plan": ["pro", "pro", "basic", None],
}


@pytest.fixture
def check(session):
    def of(section, data=None, **given):
        table = session.frame(pd.DataFrame({**ROWS, **(data or {})}))
        return validate_current(Validate.read(section), ROLES, table, session, **given)

    return of


def entries(report, status="failed"):
    found = report["checks"]
    return [(each["column"], each["check"]) for each in found if each["status"] == status]


def test_the_same_checks_with_the_same_keys_and_examples_as_validate(check, session):
    from mlpipe.validate.stage import validate

    section = {
        "columns": {"age": [{"min": 18}, {"max": 99, "severity": "warn"}], "plan": {"in": ["pro"]}},
        "checks": [{"expression": "age < 40"}, {"unique": ["plan"]}],
        "doctor": False,
    }
    report = check(section)
    table = session.frame(pd.DataFrame(ROWS))
    whole = validate(Validate.read(section), ROLES, table, session)["report"]
    assert report["checks"] == [each for each in whole["checks"] if each["key"]]
    assert (report["status"], report["left_out"]) == ("failed", [])
    assert entries(report) == [
        ("age", "min"), ("plan", "in"), (None, "expression"), (None, "unique"),
    ]  # fmt: skip


def test_a_column_that_is_gone_or_of_another_type_fails_and_the_rest_is_still_checked(check):
    section = {
        "columns": {"gone": {"min": 0}, "plan": {"min": 3}, "age": {"min": 18}},
        "checks": [{"expression": "gone > 1", "severity": "warn"}],
    }
    report = check(section)
    told = {each["key"]: (each["status"], each["check"], each["message"]) for each in
            report["checks"]}  # fmt: skip
    assert told["validate.columns.gone"] == (
        "failed", "missing", "gone: column 'gone' is not in the table",
    )  # fmt: skip
    assert told["validate.columns.plan"][:2] == ("failed", "type")
    assert "the column is of type string" in told["validate.columns.plan"][2]
    assert told["validate.checks[0]"][:2] == ("warned", "expression")
    assert told["validate.columns.age.min"][0] == "failed"


TARGET = {
    "columns": {"left": {"in": ["yes", "no"], "nullable": False, "shares": {"yes": {"max": 0.1}}}},
    "checks": [{"expression": "left <> 'maybe' or age > 18"}],
    "doctor": True,
}


def test_without_labels_nothing_is_asked_of_them_and_that_is_said(check):
    report = check(TARGET)
    assert (report["checks"], report["status"]) == ([], "passed")
    assert report["left_out"] == [
        {"check": "doctor", "why": "it looks for leaks between the parts of training"},
        {"check": "left", "why": "the labels are not there"},
        {"check": "validate.checks[0] (expression)", "why": "the labels are not there"},
    ]


def test_of_labels_that_came_each_is_checked_and_their_balance_is_not(check):
    report = check(TARGET, {"left": ["yes", "yes", "maybe", None]})
    assert entries(report) == [("left", "in"), (None, "expression")]
    assert report["checks"][0]["rows"] == 3, "a label that has not come is no row"
    assert [each["check"] for each in report["left_out"]] == [
        "doctor", "left.nullable", "left.shares",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        ((), [("age", "min"), ("plan", "in"), (None, "unique")]),
        (("unique",), [("age", "min"), ("plan", "in")]),
        (("plan",), [("age", "min"), (None, "unique")]),
        (("AGE.min", "in"), [(None, "unique")]),
        (("age.max",), [("age", "min"), ("plan", "in"), (None, "unique")]),
    ],
)
def test_what_is_ignored_is_not_asked(check, ignore, left):
    section = {
        "columns": {"age": {"min": 18}, "plan": {"in": ["pro"]}},
        "checks": [{"unique": ["plan"]}],
    }
    assert entries(check(section, ignore=ignore)) == left


def test_how_many_rows_training_needs_is_not_asked_of_a_night(check):
    report = check({"checks": [{"rows": {"min": 9}}]})
    assert report["checks"] == []
    assert report["left_out"][-1] == {
        "check": "validate.checks[0] (rows)",
        "why": "it counts the rows of training; monitor.checks.rows counts these",
    }


@pytest.mark.parametrize(
    ("count", "status", "message"),
    [
        ({"min": 5}, "failed", "the table has 4 rows; expected at least 5"),
        ({"min": 1, "max": 3}, "failed", "the table has 4 rows; expected at least 1 and at most 3"),
        ({"max": 3, "severity": "warn"}, "warned", "the table has 4 rows; expected at most 3"),
        ({"min": 4, "max": 4}, "passed", ""),
        ({"min": 3, "when": "age > 18"}, "passed", ""),
        ({"min": 3, "when": "agee > 18"}, "failed", "column 'agee' is not in the table"),
    ],
)
def test_how_many_rows_a_night_has_is_asked_on_its_own(check, count, status, message):
    """A file that was cut off, or written twice, is one of another size."""
    section = {"columns": {"age": {"min": 0}}, "checks": [{"rows": {"min": 9}}]}
    report = check(section, count=Rows.read(count))
    first, other = report["checks"] if status != "failed" else sorted(
        report["checks"], key=lambda each: each["check"] != "rows"
    )  # fmt: skip
    assert (first["key"], first["check"]) == ("monitor.checks.rows", "rows")
    assert (first["status"], first["message"]) == (status, message)
    assert other["status"] == "passed", "what else is asked stays"
    assert report["status"] == status


def test_a_reference_to_a_source_that_is_not_here_is_left_out(check):
    section = {"checks": [{"references": {"columns": ["plan"], "source": "plans", "to": ["plan"]}}]}
    assert check(section)["left_out"][-1] == {
        "check": "validate.checks[0] (references)",
        "why": "the source plans is not among the current data",
    }
    known = {("plans", ("plan",)): "SELECT 'pro' AS plan"}
    assert entries(check(section, references=known)) == [(None, "references")]


def test_what_a_log_does_not_hold_is_left_out(check):
    section = {
        "columns": {"gone": {"min": 0}, "age": {"min": 18}},
        "checks": [{"unique": ["gone"]}],
    }
    report = check(section, partial=True)
    assert entries(report) == [("age", "min")]
    why = "the rows of the log do not hold the column"
    assert report["left_out"][1:] == [
        {"check": "gone", "why": why}, {"check": "validate.checks[0] (unique)", "why": why},
    ]  # fmt: skip
