"""Dates that stand for none, that lie ahead, or that pile up where nothing happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.table.session import identifier
from mlpipe.validate.doctor.days import Days, days_of, is_date
from mlpipe.validate.doctor.finding import Finding, ignoring, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlpipe.validate.doctor.column import Column
    from mlpipe.validate.doctor.rows import Rows

__all__ = ["suspicious_dates"]

DEFAULTS = (
    "0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01",
    "1970-01-01", "1980-01-01", "1999-12-31", "2000-01-01", "2099-12-31", "2100-01-01",
    "9999-12-31",
)  # fmt: skip
"""What programs write for no date: the first and last of their calendars, and round ones."""

DEFAULT_TIMES, DEFAULT_ROWS = 5, 3
SPIKE_TIMES, SPIKE_ROWS, SPIKE_PER_CENT, SPIKE_DAYS = 10, 20, 1, 30
NEW_YEAR_TIMES, NEW_YEAR_DAYS = 5, 100
AHEAD_PER_CENT = 20
"""A column of which more is ahead is meant to reach ahead: a due date."""


def suspicious_dates(rows: Rows) -> Iterator[Finding]:
    """Yield what is odd about the date columns, the time among them."""
    newest = _newest(rows)
    for column in rows.considered():
        if not is_date(column) or not len(column.levels):
            continue
        days = days_of(column)
        defaults = _defaults(days)
        if defaults:
            yield _default_dates(column, days, defaults)
        days = days.without(defaults)
        yield from _spike(column, days, hidden=rows.hides(column.name))
        yield from _new_year(column, days)
        if newest is not None and column.name != rows.roles.time:
            yield from _ahead(column, days, newest, rows.roles.time or "")
        yield from _mixed(column)


def _newest(rows: Rows) -> int | None:
    time = rows.columns.get(rows.roles.time or "")
    if time is None or not is_date(time) or not len(time.levels):
        return None
    return int(days_of(time).days[-1])


def _defaults(days: Days) -> list[int]:
    """Return the default dates with far more rows than any day within half a year of them."""
    found = []
    for text in DEFAULTS:
        day = days.number(text)
        count = days.at(day)
        if count >= DEFAULT_ROWS and count >= DEFAULT_TIMES * days.most_around(day):
            found.append(day)
    return found


def _default_dates(column: Column, days: Days, defaults: list[int]) -> Finding:
    count = sum(days.at(day) for day in defaults)
    shown = ", ".join(f"{days.text(day)} ({days.at(day):,} rows)" for day in defaults)
    name = identifier(column.name)
    first = days.text(defaults[0])
    cast = f"{name}::date" if _has_time(column) else name
    return Finding(
        "default_dates",
        (column.name,),
        f"{column.name} has dates that stand for none: {shown}, "
        f"{percent(count, days.count)} of its values",
        f"in ingest.sql: case when {cast} = '{first}' then null else {name} end as {name}",
        {"days": {days.text(day): days.at(day) for day in defaults}, "rows": count},
    )


def _spike(column: Column, days: Days, *, hidden: bool) -> Iterator[Finding]:
    if len(days.days) < SPIKE_DAYS:
        return
    place = int(days.counts.argmax())
    day, count = int(days.days[place]), int(days.counts[place])
    around = days.most_around(day)
    enough = count >= SPIKE_ROWS and count * 100 >= SPIKE_PER_CENT * days.count
    if enough and around and count >= SPIKE_TIMES * around:
        shown = "one day" if hidden else days.text(day)
        yield Finding(
            "date_spike",
            (column.name,),
            f"{column.name}: {count:,} rows ({percent(count, days.count)}) are on {shown}, "
            f"no day within half a year has more than {around:,}",
            "ask what happened on that day: an import or a default is no event",
            {"day": shown, "rows": count, "most_around": around},
        )


def _new_year(column: Column, days: Days) -> Iterator[Finding]:
    first, others = days.on_new_year()
    if len(others) < NEW_YEAR_DAYS or first < SPIKE_ROWS:
        return
    if first * len(others) > NEW_YEAR_TIMES * int(others.sum()):
        yield Finding(
            "new_year_dates",
            (column.name,),
            f"{column.name}: {first:,} of {days.count:,} rows are on a 1 January: "
            "only their year is known",
            f"take no month or day of {column.name}: date: {{parts: [year]}}",
            {"rows": first, "of": days.count},
        )


def _ahead(column: Column, days: Days, newest: int, time: str) -> Iterator[Finding]:
    ahead = int(days.counts[days.days > newest].sum())
    if 0 < ahead * 100 <= AHEAD_PER_CENT * days.count:
        yield Finding(
            "future_dates",
            (column.name,),
            f"{column.name}: {ahead:,} rows ({percent(ahead, days.count)}) are later than "
            f"{days.text(newest)}, the newest {time}",
            f"{ignoring([column.name])} if it is written later; if it is mistyped, null in "
            "ingest.sql",
            {"rows": ahead, "newest": days.text(newest)},
        )


def _has_time(column: Column) -> bool:
    from pyarrow import types

    return bool(types.is_timestamp(column.levels.type))


def _mixed(column: Column) -> Iterator[Finding]:
    """Yield a timestamp of which some rows have a time of day and some only a date."""
    if not _has_time(column):
        return
    import numpy as np

    clock = column.levels.cast("timestamp[us]").to_numpy().astype("datetime64[us]")
    of_day = clock.astype(np.int64) % 86_400_000_000
    times, place = np.unique(of_day, return_inverse=True)
    counts = np.zeros(len(times), np.int64)
    np.add.at(counts, place, column.counts)
    if len(times) < 10 or times[0] != 0:
        return
    midnight, whole = int(counts[0]), int(counts.sum())
    if midnight >= SPIKE_ROWS and midnight >= SPIKE_TIMES * int(counts[1:].max()):
        yield Finding(
            "mixed_times",
            (column.name,),
            f"{column.name}: {midnight:,} of {whole:,} rows are at midnight exactly, the others "
            "have a time of day: two kinds of records are mixed",
            f"take no hour of {column.name}, or add a column that says where a row comes from",
            {"midnight": midnight, "of": whole},
        )
