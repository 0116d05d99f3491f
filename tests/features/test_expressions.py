"""SQL of one row: what it gives, what is refused, and that one row equals bulk."""

import math

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlpipe.errors import DataError, SpecError
from mlpipe.features.computed import computed, raw_columns
from mlpipe.features.plan import FORMAT, Plan
from mlpipe.features.words import step
from mlpipe.featurize.expressions import sql_columns
from mlpipe.featurize.spec import Featurize
from mlpipe.table.columns import Columns

COLUMNS = Columns.read({"target": "churned", "entity": "plan", "time": "at"})
SLOW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
    database=None,
)
EXPRESSIONS = {
    "ratio": "charges / tenure",
    "rounded": "tenure // 3 + tenure % 3",
    "spelled": "upper(plan) || '-' || tenure",
    "late": "charges > 20 and plan = 'pro'",
    "logged": "ln(charges)",
    "month": "date_trunc('month', \"at\")",
    "again": "ratio * 2",
}


def _frame(rows):
    return pd.DataFrame(
        {
            "_row": range(len(rows)),
            "charges": pd.Series([row[0] for row in rows], dtype="float64"),
            "tenure": pd.Series([row[1] for row in rows], dtype="int64"),
            "plan": pd.Series([row[2] for row in rows], dtype="str"),
            "at": pd.Timestamp("2024-01-15")
            + pd.to_timedelta(pd.Series([row[1] for row in rows], dtype="int64"), "D"),
            "churned": pd.Series(["no"] * len(rows), dtype="str"),
        }
    )


ROWS = [(10.0, 4, "pro"), (30.0, 0, "pro"), (-1.0, 2, None), (None, 3, "basic")]


def _plan(session, expressions, frame=None):
    table = session.frame(_frame(ROWS) if frame is None else frame)
    made = sql_columns(Featurize.read([{"sql": expressions}]), COLUMNS, table, session)
    return Plan(
        format=FORMAT, task=None, timezone=None, inputs=[], look_back=[], python=[], models={},
        sql=made,
    )  # fmt: skip


def _run(session, plan, frame):
    table = computed(plan, session.frame(frame), COLUMNS, session)
    return session.pandas(table.order_by("_row"))


def _values(session, expression):
    made = _run(session, _plan(session, {"made": expression}), _frame(ROWS))["made"]
    return [None if pd.isna(value) else value for value in made]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("charges / tenure", [2.5, None, -0.5, None]),
        ("charges / nullif(tenure, 0)", [2.5, None, -0.5, None]),
        ("tenure / 0", [None] * 4),
        ("0.0 / tenure", [0.0, None, 0.0, 0.0]),
        ("ln(charges)", [math.log(10), math.log(30), None, None]),
        ("charges * 1e308 * 10", [None, None, None, None]),
        ("CAST(plan AS INTEGER)", [None] * 4),
        ("plan = 'pro' -- and nothing else", [True, True, None, False]),
        ("upper(plan)", ["PRO", "PRO", None, "BASIC"]),
        ('"at" + INTERVAL 1 DAY', [pd.Timestamp("2024-01-16") + pd.Timedelta(days=d)
                               for d in (4, 0, 2, 3)]),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_missing(session, expression, expected):
    assert _values(session, expression) == expected


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("sum(charges)", "aggregate|GROUP BY"),
        ("lag(charges) over (order by tenure)", "no subquery, window"),
        ("(select max(charges) from t)", "no subquery"),
        ("charges) , (tenure", "not one expression"),
        ("charges from read_csv('/etc/passwd')", "syntax error"),
        ("now() - \"at\"", "depends on now"),
        ("random() * charges", "depends on random"),
        ("chargs + 1", "chargs"),
        ("charges + churned", "is the target"),
        ("_row + charges", "_row"),
        ("1 + 1", "reads no column"),
        ("[charges]", "which no step takes"),
        ("\"at\" - \"at\"", "is interval, which no step takes"),
        ("charges +", "syntax error"),
        ("*", "not one expression|no subquery, window"),
        ("charges * $asof", "asof|parameter"),
    ],
)  # fmt: skip
def test_what_is_not_one_value_of_a_row_is_refused(session, expression, said):
    with pytest.raises(SpecError, match=said) as caught:
        _plan(session, {"made": expression})
    assert caught.value.problems[0].key == "featurize.0.sql.made"


@pytest.mark.parametrize("name", ["charges", "Charges", "_row", "churned", "file_index"])
def test_names_that_are_taken_are_refused(session, name):
    with pytest.raises(SpecError, match="already is a column"):
        _plan(session, {name: "tenure + 1"})


def test_the_order_of_expressions_does_not_count(session):
    written = {"b": "a + 1", "a": "c * 2", "c": "tenure"}
    plan = _plan(session, written)
    assert [column["name"] for column in plan["sql"]] == ["c", "a", "b"]
    assert plan == _plan(session, dict(sorted(written.items())))
    assert list(_run(session, plan, _frame(ROWS))["b"]) == [9.0, 1.0, 5.0, 7.0]


def test_expressions_that_rest_on_themselves_are_refused(session):
    for written in ({"a": "a + tenure"}, {"a": "b + 1", "b": "a + 1"}):
        with pytest.raises(SpecError, match="rests on itself"):
            _plan(session, written)


def test_all_problems_come_at_once(session):
    with pytest.raises(SpecError) as caught:
        _plan(session, {"a": "nowhere + 1", "b": "tenure", "c": "sum(tenure)"})
    assert [problem.key for problem in caught.value.problems] == [
        "featurize.0.sql.a",
        "featurize.0.sql.c",
    ]


def test_a_plan_from_elsewhere_is_checked_again(session):
    plan = _plan(session, {"made": "tenure + 1"})
    plan["sql"][0]["expression"] = "(SELECT max(content) FROM read_text('/etc/hostname'))"
    with pytest.raises(SpecError, match="no subquery"):
        _run(session, plan, _frame(ROWS))


@pytest.mark.slow
@SLOW
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.floats(-1e6, 1e6, allow_subnormal=False)),
            st.integers(-5, 400),
            st.sampled_from(["basic", "pro", None]),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_one_row_equals_bulk(session, rows):
    plan, frame = _plan(session, EXPRESSIONS), _frame(rows)
    bulk = _run(session, plan, frame)
    for row in range(len(frame)):
        # As a request brings it: one row, with types that its values alone have.
        brought = pd.DataFrame([{**frame.loc[row].to_dict(), "_row": 0}])
        one = _run(session, plan, brought)
        for name in EXPRESSIONS:
            left, right = one.loc[0, name], bulk.loc[row, name]
            assert (pd.isna(left) and pd.isna(right)) or left == right, name


def test_whole_numbers_may_come_as_floats_and_fractions_are_refused(session):
    plan, frame = _plan(session, {"made": "tenure % 2"}), _frame(ROWS)
    whole = _run(session, plan, frame.assign(tenure=[3.0, None, 2.0, 5.0]))
    assert [None if pd.isna(one) else one for one in whole["made"]] == [1.0, None, 0.0, 1.0]
    with pytest.raises(DataError, match=r"tenure: expected whole numbers; row 1 has a fraction"):
        _run(session, plan, frame.assign(tenure=[3.0, 2.5, 2.0, 5.0]))


def test_a_missing_column_is_said(session):
    plan = _plan(session, {"made": "tenure + 1"})
    with pytest.raises(DataError, match="tenure: the column is missing; an expression reads it"):
        _run(session, plan, _frame(ROWS).drop(columns="tenure"))


def test_lineage_leads_to_the_raw_columns(session):
    plan = _plan(session, {"ratio": "charges / tenure", "more": "ratio + tenure"})
    plan["look_back"] = step({"lag": 1}).columns("more", "number", None)
    plan["inputs"] = [
        {"name": name, "kind": "number", "type": ""}
        for name in ("tenure", "ratio", "more", "more_lag_1")
    ]
    assert raw_columns(plan) == {
        "tenure": ["tenure"],
        "ratio": ["charges", "tenure"],
        "more": ["tenure", "charges"],
        "more_lag_1": ["tenure", "charges"],
    }


def test_the_past_of_an_expression(session):
    frame = _frame([(10.0, 1, "pro"), (20.0, 4, "pro"), (30.0, 6, "pro")])
    plan = _plan(session, {"ratio": "charges / tenure"}, frame)
    plan["look_back"] = step({"lag": 1}).columns("ratio", "number", None)
    assert list(_run(session, plan, frame)["ratio_lag_1"])[1:] == [10.0, 5.0]
