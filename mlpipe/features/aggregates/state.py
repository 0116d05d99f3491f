# ruff: noqa: S608 - columns are quoted by `identifier`.
"""The events that a model keeps, and how newer ones are put to them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem
from mlpipe.features.aggregates.events import event_columns, moment
from mlpipe.table.columns import ROW
from mlpipe.table.duration import parse
from mlpipe.table.kinds import kind_of_type, type_word
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import ibis.expr.types as ir

    from mlpipe.features.plan import AggregateBlock
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["dated", "keep_events", "merged", "refuse_older"]


def dated(
    blocks: Sequence[AggregateBlock], table: ir.Table, columns: Columns, session: Session
) -> list[AggregateBlock]:
    """Return the blocks with the moment since when later rows can reach events.

    The time of the last row less the widest window; None where a column counts all events.

    Parameters
    ----------
    blocks : sequence of AggregateBlock
        As planned.
    table : ibis table
        The rows of training.
    columns : Columns
        Says the time of a row.
    session : Session
        Where the table lives.
    """
    return [{**block, "kept_from": _kept_from(block, table, columns, session)} for block in blocks]


def keep_events(
    wanted: Sequence[AggregateBlock], events: Mapping[str, ir.Table], session: Session
) -> dict[str, ir.Table]:
    """Return the events that rows after those of training can reach, by source."""
    kept = {}
    for source in dict.fromkeys(block["source"] for block in wanted):
        blocks = [one for one in wanted if one["source"] == source]
        path = session.path("events")
        session.copy(_kept_query(blocks, events[source], session), path)
        kept[source] = session.read(path)
    return kept


def _kept_query(blocks: Sequence[AggregateBlock], events: ir.Table, session: Session) -> str:
    names = dict.fromkeys(name for block in blocks for name in event_columns(block))
    listed = ", ".join(identifier(name) for name in sorted(names))
    needed = " OR ".join(f"({_needed(block, events)})" for block in blocks)
    rows = session.con.compile(events)
    return f"SELECT {listed} FROM ({rows}) WHERE {needed} ORDER BY ALL"


def _needed(block: AggregateBlock, events: ir.Table) -> str:
    """Return a condition on events: matched by something, and late enough."""
    there = " AND ".join(
        f"{identifier(name)} IS NOT NULL" for name in (*block["by"], block["time"])
    )
    since = block.get("kept_from")
    if since is None:
        return there
    time = moment(events, block["time"], block["zone"])
    return f"{there} AND {time} >= CAST({literal(since)} AS TIMESTAMP)"


def _kept_from(
    block: AggregateBlock, table: ir.Table, columns: Columns, session: Session
) -> str | None:
    """Return the moment in UTC since when events are kept."""
    spans = [column["span"] for column in block["columns"]]
    widest = [parse(span) for span in spans if span is not None]
    if len(widest) < len(spans):
        return None
    last = f"max({moment(table, columns.time or '', block['zone'])})"
    row = session.raw.execute(f"SELECT {last} FROM ({session.con.compile(table)})").fetchone()
    return (row[0] - max(widest)).isoformat() if row and row[0] else None


def merged(
    wanted: Sequence[AggregateBlock],
    kept: Mapping[str, Path],
    given: Mapping[str, ir.Table],
    session: Session,
) -> dict[str, ir.Table]:
    """Return the events of each source: those kept, and those given beside them.

    An event that stands in both counts once; one that stands twice in either counts twice.

    Raises
    ------
    DataError
        If a column is missing among those given, or holds something else than those kept.
    """
    found = {}
    for source, path in kept.items():
        state = session.read(path)
        found[source] = state
        if source in given:
            zones = [one["zone"] for one in wanted if one["source"] == source]
            query = _union(source, state, given[source], max(zones, key=bool), session)
            both = session.path("events")
            session.copy(query, both)
            found[source] = session.read(both)
    return found


def refuse_older(
    wanted: Sequence[AggregateBlock],
    table: ir.Table,
    given: Mapping[str, ir.Table],
    columns: Columns,
    session: Session,
) -> None:
    """Refuse rows whose windows reach back to before the events that are known.

    Raises
    ------
    DataError
        If a window reaches to before what is kept, and no event given is as old as that.
    """
    for block in wanted:
        since, source = block.get("kept_from"), block["source"]
        spans = [parse(column["span"]) for column in block["columns"] if column["span"]]
        if since is None or not spans or _as_old(block, given.get(source), since, session):
            continue
        early = datetime.fromisoformat(since) + max(spans)
        time = moment(table, columns.time or "", block["zone"])
        rows = session.raw.execute(
            f"SELECT {ROW} FROM ({session.con.compile(table)}) "
            f"WHERE {time} < CAST({literal(early.isoformat())} AS TIMESTAMP) "
            f"ORDER BY {ROW} LIMIT 5"
        ).fetchall()
        if rows:
            raise DataError(
                Problem(
                    f"row {', '.join(str(row) for (row,) in rows)}: earlier than {early}; the "
                    f"model keeps the events of {source} for later rows alone",
                    key=columns.time or "",
                    hint=f"give the events too: --source {source}=PATH",
                )
            )


def _as_old(block: AggregateBlock, given: ir.Table | None, since: str, session: Session) -> bool:
    """Whether events are given that reach back to before what is kept."""
    if given is None:
        return False
    first = f"min({moment(given, block['time'], block['zone'])})"
    row = session.raw.execute(f"SELECT {first} FROM ({session.con.compile(given)})").fetchone()
    return bool(row and row[0] and row[0] < datetime.fromisoformat(since))


def _union(source: str, kept: ir.Table, given: ir.Table, zone: str | None, session: Session) -> str:
    """Return SQL of the union of two bags: each event as often as where it stands more often."""
    _check(source, kept, given)
    pairs = [_alike(name, kept, given, zone) for name in kept.columns]
    names = ", ".join(identifier(name) for name in kept.columns)
    sides = [
        f"SELECT {names}, row_number() OVER (PARTITION BY {names}) AS _times "
        f"FROM (SELECT {', '.join(side)} FROM ({session.con.compile(table)}))"
        for side, table in zip(zip(*pairs, strict=True), (kept, given), strict=True)
    ]
    return f"SELECT {names} FROM ({' UNION '.join(sides)}) ORDER BY ALL"


def _alike(name: str, kept: ir.Table, given: ir.Table, zone: str | None) -> tuple[str, str]:
    """Return SQL of a column on both sides, in one type that loses nothing."""
    one, other = (type_word(table.schema()[name]) for table in (kept, given))
    column = identifier(name)
    if one == other:
        return column, column
    if kind_of_type(one) == "number":
        both = f"CAST({column} AS DOUBLE) AS {column}"
        return both, both
    if kind_of_type(one) == "date":
        # Where a zone is declared they stay zoned: without, they would be read in it again.
        now, then = (moment(table, name, zone) for table in (kept, given))
        now, then = (f"timezone('UTC', {one})" if zone else one for one in (now, then))
        return f"{now} AS {column}", f"{then} AS {column}"
    return column, f"CAST({column} AS VARCHAR) AS {column}"  # a column of nulls alone


def _check(source: str, kept: ir.Table, given: ir.Table) -> None:
    schema = given.schema()
    problems = []
    for name, dtype in kept.schema().items():
        expected = type_word(dtype)
        if name not in schema:
            problems.append(Problem(f"the column is missing in the source {source}", key=name))
        elif kind_of_type(type_word(schema[name])) != kind_of_type(expected):
            hint = f"declare it: ingest: sources: {source}: types: {{{name}: {expected}}}"
            what = f"expected {expected} in the source {source}, not {type_word(schema[name])}"
            problems.append(Problem(what, key=name, hint=hint))
    if problems:
        raise DataError(*problems)
