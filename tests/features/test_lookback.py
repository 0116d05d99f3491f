"""Look-back columns against a reference in plain Python, and the promises about time."""

import math
import statistics

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mlpipe.errors import DataError
from mlpipe.features.lookback import keep_state, look_back
from mlpipe.features.plan import FORMAT, Plan
from mlpipe.features.words import step
from mlpipe.table.columns import Columns
from mlpipe.table.duration import parse

COLUMNS = Columns.read({"entity": "who", "time": "at", "target": {"name": "demand"}})
START = pd.Timestamp("2024-01-01")
OF_ALL = ["mean", "max", "min", "sum", "std", "count", "first"]
ROLLING = [*OF_ALL, "median", "last"]
STEPS = (
    {"lag": [1, 3, "4d"]},
    {"difference": [2, "3d"]},
    {"change": [1, "5d"]},
    {"rolling": {"windows": [2, "5d"], "statistics": ROLLING}},
    {"expanding": OF_ALL},
    "since_last",
)
OF_TARGET = (
    {"lag": [1, 3, "4d"]},
    {"rolling": {"windows": [2, "9d"], "statistics": ROLLING}},
    {"expanding": OF_ALL},
    "since_last",
)
SLOW = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
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
    known = mine[(mine["at"] < now["at"]) | ((mine["at"] == now["at"]) & (mine._row < now._row))]
    rows, span, does = column["rows"], column["span"], column["does"]
    horizon = parse(column["known_after"] or "0d")
    if column["known_after"]:
        known = mine[mine["at"] <= now["at"] - horizon]
    if does in {"lag", "difference", "change"}:
        if span:
            known, rows = mine[mine["at"] <= now["at"] - max(parse(span), horizon)], 1
        earlier = known["x"].iloc[-rows] if len(known) >= rows else None
        return _against(does, now["x"], earlier)
    if does == "since_last":
        times = known["at"][known["x"].notna()]
        return (now["at"] - times.iloc[-1]) / pd.Timedelta(days=1) if len(times) else None
    if span:
        known = known[(known["at"] >= now["at"] - parse(span)) & (known["at"] < now["at"])]
    window = known["x"].iloc[-rows:] if rows else known["x"]
    return _statistic(does, [value for value in window if not pd.isna(value)])


def _against(does, value, earlier):
    if does == "lag" or pd.isna(earlier) or pd.isna(value):
        return earlier if does == "lag" else None
    if does == "difference":
        return value - earlier
    return value / earlier - 1 if earlier else None


def _statistic(does, values):
    if does == "count":
        return len(values)
    if not values or (does == "std" and len(values) < 2):
        return None
    functions = {
        "mean": statistics.fmean,
        "std": statistics.stdev,
        "median": statistics.median,
        "sum": math.fsum,
        "max": max,
        "min": min,
        "first": lambda values: values[0],
        "last": lambda values: values[-1],
    }
    return functions[does](values)


def _drawn(data, steps=STEPS, **more):
    """Draw some columns of all words and statistics: a plan with few of them runs quickly."""
    plan = _plan(steps, **more)
    chosen = data.draw(
        st.lists(
            st.sampled_from(range(len(plan["look_back"]))), min_size=1, max_size=6, unique=True
        )
    )
    return Plan(**{**plan, "look_back": [plan["look_back"][one] for one in sorted(chosen)]})


def rows(*, distinct_times=False):
    one = st.tuples(
        st.sampled_from(["a", "b"]),
        st.integers(0, 30),
        st.one_of(st.none(), st.integers(-1000, 1000).map(lambda n: n / 8)),
    )
    unique = (lambda row: row[:2]) if distinct_times else None
    return st.lists(one, min_size=2, max_size=25, unique_by=unique)


@SLOW
@given(rows=rows(), data=st.data())
def test_matches_the_documentation(session, rows, data):
    frame, plan = _frame(rows), _drawn(data)
    made = _run(session, frame, plan)
    assert list(made["_row"]) == list(range(len(rows)))
    for column in plan["look_back"]:
        for row in range(len(rows)):
            expected = _expected(frame, row, column)
            assert _same(made.loc[row, column["name"]], expected), (column["name"], row)


def _moved_by_the_future(session, frame, plan, now, run=_run):
    """Return the columns whose values before ``now`` are others when later ones are."""
    changed = frame.copy()
    # The value of a row is not in its own windows, so that of `now` may change too.
    later = changed["at"] >= now
    changed.loc[later, "x"] = 9999.0 + changed.loc[later, "_row"]
    made, other = run(session, frame, plan), run(session, changed, plan)
    # Rows of the same time see one another through the order of rows only.
    earlier = frame["at"] < now
    return [
        column["name"]
        for column in plan["look_back"]
        if not all(
            _same(left, right)
            for left, right in zip(
                made.loc[earlier, column["name"]], other.loc[earlier, column["name"]], strict=True
            )
        )
    ]


@SLOW
@given(rows=rows(), data=st.data())
def test_the_future_changes_no_earlier_feature(session, rows, data):
    now = START + pd.Timedelta(days=data.draw(st.integers(0, 30)))
    plan = _drawn(data)
    assert _moved_by_the_future(session, _frame(rows), plan, now) == []


def _peeking(session, frame, plan):
    """Look ahead: in mirrored time what comes later lies before."""
    return _run(session, frame.assign(at=START - (frame["at"] - START)), plan)


def test_looking_ahead_is_found_of_every_word_and_statistic(session):
    days = [0, 1, 3, 5, 6, 9, 10, 14, 15, 16, 20, 21]
    frame = _frame([("a", day, None if day == 5 else day / 2 + 1) for day in days])
    now = START + pd.Timedelta(days=5)
    plan = _plan()
    moved = _moved_by_the_future(session, frame, plan, now, _peeking)
    # What is counted is not changed by the property: only the one gap is filled.
    assert moved == [column["name"] for column in plan["look_back"]]


def _differing(session, frame, plan, last, state):
    """Return the columns in which the last row alone is not what it is among all rows."""
    bulk = _run(session, frame, plan)
    one = _run(session, frame[last : last + 1].assign(_row=0), plan, state=state)
    return [
        column["name"]
        for column in plan["look_back"]
        if not _close(column, one.loc[0, column["name"]], bulk.loc[last, column["name"]])
    ]


def _close(column, left, right):
    """Whether two values are the same: to rounding for what adds up, else exactly."""
    if pd.isna(left) or pd.isna(right):
        return pd.isna(left) and pd.isna(right)
    if column["does"] in {"mean", "sum", "std"}:
        # Values go to 1,000: sums that cancel out are as exact as what they are made of.
        return math.isclose(left, right, rel_tol=1e-12, abs_tol=1e-9)
    return left == right


@pytest.mark.slow
@SLOW
@given(rows=rows(distinct_times=True), data=st.data())
def test_one_row_and_the_state_equal_bulk(session, rows, data):
    plan = _drawn(data)
    frame = _frame(sorted(rows, key=lambda row: row[1]))
    for last in {len(rows) - 1, len(rows) // 2} - {0}:
        state = keep_state(plan, session.frame(frame[:last]), COLUMNS)
        assert _differing(session, frame[: last + 1], plan, last, state) == []


def test_a_row_without_the_state_is_another(session):
    frame, plan = _frame([("a", day, day / 2 + 1) for day in range(12)]), _plan()
    assert _differing(session, frame, plan, 11, None) == [
        column["name"] for column in plan["look_back"]
    ]


@SLOW
@given(rows=rows(distinct_times=True), horizon=st.integers(1, 6), data=st.data())
def test_the_target_is_known_only_after_its_horizon(session, rows, horizon, data):
    plan = _drawn(data, OF_TARGET, horizon=f"{horizon}d")
    frame = _frame(rows)
    made = _run(session, frame, plan)
    for column in plan["look_back"]:
        for row in range(len(rows)):
            expected = _expected(frame, row, column)
            assert _same(made.loc[row, column["name"]], expected), (column["name"], row)


@pytest.mark.slow
@SLOW
@given(rows=rows(distinct_times=True), horizon=st.integers(1, 6), data=st.data())
def test_the_state_holds_what_becomes_known_later(session, rows, horizon, data):
    plan = _drawn(data, OF_TARGET, horizon=f"{horizon}d")
    frame = _frame(sorted(rows, key=lambda row: row[1]))
    last = len(rows) - 1
    state = keep_state(plan, session.frame(frame[:last]), COLUMNS)
    assert _differing(session, frame, plan, last, state) == []


def test_without_the_horizon_the_target_would_be_known_too_early(session):
    frame = _frame([("a", day, day / 2 + 1) for day in range(12)])
    early, known = (_run(session, frame, _plan(OF_TARGET, horizon=one)) for one in (None, "3d"))
    young = {"x_lag_1", "x_lag_3", "x_max_2", "x_mean_9d", "x_last_9d", "x_max_all", "x_sum_all",
             "x_count_all", "x_since_last"}  # fmt: skip
    assert young <= set(early.columns)
    assert [name for name in young if _same(early.loc[11, name], known.loc[11, name])] == []


def test_the_state_is_no_larger_than_the_widest_window(session):
    frame = _frame([("a", day, day / 2) for day in range(30)] + [("b", 0, 1.0)])
    plan = _plan(({"lag": [1, 3]}, {"rolling": 2}))
    state = session.con.to_pyarrow(keep_state(plan, session.frame(frame), COLUMNS)).to_pandas()
    assert list(state["_row"]) == [27, 28, 29, 30]
    assert set(state.columns) == {"_row", "_entity", "_time", "x"}


def test_the_state_of_all_rows_is_one_row_an_entity(session):
    frame = _frame([("a", day, day / 2) for day in range(30)] + [("b", 0, 1.0)])
    plan = _plan(({"expanding": OF_ALL}, "since_last"))
    state = session.con.to_pyarrow(keep_state(plan, session.frame(frame), COLUMNS)).to_pandas()
    assert list(state["_row"]) == [29, 30]
    assert list(state["_older_rows"])[:1] == [29]
    assert pd.isna(state["_older_rows"][1])
    assert state["_older_sum_x"][0] == sum(day / 2 for day in range(29))


def test_a_history_that_is_brought_in_part_is_refused(session):
    frame, plan = _frame([("a", day, float(day)) for day in range(6)]), _plan(("expanding",))
    state = keep_state(plan, session.frame(frame), COLUMNS)
    part = frame[3:].assign(_row=range(3))
    with pytest.raises(DataError, match="row 0, 1: not later"):
        _run(session, part, plan, state=state)
    whole = _run(session, frame, plan, state=state)
    pd.testing.assert_frame_equal(whole, _run(session, frame, plan))


def test_a_change_from_nothing_is_missing(session):
    frame = _frame([("a", 1, 0.0), ("a", 2, 4.0), ("a", 3, 5.0), ("a", 4, 0.0)])
    made = _run(session, frame, _plan(({"change": 1},)))
    assert made["x_change_1"].isna().tolist() == [True, True, False, False]
    assert list(made["x_change_1"])[2:] == [0.25, -1.0]


def test_a_change_too_large_for_a_number_is_missing(session):
    frame = _frame([("a", 1, 1e-300), ("a", 2, 1e300)])
    assert _run(session, frame, _plan(({"change": 1},)))["x_change_1"].isna().all()


def test_time_since_the_last_row_with_a_value(session):
    frame = _frame([("a", 1, 1.0), ("a", 2.5, None), ("a", 4, 2.0), ("b", 9, 1.0)])
    made = _run(session, frame, _plan(("since_last",)))
    assert list(made["x_since_last"])[1:3] == [1.5, 3.0]
    assert made["x_since_last"].isna().tolist() == [True, False, False, True]


def test_a_file_stays_in_its_order(session, tmp_path):
    frame = _frame([("a", day, float(day)) for day in range(300)][::-1])
    session.write(session.frame(frame.drop(columns="_row")), tmp_path / "rows.parquet")
    table = session.positioned(tmp_path / "rows.parquet")
    made = look_back(_plan(), table, COLUMNS, session)
    session.write(made, tmp_path / "made.parquet")
    assert made.op() is session.in_order(made).op()
    read = session.pandas(session.read(tmp_path / "made.parquet"))
    pd.testing.assert_frame_equal(read, _run(session, frame, _plan()), check_dtype=False)


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
