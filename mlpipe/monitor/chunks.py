"""Chunks: calendar periods of the current data, and what a row of them decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mlpipe.table.bins import add

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "CALENDAR",
    "LEVELS",
    "PERSISTENT",
    "Chunk",
    "Span",
    "chunked",
    "decide",
    "following",
    "period_label",
    "worst",
]

CALENDAR = ("day", "week", "month")
"""The lengths of a chunk that the time of its rows cuts."""

LEVELS = ("ok", "warn", "alert")

PERSISTENT = 3
"""How many of the latest chunks decide together; an alert needs two of them."""

TOLERANCE = 0.1
"""A last period is finished if its rows reach into its last tenth."""


@dataclass(frozen=True)
class Span:
    """When the rows of a period were known.

    Attributes
    ----------
    first, last : datetime
        The earliest and the latest of them.
    daily : bool
        Whether all are at midnight, so that each stands for its day.
    """

    first: datetime
    last: datetime
    daily: bool


@dataclass(frozen=True)
class Chunk:
    """Rows that are judged together.

    Attributes
    ----------
    label : str
        Its period, or the first and the last of those that it joins.
    periods : tuple of str
        The periods, or files, that it joins; empty where it is all there is.
    rows : int
    columns : mapping
        Counts by column, as in a profile.
    period : str or None
        The key of its start, by which chunks are in order across nights; None where neither a
        time nor a day says when it was.
    until : str or None
        The key of the last period that it joins.
    ordered_by : str
        What gave it its place: the ``time`` of its rows, or ``as_of``.
    """

    label: str
    periods: tuple[str, ...]
    rows: int
    columns: Mapping[str, Any]
    period: str | None = None
    until: str | None = None
    ordered_by: str = "as_of"

    @property
    def counts(self) -> dict[str, Any]:
        """Rows and columns, as a profile has them."""
        return {"rows": self.rows, "columns": self.columns}

    def of(self, counted: Mapping[str, Any]) -> Chunk:
        """Return the same chunk of other columns."""
        return replace(self, rows=counted["rows"], columns=counted["columns"])


def chunked(
    profile: Mapping[str, Any],
    every: str,
    minimum_rows: int,
    spans: Mapping[str, Span],
    as_of: datetime | None = None,
    rows: int | None = None,
) -> tuple[list[Chunk], list[str]]:
    """Cut counted current data into chunks that are long enough to judge.

    Parameters
    ----------
    profile : mapping
        The current data, counted by period.
    every : str
        day, week, month, file, rows or all.
    minimum_rows : int
        Shorter periods are joined with those that follow; a short rest with those before.
    spans : mapping of str to Span
        For each period, or file; under an empty key for all rows. Empty without a time.
    as_of : datetime, optional
        When the data was taken. Without it, the last period counts as finished where its rows
        reach into its last tenth. It places chunks that have no time of their own.
    rows : int, optional
        Of a whole chunk, for ``rows``.

    Returns
    -------
    tuple
        The chunks in order, and notes for the report.
    """
    periods = dict(sorted(profile["chunks"].items()))
    if not periods:
        whole = Chunk("all rows", (), profile["rows"], profile["columns"])
        return (_placed([whole], every, spans, as_of) if profile["rows"] else []), []
    notes, last = _unplaced(profile, periods, every), max(periods)
    if _is_incomplete(last, periods, every, spans, as_of, rows):
        name = period_label(last, every) if every in CALENDAR else "the last chunk"
        if len(periods) > 1:
            count = periods.pop(last)["rows"]
            notes.append(f"{name} is unfinished and left out ({count:,} rows)")
        else:
            notes.append(f"{name} is unfinished; it is all there is, and is judged as it is")
    groups = _joined(periods, minimum_rows)
    if any(len(group) > 1 for group in groups):
        notes.append(f"periods of fewer than {minimum_rows:,} rows are joined with others")
    chunks = [_chunk(group, periods, every) for group in groups]
    return _placed(chunks, every, spans, as_of), notes


def decide(statuses: Sequence[str], *, lasting: bool = False) -> tuple[str, str]:
    """Return what a row of chunks decides, and a note where one is due.

    An alert needs two of the last three chunks; a warning comes with the latest. Chunks that
    are insufficient say nothing.

    Parameters
    ----------
    statuses : sequence of str
        Of the chunks, the latest last.
    lasting : bool
        Whether the latest status is that of several chunks together: an alert then needs no other.

    >>> decide(["ok", "alert", "alert"]), decide(["ok", "ok", "alert"])
    (('alert', ''), ('warn', 'an alert of one chunk only'))
    """
    judged = [LEVELS.index(status) for status in statuses if status in LEVELS]
    if not judged:
        return "insufficient", ""
    if len(judged) < PERSISTENT:
        return LEVELS[judged[-1]], "no persistence: fewer than three chunks, the latest decides"
    recent = judged[-PERSISTENT:]
    if sum(level == 2 for level in recent) >= 2 or (lasting and recent[-1] == 2):
        return "alert", ""
    if recent[-1] == 2:
        return "warn", "an alert of one chunk only"
    persistent = sum(level >= 1 for level in recent) >= 2
    return ("warn", "") if recent[-1] == 1 or persistent else ("ok", "")


def worst(statuses: Iterable[str]) -> str:
    """Return the worst status; ``insufficient`` where none of them says anything.

    >>> worst(["ok", "alert", "insufficient"]), worst(["insufficient", "ok"]), worst([])
    ('alert', 'ok', 'insufficient')
    """
    judged = [LEVELS.index(status) for status in statuses if status in LEVELS]
    return LEVELS[max(judged)] if judged else "insufficient"


def period_label(start: str, every: str) -> str:
    """Name a period by its first day.

    >>> period_label("2026-06-01", "month"), period_label("2026-06-01", "week")
    ('2026-06', 'week of 2026-06-01')
    """
    if every == "month":
        return start[:7]
    return f"week of {start}" if every == "week" else start


def following(start: str, every: str) -> str:
    """Return the first day of the calendar period after one.

    >>> following("2025-12-01", "month"), following("2026-02-28", "day")
    ('2026-01-01', '2026-03-01')
    """
    begin = datetime.combine(date.fromisoformat(start), datetime.min.time())
    return str(_end(begin, every).date())


def _is_incomplete(
    last: str,
    periods: Mapping[str, Any],
    every: str,
    spans: Mapping[str, Span],
    as_of: datetime | None,
    rows: int | None,
) -> bool:
    if every in CALENDAR:
        return last in spans and _unfinished(last, every, spans[last], as_of)
    return rows is not None and periods[last]["rows"] < rows


def _placed(
    chunks: Sequence[Chunk], every: str, spans: Mapping[str, Span], as_of: datetime | None
) -> list[Chunk]:
    """Give each chunk its place in the order of time, across nights too."""
    found: list[Chunk] = []
    begun: Counter[str] = Counter()
    for chunk in chunks:
        if every in CALENDAR and chunk.periods:
            first, last = chunk.periods[0], chunk.periods[-1]
            found.append(replace(chunk, period=first, until=last, ordered_by="time"))
            continue
        span = spans.get(chunk.periods[0] if chunk.periods else "")
        if span is None and as_of is None:
            found.append(chunk)
            continue
        start = span.first.isoformat() if span else str(as_of.date()) if as_of else ""
        period, label = _named(chunk, start, begun[start], every)
        begun[start] += 1
        by = "time" if span else "as_of"
        found.append(replace(chunk, period=period, until=period, label=label, ordered_by=by))
    return found


def _named(chunk: Chunk, start: str, before: int, every: str) -> tuple[str, str]:
    """Return the key and the label of a chunk that begins when others may too."""
    if every == "file" and chunk.periods:
        return f"{start} {chunk.periods[0]}", chunk.label
    words = start.removesuffix("T00:00:00").replace("T", " ")
    if every == "rows" and chunk.periods:
        return f"{start} {before:06d}", f"{words} ({before + 1})" if before else words
    return start, words


def _unplaced(profile: Mapping[str, Any], periods: Mapping[str, Any], every: str) -> list[str]:
    """Say how many rows are of no period, or of no file: nothing is said of them."""
    left = profile["rows"] - sum(period["rows"] for period in periods.values())
    what = "time" if every in CALENDAR else "file"
    return [f"{left:,} rows have no {what} and are in no chunk"] if left else []


def _unfinished(start: str, every: str, span: Span, as_of: datetime | None) -> bool:
    begin = datetime.combine(date.fromisoformat(start), datetime.min.time())
    end = _end(begin, every)
    if as_of is not None:
        return as_of < end
    if span.first == span.last == begin:  # the timestamps are names of periods
        return False
    reached = span.last + (timedelta(days=1) if span.daily else timedelta())
    return end - reached > TOLERANCE * (end - begin)


def _end(begin: datetime, every: str) -> datetime:
    if every == "month":
        return (begin.replace(day=1) + timedelta(days=32)).replace(day=1)
    return begin + timedelta(days=7 if every == "week" else 1)


def _joined(periods: Mapping[str, Any], minimum_rows: int) -> list[list[str]]:
    groups: list[list[str]] = []
    pending: list[str] = []
    for key in periods:
        pending.append(key)
        if sum(periods[each]["rows"] for each in pending) >= minimum_rows:
            groups.append(pending)
            pending = []
    if pending and groups:
        groups[-1] += pending
    elif pending:
        groups.append(pending)
    return groups


def _chunk(keys: Sequence[str], periods: Mapping[str, Any], every: str) -> Chunk:
    names = [period_label(key, every) for key in keys]
    whole = periods[keys[0]]
    for key in keys[1:]:
        whole = add(whole, periods[key])
    label = names[0] if len(names) == 1 else f"{names[0]} – {names[-1]}"
    return Chunk(label, tuple(keys), whole["rows"], whole["columns"])
