"""Names of checks that are passed over: those that name nothing are told."""

import pytest

from mlpipe.checks.words import TableCheck
from mlpipe.spec.part import Part
from mlpipe.validate.ignored import misfits
from mlpipe.validate.spec import Validate

SECTION = {
    "columns": {
        "age": {"min": 18, "severity": "warn"},
        "plan": ({"in": ["a"]}, {"matches": "a", "when": "age > 3"}),
    },
    "checks": ({"unique": ["plan"]}, {"freshness": "3d"}),
}


class OfSource(Part):
    checks: tuple[TableCheck, ...]


def told(*names, section=SECTION, time="day"):
    of_sources = OfSource.read({"checks": [{"monotone": "at"}]}).checks
    return list(misfits(names, Validate.read(section), time, of_sources))


@pytest.mark.parametrize(
    "name",
    ["age", "AGE.Min", "min", "plan", "plan.in", "in", "plan.matches", "age.missing", "type",
     "unique", "freshness", "day", "day.freshness", "at", "at.monotone"],
)  # fmt: skip
def test_what_a_check_is_called_by_is_a_name(name):
    assert told(name) == []


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("agee", "did you mean 'age'?"),
        ("plan.inn", "did you mean 'plan.in'?"),
        ("age.max", "did you mean 'age.min'?"),  # nobody asks it
        ("uniqe", "did you mean 'unique'?"),
        ("severity", "there are: age, age.min"),  # goes with a check, and is none
        ("zzzz", "there are: age, age.min"),
    ],
)
def test_a_name_of_nothing_is_told_with_the_nearest(name, hint):
    ((place, message, said),) = told("age", name)
    assert (place, message) == (1, f"no check has the name '{name}'")
    assert said.startswith(hint)


def test_where_any_further_column_is_a_finding_any_name_may_be_one():
    assert told("zzzz", section={**SECTION, "schema": "exact"}) == []
    assert told("zzzz", section={}, time=None) != []
