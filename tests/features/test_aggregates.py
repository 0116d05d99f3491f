"""Aggregates against plain Python, and the promise that they never look ahead."""

import math
import statistics

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mlpipe.errors import DataError
from mlpipe.features.aggregates import (
    add_aggregates,
    dated,
    keep_events,
    known_reads,
    merged,
    refuse_older,
)
from mlpipe.features.aggregates import columns as formulas
from mlpipe.features.aggregates.word import Aggregate, statistic
from mlpipe.featurize.related import aggregate_blocks
from mlpipe.featurize.spec import Featurize
from mlpipe.table.columns import Columns
from mlpipe.table.duration import parse
from mlpipe.table.session import Session

COLUMNS = Columns.read({"time": "at", "target": "left"})
START = pd.Timestamp("2024-01-01")
VALUES = {
    "n": "count",
    "with_amount": "count(amount)",
    "total": "sum(amount)",
    "average": "mean(amount)",
    "spread": "std(amount)",
    "low": "min(amount)",
    "high": "max(amount)",
    "recent": "last(amount)",
    "kinds": "distinct(kind)",
    "recent_kind": "last(kind)",
    "days": "since_last",
}
SLOW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    database=None,
)
HOURS = st.integers(0, 24 * 8)
KEYS = st.sampled_from([1, 2, None])
EVENTS = st.lists(
    st.tuples(
        KEYS,
        HOURS,
        st.sampled_from([None, 1.0, 2.5, -3.0, 7.0]),
        st.sampled_from([None, "call", "visit"]),
    ),
    max_size=30,
)
ROWS = st.lists(st.tuples(KEYS, HOURS), min_size=1, max_size=12)


def spec_of(windows=("2d", "5d"), values=VALUES, **more):
    word = {"from": "events", "by": "customer", "time": "when", "values": values, **more}
    return Featurize.read(
        [{"aggregate": word if windows is None else {**word, "windows": list(windows)}}]
    )


def events_of(events):
    return pd.DataFrame(
        {
            "customer": pd.array([key for key, *_ in events], dtype="Int64"),
            "when": pd.to_datetime([START + pd.Timedelta(hours=hour) for _, hour, *_ in events]),
            "amount": pd.array([amount for *_, amount, _ in events], dtype="float64"),
            "kind": pd.Series([kind for *_, kind in events], dtype="str"),
        }
    )


def rows_of(rows):
    return pd.DataFrame(
        {
            "_row": range(len(rows)),
            "customer": pd.array([key for key, _ in rows], dtype="Int64"),
            "at": pd.to_datetime([START + pd.Timedelta(hours=hour) for _, hour in rows]),
        }
    )


def made(session, rows, events, spec, columns=COLUMNS):
    events = session.frame(events) if isinstance(events, pd.DataFrame) else events
    table, related = session.frame(rows), {"events": events}
    blocks = aggregate_blocks(spec, columns, table, related)
    found = add_aggregates(blocks, table, related, columns, session)
    return session.pandas(found.order_by("_row"))


def expected(row, events, window, text):
    """What the documentation says, row by row."""
    mine = events[(events.customer == row.customer).fillna(False) & (events.when < row["at"])]
    if window:
        mine = mine[mine.when >= row["at"] - parse(window)]
    does, column = statistic(text)
    if does == "since_last":
        return (row["at"] - mine.when.max()) / pd.Timedelta("1D") if len(mine) else None
    if column is None:
        return len(mine)
    mine = mine[mine[column].notna()].sort_values(["when", column])
    values = mine[column].tolist()
    if does in {"count", "distinct"}:
        return len(values) if does == "count" else len(set(values))
    if not values or (does == "std" and len(values) < 2):
        return None
    of = {
        "sum": math.fsum,
        "mean": statistics.fmean,
        "std": statistics.stdev,
        "min": min,
        "max": max,
        "last": lambda found: found[-1],
    }
    return of[does](values)


def same(left, right):
    if pd.isna(left) or right is None:
        return bool(pd.isna(left)) and right is None
    if isinstance(right, str):
        return left == right
    return math.isclose(left, right, rel_tol=1e-12, abs_tol=1e-12)


@pytest.mark.slow
@SLOW
@given(rows=ROWS, events=EVENTS, windows=st.sampled_from([("2d", "5d"), None]))
def test_every_statistic_is_what_plain_python_says(session, rows, events, windows):
    rows, events = rows_of(rows), events_of(events)
    found = made(session, rows, events, spec_of(windows))
    for window in windows or (None,):
        for value, text in VALUES.items():
            name = "_".join(filter(None, ("events", value, window)))
            for (_, row), got in zip(rows.iterrows(), found[name], strict=True):
                assert same(got, expected(row, events, window, text)), (name, row, got)


def _only_earlier(session, rows, events, later):
    """Whether events at or after the last row's time change anything of it."""
    rows, now = rows_of(rows), max(hour for _, hour in rows)
    before = [event for event in events if event[1] < now]
    added = [(key, now + hour, amount, kind) for key, hour, amount, kind in later]
    one = made(session, rows, events_of(before), spec_of())
    two = made(session, rows, events_of([*before, *added]), spec_of())
    at_end = rows["at"] == rows["at"].max()
    return one[at_end].equals(two[at_end])


@pytest.mark.slow
@SLOW
@given(rows=ROWS, events=EVENTS, later=EVENTS)
def test_events_at_or_after_the_time_of_a_row_change_nothing(session, rows, events, later):
    assert _only_earlier(session, rows, events, later)


def test_a_window_that_peeks_is_caught(session, monkeypatch):
    """The property above does tell a window that ends at the row itself."""
    asked = ([(1, 24)], [(1, 3, 1.0, "call")], [(1, 0, 2.0, "visit")])
    assert _only_earlier(session, *asked)
    real = Session.copy

    def peeking(self, query, path, **options):
        changed = query.replace("AND 1 PRECEDING", "AND 1 FOLLOWING")
        return real(self, changed, path, **options)

    monkeypatch.setattr(Session, "copy", peeking)
    assert not _only_earlier(session, *asked)


def test_the_ends_of_a_window(session):
    """An event of the very moment is out, one as old as the window is long is in."""
    rows = rows_of([(1, 48)])
    events = events_of([(1, 48, 1.0, None), (1, 0, 1.0, None)])
    found = made(session, rows, events, spec_of(["2d"], {"n": "count"}))
    assert found["events_n_2d"].tolist() == [1.0]
    late = events.assign(when=events.when - pd.Timedelta(microseconds=1))
    found = made(session, rows, late, spec_of(["2d"], {"n": "count"}))
    assert found["events_n_2d"].tolist() == [1.0]


def test_the_last_of_one_moment_does_not_depend_on_the_order_of_the_file(session):
    rows = rows_of([(1, 5)])
    events = events_of([(1, 3, 2.0, "b"), (1, 3, 9.0, None), (1, 3, None, "a"), (1, 1, 99.0, "z")])
    for order in (events, events.iloc[::-1]):
        found = made(session, rows, order, spec_of(None))
        assert found["events_recent"].tolist() == [9.0]
        assert found["events_recent_kind"].tolist() == ["b"]


@pytest.mark.slow
@SLOW
@given(rows=ROWS, events=EVENTS, new=EVENTS, windows=st.sampled_from([("2d", "5d"), None]))
def test_one_new_row_gets_what_it_would_get_among_all(
    session, tmp_path_factory, rows, events, new, windows
):
    rows, spec = rows_of(rows), spec_of(windows)
    now = (rows["at"].max() - START) // pd.Timedelta(hours=1)
    new = [(key, now + hour, amount, kind) for key, hour, amount, kind in new]
    asked = rows_of([*zip(rows.customer, [now] * len(rows), strict=True), (1, now + 30)])
    bulk = made(session, asked, events_of([*events, *new]), spec)
    table, related = session.frame(rows), {"events": session.frame(events_of(events))}
    blocks = dated(aggregate_blocks(spec, COLUMNS, table, related), table, COLUMNS, session)
    path = tmp_path_factory.mktemp("state") / "events.parquet"
    session.write(keep_events(blocks, related, session)["events"], path)
    newer = {"events": session.frame(events_of([*events[len(events) // 2 :], *new]))}
    for at in range(len(asked)):
        one = session.frame(asked.iloc[[at]])
        refuse_older(blocks, one, newer, COLUMNS, session)
        known = merged(blocks, {"events": path}, newer, session)
        found = session.pandas(add_aggregates(blocks, one, known, COLUMNS, session))
        for name in bulk.columns:
            want = bulk[name].iloc[at]
            want = None if pd.isna(want) else want
            assert (
                found[name].iloc[0] == want
                if isinstance(want, pd.Timestamp)
                else same(found[name].iloc[0], want)
            ), name


def test_an_event_that_stands_in_both_counts_once(session, tmp_path):
    spec = spec_of(None, {"n": "count"})
    rows = rows_of([(1, 50)])
    twice, once = (1, 1, 1.0, "a"), (1, 2, 1.0, "a")
    kept = events_of([twice, twice, once])
    related = {"events": session.frame(kept)}
    blocks = aggregate_blocks(spec, COLUMNS, session.frame(rows), related)
    path = tmp_path / "events.parquet"
    session.write(keep_events(blocks, related, session)["events"], path)
    given = {"events": session.frame(events_of([twice, once, once, (1, 3, None, None)]))}
    known = merged(blocks, {"events": path}, given, session)
    found = add_aggregates(blocks, session.frame(rows), known, COLUMNS, session)
    assert session.pandas(found)["events_n"].tolist() == [5.0]


def test_the_state_is_as_small_as_the_windows_allow(session):
    rows = rows_of([(1, 24 * 8)])
    related = {"events": session.frame(events_of([(1, hour, 1.0, "a") for hour in range(192)]))}
    for windows, count in ((["1d"], 24), (["1d", "3d"], 72), (None, 192)):
        spec = spec_of(windows, {"total": "sum(amount)"})
        table = session.frame(rows)
        blocks = dated(aggregate_blocks(spec, COLUMNS, table, related), table, COLUMNS, session)
        kept = session.pandas(keep_events(blocks, related, session)["events"])
        assert len(kept) == count
        assert list(kept.columns) == ["amount", "customer", "when"]


def test_rows_earlier_than_what_is_kept_are_refused(session):
    rows, spec = rows_of([(1, 100)]), spec_of(["1d"], {"n": "count"})
    events = events_of([(1, hour, 1.0, "a") for hour in range(100)])
    table, related = session.frame(rows), {"events": session.frame(events)}
    blocks = dated(aggregate_blocks(spec, COLUMNS, table, related), table, COLUMNS, session)
    early = session.frame(rows_of([(1, 100), (1, 99)]))
    with pytest.raises(DataError, match="row 1: earlier than 2024-01-05 04:00:00"):
        refuse_older(blocks, early, {}, COLUMNS, session)
    refuse_older(blocks, early, related, COLUMNS, session)
    with pytest.raises(DataError, match="row 1"):
        refuse_older(
            blocks, early, {"events": session.frame(events_of([(1, 99, 1.0, "b")]))}, COLUMNS,
            session,
        )  # fmt: skip


@pytest.mark.parametrize("zone", [None, "America/New_York"])
def test_days_are_days_and_moments_are_moments(session, zone):
    """A day without a time begins at midnight of the declared zone; an instant is an instant."""
    columns = COLUMNS.model_copy(update={"timezone": zone})
    rows = pd.DataFrame({"_row": [0], "customer": [1], "at": [pd.Timestamp("2024-05-02").date()]})
    # In New York it is still the evening before.
    clock = session.query("SELECT 1 AS customer, TIMESTAMPTZ '2024-05-02 02:00:00+00' AS \"when\"")
    found = made(session, rows, clock, spec_of(["1d"], {"n": "count"}), columns)
    assert found["events_n_1d"].tolist() == [1.0 if zone else 0.0]
    days = pd.DataFrame({"customer": [1], "when": [pd.Timestamp("2024-05-01").date()]})
    found = made(session, rows, days, spec_of(["1d"], {"n": "count"}), columns)
    assert found["events_n_1d"].tolist() == [1.0]


@pytest.mark.parametrize("zone", [None, "America/New_York"])
def test_newer_events_with_days_alone_join_those_with_a_time(session, tmp_path, zone):
    """A file whose times are all midnight is read as days; they begin in the declared zone."""
    columns = COLUMNS.model_copy(update={"timezone": zone})
    kept = session.query("SELECT 1 AS customer, TIMESTAMPTZ '2024-05-01 12:00:00+00' AS \"when\"")
    at = "TIMESTAMPTZ '2024-05-02 03:00:00+00'"
    rows = session.query(f"SELECT 0 AS _row, 1 AS customer, {at} AS at")
    blocks = aggregate_blocks(
        spec_of(None, {"n": "count", "days": "since_last"}), columns, rows, {"events": kept}
    )
    path = tmp_path / "events.parquet"
    session.write(keep_events(blocks, {"events": kept}, session)["events"], path)
    newer = session.query("SELECT 1 AS customer, DATE '2024-05-02' AS \"when\"")
    known = merged(blocks, {"events": path}, {"events": newer}, session)
    found = session.pandas(add_aggregates(blocks, rows, known, columns, session).drop("at"))
    # At three in the morning in UTC the day has begun there, and not yet in New York.
    assert found["events_n"].tolist() == [1.0 if zone else 2.0]
    assert found["events_days"].tolist() == [15 / 24 if zone else 3 / 24]


def test_a_week_over_the_change_of_clocks_is_seven_days(session):
    columns = COLUMNS.model_copy(update={"timezone": "America/New_York"})
    day = [pd.Timestamp("2024-03-14").date()]  # the clocks changed on the 10th
    rows = pd.DataFrame({"_row": [0], "customer": [1], "at": day})
    when = [pd.Timestamp("2024-03-07").date()]
    events = pd.DataFrame({"customer": [1], "when": when, "amount": [1.0], "kind": ["a"]})
    found = made(session, rows, events, spec_of(["7d"], {"n": "count"}), columns)
    assert found["events_n_7d"].tolist() == [1.0]


def test_dates_of_events_and_whole_numbers_too_large_for_floats(session):
    """Keys are compared exactly, and the first and last date come out as dates."""
    large = 2**53
    rows = rows_of([(large, 100), (large + 1, 100)])
    events = events_of([(large, 5, 1.0, "a"), (large, 7, 1.0, "a")])
    found = made(session, rows, events, spec_of(None, {"first": "min(when)", "n": "count"}))
    assert found["events_n"].tolist() == [2.0, 0.0]
    assert found["events_first"].tolist()[0] == START + pd.Timedelta(hours=5)
    assert found["events_first"].isna().tolist() == [False, True]


def test_a_key_with_a_fraction_is_no_whole_number(session, tmp_path):
    """Newer events whose keys are floats: 2.0 is 2, and 1.5 is neither 1 nor 2."""
    rows, spec = rows_of([(1, 100), (2, 100)]), spec_of(None, {"n": "count"})
    related = {"events": session.frame(events_of([(1, 5, 1.0, "a")]))}
    blocks = aggregate_blocks(spec, COLUMNS, session.frame(rows), related)
    path = tmp_path / "events.parquet"
    session.write(keep_events(blocks, related, session)["events"], path)
    newer = events_of([(1, 6, 1.0, "a")] * 3).assign(customer=[1.5, 2.0, 1.0])
    known = merged(blocks, {"events": path}, {"events": session.frame(newer)}, session)
    found = add_aggregates(blocks, session.frame(rows), known, COLUMNS, session)
    assert session.pandas(found.order_by("_row"))["events_n"].tolist() == [2.0, 1.0]


@pytest.mark.slow
def test_the_bytes_do_not_depend_on_the_threads(tmp_path):
    """Sums of floats in any order differ; many events share a moment here."""
    rows = rows_of([(number % 40, number % 180) for number in range(20_000)])
    events = events_of(
        [(number % 37, number * 7 % 170, 1 / (number + 3), "a") for number in range(30_000)]
    )
    written = set()
    for threads in (1, 2, 5):
        folder = tmp_path / str(threads)
        folder.mkdir()
        with Session(folder, threads=threads) as session:
            table, related = session.frame(rows), {"events": session.frame(events)}
            blocks = aggregate_blocks(spec_of(), COLUMNS, table, related)
            found = add_aggregates(blocks, table, related, COLUMNS, session)
            session.write(found, folder / "out.parquet")
        written.add((folder / "out.parquet").read_bytes())
    assert len(written) == 1


def test_a_source_of_another_type_is_refused(session, tmp_path):
    spec, rows = spec_of(None, {"total": "sum(amount)"}), rows_of([(1, 50)])
    related = {"events": session.frame(events_of([(1, 1, 1.0, "a")]))}
    blocks = aggregate_blocks(spec, COLUMNS, session.frame(rows), related)
    path = tmp_path / "events.parquet"
    session.write(keep_events(blocks, related, session)["events"], path)
    other = events_of([(1, 1, 1.0, "a")]).assign(amount=["much"])
    with pytest.raises(DataError) as refused:
        merged(blocks, {"events": path}, {"events": session.frame(other)}, session)
    (problem,) = refused.value.problems
    assert problem.message == "expected number in the source events, not string"
    assert problem.key == "amount"
    few = session.frame(other.drop(columns="amount"))
    with pytest.raises(DataError, match="the column is missing in the source events"):
        merged(blocks, {"events": path}, {"events": few}, session)


def test_a_row_without_a_time_is_refused(session):
    rows = rows_of([(1, 50), (1, 51)])
    rows.loc[1, "at"] = None
    with pytest.raises(DataError, match="missing in row 1; aggregates count events before it"):
        made(session, rows, events_of([(1, 1, 1.0, "a")]), spec_of())


def test_what_each_column_is_made_of(session):
    related = {"events": session.frame(events_of([(1, 1, 1.0, "a")]))}
    spec = spec_of(["2d"], {"n": "count", "total": "sum(amount)"})
    blocks = aggregate_blocks(spec, COLUMNS, session.frame(rows_of([(1, 2)])), related)
    assert known_reads(blocks) == {
        "events_n_2d": ["events.when"],
        "events_total_2d": ["events.amount"],
    }


def test_every_statistic_has_a_formula():
    from mlpipe.features.aggregates.word import STATISTICS

    assert set(formulas._SQL) == set(STATISTICS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("median(x)", "'median' is not a statistic"),
        ("sum", "'sum' is of a column"),
        ("since_last(x)", "'since_last' takes no column"),
        ("sum(x", r"'sum\(x' is not a statistic"),
    ],
)
def test_what_is_no_statistic(text, said):
    with pytest.raises(ValueError, match=said):
        statistic(text)
    with pytest.raises(ValueError, match=said):
        Aggregate.read({"from": "e", "by": "k", "time": "t", "values": {"v": text}})
