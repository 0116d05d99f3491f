import pytest
from pydantic_core import PydanticCustomError

from mlpipe.checks.expression import parse


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("calls <= minutes", ("calls", "minutes")),
        ("lower(plan) = 'pro' AND fee::int > 3", ("fee", "plan")),
        ("a not in (1, 2) or b is null", ("a", "b")),
        ("case when a > 1 then b else false end", ("a", "b")),
        ("ends > date '2020-01-01' + interval 3 day", ("ends",)),
        ("date_diff('day', a, b) between 0 and 30", ("a", "b")),
        ('"Odd ""Name" > 1', ('Odd "Name',)),
        ("a like 'x%' -- a remark", ("a",)),
    ],
)
def test_conditions_over_columns_pass(text, columns):
    assert parse(text).columns == columns


def test_columns_are_quoted_and_remarks_dropped():
    assert parse("select_ > 1 /* why */").sql == '"select_" > 1'


@pytest.mark.parametrize(
    "text",
    [
        "a in (select 1)",
        "exists(select 1)",
        "a > 1; drop table t",
        "count(a) > 1",
        "sum(a) over () > 1",
        "read_csv('x') = 1",
        "getenv('HOME') = a",
        "a > random()",
        "current_date > a",
        "columns(*) > 1",
        "t.a > 1",
        "a = $x",
        "a = ?",
        "*",
        "select 1",
        "insert into t values (1)",
        "",
        "a" + " + a" * 6000,
        "(" * 3000 + "a" + ")" * 3000,
    ],
)
def test_all_else_is_refused(text):
    with pytest.raises(PydanticCustomError):
        parse(text)


def test_a_misspelt_function_gets_a_hint():
    with pytest.raises(PydanticCustomError) as caught:
        parse("lowr(a) = 'x'")
    assert "did you mean 'lower'?" in caught.value.context["hint"]
