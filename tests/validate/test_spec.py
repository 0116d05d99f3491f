import pytest
from pydantic import ValidationError

from mlpipe.checks.words import Expression, Unique
from mlpipe.validate.spec import Validate


def test_the_section_of_the_design_is_read():
    spec = Validate.read(
        {
            "columns": {
                "tenure": {"type": "integer", "min": 0, "max": 600},
                "plan": {"in": ["basic", "plus", "pro"]},
                "email": {"matches": "^[^@]+@[^@]+$", "mostly": 0.99, "severity": "warn"},
            },
            "checks": [
                {"rows": {"min": 1000}},
                {"expression": "calls <= minutes", "mostly": 0.999},
            ],
        }
    )
    assert spec.columns["plan"].in_ == ("basic", "plus", "pro")
    assert spec.checks[1] == Expression(sql="calls <= minutes", mostly=0.999)


def test_options_may_stand_below_or_beside_a_word():
    beside = Validate.read({"checks": [{"unique": ["a", "b"], "severity": "warn"}]})
    below = Validate.read({"checks": [{"unique": {"columns": ["a", "b"], "severity": "warn"}}]})
    assert beside == below
    assert beside.checks == (Unique(columns=("a", "b"), severity="warn"),)


def test_what_is_written_is_read_back():
    spec = Validate.read(
        {"columns": {"a": {"in": [1, 2]}}, "checks": [{"rows": {"max": 3}}], "schema": "exact"}
    )
    assert Validate.read(spec.model_dump(mode="json")) == spec


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"columns": {"a": {"min": 3, "max": 2}}}, "leave no value"),
        ({"checks": [{"rows": {"min": 10, "max": 5}}]}, "leave no value"),
        ({"columns": {"a": {"min": 3, "max": "2026-01-01"}}}, "leave no value"),
        ({"columns": {"a": {"in": []}}}, "at least 1"),
        ({"columns": {"a": {"mostly": 0}}}, "greater than 0"),
        ({"columns": {"a": {"minimum": 0}}}, "Extra inputs"),
        ({"checks": [{"rows": {}}]}, "a min or a max"),
        ({"checks": [{"row": {"min": 1}}]}, "'row' is not known"),
        ({"checks": [{"rows": {"min": 1}, "unique": ["a"]}]}, "nothing beside it"),
        ({"checks": [{"expression": "a <"}]}, "not a SQL expression"),
    ],
)
def test_a_section_that_cannot_be_meant_is_refused(section, said):
    with pytest.raises(ValidationError, match=said):
        Validate.read(section)


def test_the_schema_for_editors_knows_both_ways_of_writing():
    schema = Validate.model_json_schema()
    choices = schema["properties"]["checks"]["items"]["anyOf"]
    expression = next(each for each in choices if "expression" in each.get("properties", {}))
    assert set(expression["properties"]) == {"expression", "mostly", "severity", "when", "message"}
