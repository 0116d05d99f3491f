# ruff: noqa: S608 - columns are quoted by `identifier`, words come from tables of ours.
"""The columns that aggregates make, added to a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem
from mlpipe.features.aggregates.events import events_query, keys_of, rows_query, value_name
from mlpipe.table.columns import ROW
from mlpipe.table.duration import parse
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import ibis.expr.types as ir

    from mlpipe.features.plan import AggregateBlock, AggregateColumn
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["add_aggregates", "known_reads"]

_DAY = 86_400_000_000
_EVENTS = 2**32
"""More than there are events of one moment: each has a place of its own in the order."""
_MOMENT = f"epoch_us(_time)::HUGEINT * {_EVENTS}"
_SQL = {
    "count": "count({x}) OVER {w}",
    "sum": "sum({x}) OVER {w}",
    "mean": "avg({x}) OVER {w}",
    "std": "stddev_samp({x}) OVER {w}",
    "min": "min({x}) OVER {w}",
    "max": "max({x}) OVER {w}",
    "distinct": "count(DISTINCT {x}) OVER {w}",
    "last": "last_value({last} IGNORE NULLS) OVER {w}",
    "since_last": f"(epoch_us(_time) - epoch_us(max(_at) OVER {{w}})) / {_DAY}.0",
}
"""Each statistic over a window; rows have neither events nor values, and count for nothing."""


def add_aggregates(
    wanted: Sequence[AggregateBlock],
    table: ir.Table,
    events: Mapping[str, ir.Table],
    columns: Columns,
    session: Session,
) -> ir.Table:
    """Add the columns that the aggregates of a plan make of the events before each row.

    Only events strictly earlier than the row's time count, back to exactly as far as the window
    is long. Of none the count is 0 and the rest is missing. Of several events at one moment the
    last is the one with the greatest value, whatever their order in the file.

    Parameters
    ----------
    wanted : sequence of AggregateBlock
        ``aggregates`` of the plan.
    table : ibis table
        Rows with ``_row``, the time and the columns that events are matched by.
    events : mapping of str to ibis table
        The events of each source.
    columns : Columns
        Says the time of a row.
    session : Session
        Where the tables live.

    Raises
    ------
    DataError
        If a row has no time, a column is missing, or a source has other types than in training.
    """
    blocks = [block for block in wanted if block["columns"]]
    if not blocks:
        return table
    time = columns.time or ""
    _require(blocks, table, time, session)
    files = [_computed(block, table, events[block["source"]], time, session) for block in blocks]
    # Each file has one row for each of the table's, by position.
    first, *others = (session.con.compile(session.read(file)) for file in files)
    beside = (f"POSITIONAL JOIN (SELECT * EXCLUDE ({ROW}) FROM ({one}))" for one in others)
    return session.beside(table, session.query(f"SELECT * FROM ({first}) {' '.join(beside)}"))


def known_reads(wanted: Sequence[AggregateBlock]) -> dict[str, list[str]]:
    """Return the columns of sources that each aggregate is made of: ``events.amount``."""
    return {
        column["name"]: [f"{block['source']}.{column['column'] or block['time']}"]
        for block in wanted
        for column in block["columns"]
    }


def _require(
    blocks: Sequence[AggregateBlock], table: ir.Table, time: str, session: Session
) -> None:
    names = dict.fromkeys([time, *(name for block in blocks for name in block["by"])])
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise DataError(
            *(Problem("the column is missing; aggregates need it", key=name) for name in missing)
        )
    bad = table.filter(table[time].isnull()).select(ROW).order_by(ROW).limit(5)
    found = session.con.to_pyarrow(bad)[ROW].to_pylist()
    if found:
        raise DataError(
            Problem(
                f"missing in row {', '.join(map(str, found))}; aggregates count events before it",
                key=time,
            )
        )


def _computed(
    block: AggregateBlock, table: ir.Table, events: ir.Table, time: str, session: Session
) -> Path:
    """Write position and the columns of one block: a window over events and rows together."""
    windows = {span: f"w{at}" for at, span in enumerate({c["span"]: 0 for c in block["columns"]})}
    made = ", ".join(
        f"{_expression(column, windows[column['span']], block)} AS {identifier(column['name'])}"
        for column in block["columns"]
    )
    parted = f"PARTITION BY {', '.join(keys_of(block))} ORDER BY _order RANGE BETWEEN"
    defined = ", ".join(
        f"{name} AS ({parted} {_preceding(span)} AND 1 PRECEDING)" for span, name in windows.items()
    )
    together = _together(block, table, events, time, session)
    query = f"SELECT {ROW}, {made} FROM ({together}) WINDOW {defined}"
    path = session.path("aggregates")
    session.copy(f"SELECT * FROM ({query}) WHERE {ROW} IS NOT NULL ORDER BY {ROW}", path)
    return path


def _together(
    block: AggregateBlock, table: ir.Table, events: ir.Table, time: str, session: Session
) -> str:
    """Return SQL of the events and of the rows, each without what the other has."""
    keys = ", ".join(keys_of(block))
    names = sorted({value_name(column) for column in block["columns"]} - {"_event"})
    greatest = "".join(
        f", max({identifier(name)}) OVER (PARTITION BY {keys}, _time) AS {_last(name)}"
        for name in names
    )
    # Events of one moment stand in the order of their values: sums are the same to the bit.
    place = f"row_number() OVER (PARTITION BY {keys}, _time ORDER BY {_listed(names)})"
    rows = rows_query(block, table, time, session, ROW)
    # Few rows need few events: those of others are left out before they are sorted.
    left = (
        f"SELECT *, _time AS _at{greatest}, {_MOMENT} + {place} AS _order "
        f"FROM ({events_query(block, events, session)}) SEMI JOIN ({rows}) USING ({keys})"
    )
    right = f"SELECT *, {_MOMENT} AS _order FROM ({rows})"
    return f"({left}) UNION ALL BY NAME ({right})"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(identifier, names)) or "1"


def _expression(column: AggregateColumn, window: str, block: AggregateBlock) -> str:
    name = value_name(column)
    found = _SQL[column["does"]].format(x=identifier(name), last=_last(name), w=window)
    if column["kind"] in {"number", "boolean"}:
        return f"CAST({found} AS DOUBLE)"
    # A moment is in UTC here; where the table has zoned times, so has the feature.
    return f"timezone('UTC', {found})" if column["kind"] == "date" and block["zone"] else found


def _last(name: str) -> str:
    return identifier(f"_last{name}")


def _preceding(span: str | None) -> str:
    if span is None:
        return "UNBOUNDED PRECEDING"
    microseconds = round(parse(span).total_seconds() * 1_000_000)
    return f"{microseconds}::HUGEINT * {_EVENTS} PRECEDING"
