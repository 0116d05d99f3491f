"""Look-back columns against a reference in plain Python, and the promises about time."""

import math
import statistics

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlpipe.errors import DataError
from mlpipe.features.lookback import keep_state, look_back
from mlpipe.features.plan import FORMAT, Plan
from mlpipe.features.words import step
from mlpipe.table.columns import Columns
from mlpipe.table.duration import parse

COLUMNS = Columns.read({"entity": "who", "time": "at", "target": {"name": "demand"}})
START = pd.Timestamp("2024-01-01")
EVERY = ["mean", "max", "min", "sum", "std", "count"]
STEPS = ({"lag": [1, 3, "4d"]}, {"rolling": {"windows": [2, "5d"], "statistics": EVERY}})
SLOW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
    database=None,
)


def _plan(steps=STEPS, column="x", horizon=None, kind="number"):
    made = [one for written in steps for one in step(written).columns(column, kind, horizon)]
    return Plan(
        format=FORMAT, task=None, timezone=None, inputs=[], look_back=made, python=[], models={}
    )


def _frame(rows):
    """Rows of (entity, day, value)."""
    return pd.DataFrame(
        {
            "_row": range(len(rows)),
            "who": pd.Series([who for who, _, _ in rows], dtype="str"),
            "at": pd.to_datetime([START + pd.Timedelta(days=day) for _, day, _ in rows]),
            "x": pd.Series([value for *_, value in rows], dtype="float64"),
        }
    )


def _run(session, frame, plan, columns=COLUMNS, state=None):
    made = look_back(plan, session.frame(frame), columns, session, state)
    return session.con.to_pyarrow(made.order_by("_row")).to_pandas()


def _same(left, right):
    both_missing = pd.isna(left) and pd.isna(right)
    return both_missing or math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-7)


def _expected(frame, row, column):
    """What the documentation says, row by row."""
    now = frame.loc[row]
    mine = frame[frame.who == now.who].sort_values(["at", "_row"])
    before = mine[(mine["at"] < now["at"]) | ((mine["at"] == now["at"]) & (mine._row < now._row))]
    rows, span, does = column["rows"], column["span"], column["does"]
    if does == "lag":
        if span:
            before = mine[mine["at"] <= now["at"] - parse(span)]
            rows = 1
        return before["x"].iloc[-rows] if len(before) >= rows else None
    if span:
        before = mine[(mine["at"] >= now["at"] - parse(span)) & (mine["at"] < now["at"])]
    window = before["x"].iloc[-rows:] if rows else before["x"]
    return _statistic(does, [value for value in window if not pd.isna(value)])


def _statistic(does, values):
    if does == "count":
        return len(values)
    if not values or (does == "std" and len(values) < 2):
        return None
    functions = {"mean": statistics.fmean, "std": statistics.stdev, "sum": math.fsum}
    return functions.get(does, {"max": max, "min": min}.get(does))(values)


def rows(*, distinct_times=False):
    one = st.tuples(
        st.sampled_from(["a", "b"]),
        st.integers(0, 30),
        st.one_of(st.none(), st.integers(-1000, 1000).map(lambda n: n / 8)),
    )
    unique = (lambda row: row[:2]) if distinct_times else None
    return st.lists(one, min_size=2, max_size=25, unique_by=unique)


@SLOW
@given(rows=rows())
def test_matches_the_documentation(session, rows):
    frame, plan = _frame(rows), _plan()
    made = _run(session, frame, plan)
    assert list(made["_row"]) == list(range(len(rows)))
    for column in plan["look_back"]:
        for row in range(len(rows)):
            expected = _expected(frame, row, column)
            assert _same(made.loc[row, column["name"]], expected), (column["name"], row)


@SLOW
@given(rows=rows(), data=st.data())
def test_the_future_changes_no_earlier_feature(session, rows, data):
    frame, plan = _frame(rows), _plan()
    day = data.draw(st.integers(0, 30))
    now = START + pd.Timedelta(days=day)
    changed = frame.copy()
    # The value of a row is not in its own windows, so that of `now` may change too.
    changed.loc[changed["at"] >= now, "x"] = 9999.0
    made, other = _run(session, frame, plan), _run(session, changed, plan)
    # Rows of the same time see one another through the order of rows only.
    earlier = frame["at"] < now
    for column in plan["look_back"]:
        name = column["name"]
        pairs = zip(made.loc[earlier, name], other.loc[earlier, name], strict=True)
        assert all(_same(left, right) for left, right in pairs), column["name"]


@SLOW
@given(rows=rows(distinct_times=True))
def test_one_row_and_the_state_equal_bulk(session, rows):
    plan = _plan()
    frame = _frame(sorted(rows, key=lambda row: row[1]))
    bulk = _run(session, frame, plan)
    for last in {len(rows) - 1, len(rows) // 2}:
        history, new = frame[:last], frame[last : last + 1].assign(_row=0)
        if history.empty:
            continue
        state = keep_state(plan, session.frame(history), COLUMNS)
        one = _run(session, new, plan, state=state)
        for column in plan["look_back"]:
            left, right = one.loc[0, column["name"]], bulk.loc[last, column["name"]]
            assert _same(left, right), column["name"]
            if column["does"] == "lag":
                assert (pd.isna(left) and pd.isna(right)) or left == right


@SLOW
@given(rows=rows(distinct_times=True), horizon=st.integers(1, 6))
def test_the_target_is_known_only_after_its_horizon(session, rows, horizon):
    rolling = {"windows": [2, "9d"], "statistics": ["count", "max"]}
    plan = _plan(({"lag": [1, 2]}, {"rolling": rolling}), horizon=f"{horizon}d")
    frame = _frame(rows)
    made = _run(session, frame, plan)
    for row in range(len(rows)):
        now = frame.loc[row]
        mine = frame[frame.who == now.who].sort_values("at")
        known = mine[mine["at"] <= now["at"] - pd.Timedelta(days=horizon)]
        span = known[known["at"] >= now["at"] - pd.Timedelta(days=9)]
        got = made.loc[row]
        assert _same(got["x_lag_1"], known["x"].iloc[-1] if len(known) >= 1 else None)
        assert _same(got["x_lag_2"], known["x"].iloc[-2] if len(known) >= 2 else None)
        assert got["x_count_2"] == known["x"].iloc[-2:].count()
        assert _same(got["x_max_2"], known["x"].iloc[-2:].max() if len(known) else None)
        assert got["x_count_9d"] == span["x"].count()


@SLOW
@given(rows=rows(distinct_times=True), horizon=st.integers(1, 6))
def test_the_state_holds_what_becomes_known_later(session, rows, horizon):
    plan = _plan(({"lag": 2}, {"rolling": [2, "9d"]}), horizon=f"{horizon}d")
    frame = _frame(sorted(rows, key=lambda row: row[1]))
    bulk = _run(session, frame, plan)
    last = len(rows) - 1
    state = keep_state(plan, session.frame(frame[:last]), COLUMNS)
    one = _run(session, frame[last:].assign(_row=0), plan, state=state)
    for column in plan["look_back"]:
        assert _same(one.loc[0, column["name"]], bulk.loc[last, column["name"]]), column["name"]


def test_the_state_is_no_larger_than_the_widest_window(session):
    frame = _frame([("a", day, day / 2) for day in range(30)] + [("b", 0, 1.0)])
    plan = _plan(({"lag": [1, 3]}, {"rolling": 2}))
    state = session.con.to_pyarrow(keep_state(plan, session.frame(frame), COLUMNS)).to_pandas()
    assert list(state["_row"]) == [27, 28, 29, 30]
    assert set(state.columns) == {"_row", "_entity", "_time", "x"}


def test_all_rows_are_one_history_without_an_entity(session):
    frame = _frame([("a", 2, 1.0), ("b", 1, 2.0), ("a", 3, 3.0)])
    columns = Columns.read({"time": "at"})
    made = _run(session, frame, _plan(({"lag": 1},)), columns)
    assert [None if pd.isna(v) else v for v in made["x_lag_1"]] == [2.0, None, 1.0]


def test_equal_times_go_by_position(session):
    frame = _frame([("a", 1, 1.0), ("a", 1, 2.0), ("a", 1, 3.0)])
    made = _run(session, frame, _plan(({"lag": 1}, {"rolling": "5d"})))
    assert list(made["x_lag_1"])[1:] == [1.0, 2.0]
    assert made["x_mean_5d"].isna().all()


def test_difference_is_to_an_earlier_row(session):
    frame = _frame([("a", 1, 1.0), ("a", 2, 4.0), ("a", 3, 9.0)])
    made = _run(session, frame, _plan(({"difference": 1},)))
    assert list(made["x_difference_1"])[1:] == [3.0, 5.0]


def test_categories_booleans_and_dates_have_lags(session):
    frame = _frame([("a", 1, 1.0), ("a", 2, 0.0)])
    frame["word"], frame["flag"] = pd.Series(["x", "y"], dtype="str"), [True, False]
    for column, kind, expected in [
        ("word", "category", "x"),
        ("flag", "boolean", 1.0),
        ("at", "date", START + pd.Timedelta(days=1)),
    ]:
        made = _run(session, frame, _plan(({"lag": 1},), column=column, kind=kind))
        assert made.loc[1, f"{column}_lag_1"] == expected


def test_a_missing_time_is_said_with_its_row(session):
    frame = _frame([("a", 1, 1.0), ("a", 2, 2.0)])
    frame.loc[1, "at"] = pd.NaT
    with pytest.raises(DataError, match="at: missing in row 1"):
        _run(session, frame, _plan())


def test_a_missing_column_is_said(session):
    frame = _frame([("a", 1, 1.0)]).drop(columns="x")
    with pytest.raises(DataError, match="x: the column is missing"):
        _run(session, frame, _plan())


def test_the_target_may_be_missing_at_prediction(session):
    frame = _frame([("a", day, float(day)) for day in range(4)]).rename(columns={"x": "demand"})
    plan = _plan(({"lag": 1},), column="demand")
    state = keep_state(plan, session.frame(frame), COLUMNS)
    new = _frame([("a", 4, None)]).drop(columns="x")
    assert _run(session, new, plan, state=state).loc[0, "demand_lag_1"] == 3.0


def test_a_row_that_contradicts_the_state_is_refused(session):
    frame, plan = _frame([("a", day, float(day)) for day in range(4)]), _plan()
    state = keep_state(plan, session.frame(frame), COLUMNS)
    for day, value in [(3, 99.0), (2, 99.0)]:
        with pytest.raises(DataError, match="row 0: not later"):
            _run(session, _frame([("a", day, value)]), plan, state=state)


def test_rows_that_the_state_holds_too_are_taken_once(session):
    frame, plan = _frame([("a", day, float(day)) for day in range(6)]), _plan()
    state = keep_state(plan, session.frame(frame), COLUMNS)
    again = _run(session, frame, plan, state=state)
    pd.testing.assert_frame_equal(again, _run(session, frame, plan))


def test_the_state_survives_parquet(session, tmp_path):
    frame, plan = _frame([("a", day, float(day)) for day in range(6)]), _plan()
    state = keep_state(plan, session.frame(frame), COLUMNS)
    session.write(state, tmp_path / "state.parquet")
    read = session.read(tmp_path / "state.parquet")
    new = _frame([("a", 7, 1.0), ("new", 7, 1.0)])
    made, again = (_run(session, new, plan, state=one) for one in (state, read))
    pd.testing.assert_frame_equal(made, again)
    assert made.loc[0, "x_lag_1"] == 5.0
    assert pd.isna(made.loc[1, "x_lag_1"])


def test_nothing_to_look_back_at_leaves_the_table(session):
    table = session.frame(_frame([("a", 1, 1.0)]))
    plan = _plan(())
    assert look_back(plan, table, COLUMNS, session) is table
    assert keep_state(plan, table, COLUMNS) is None
