"""Rows whose time lies after the day that the data is of: in quarantine, and never judged."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mlpipe.checks.check import Check
from mlpipe.table.columns import ROW
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["KEY", "LATE", "future", "late_rows", "until"]

LATE = "future"
"""What the check is called in the report."""
KEY = "monitor.as_of"
_DAY = len("2026-06-30")


def future(table: ir.Table, columns: Columns, as_of: str) -> Check | None:
    """Return the check that no row lies after a day; None where no time is declared.

    Parameters
    ----------
    table : ibis table
    columns : Columns
        Its ``time``.
    as_of : str
        A day, the whole of which is past, or a moment; in UTC.
    """
    late = _late(table, columns, as_of)
    if late is None or columns.time is None:
        return None
    return Check(
        check=LATE,
        column=columns.time,
        shown=(columns.time,),
        expected=as_of,
        failing=f"count_if({late})",
        condition=late,
        template="{column}: {failing} of {rows} rows lie after {expected}; "
        "they are in quarantine and not judged",
        severity="warn",
        key=KEY,
    )


def until(table: ir.Table, columns: Columns, as_of: str, session: Session) -> ir.Table:
    """Return the rows that do not lie after a day; those without a time are among them."""
    late = _late(table, columns, as_of)
    if late is None:
        return table
    source = session.con.compile(table)
    return session.query(f"SELECT * FROM ({source}) WHERE NOT coalesce({late}, false)")  # noqa: S608


def late_rows(
    table: ir.Table, columns: Columns, as_of: str, places: str, session: Session
) -> ir.Table:
    """Return the rows after a day as quarantine shows them.

    ``source``, ``file`` and ``line`` (null where they are not known), ``column``, ``reason``, and
    ``raw``: the key and the time as JSON, without sensitive columns.
    """
    from mlpipe.checks.places import with_places

    late = _late(table, columns, as_of) or "false"
    hidden = {name.lower() for name in columns.sensitive}
    named = dict.fromkeys([*columns.keys, *([columns.time] if columns.time else [])])
    there = {name.lower() for name in table.columns}
    shown = [name for name in named if name.lower() in there and name.lower() not in hidden]
    pairs = ", ".join(f"{literal(name)}, {identifier(name)}::VARCHAR" for name in shown)
    source = session.con.compile(table)
    rows = f"SELECT {ROW}, json_object({pairs})::VARCHAR AS raw FROM ({source}) WHERE {late}"  # noqa: S608
    if places:
        rows = with_places(rows, places)
    else:
        rows = f"SELECT *, NULL::VARCHAR AS file, NULL::BIGINT AS line FROM ({rows})"  # noqa: S608
    return session.query(
        f"SELECT 'current' AS source, file, line, {literal(columns.time or '')} AS \"column\", "  # noqa: S608
        f"{literal(f'lies after {as_of}')} AS reason, raw FROM ({rows}) ORDER BY {ROW}"
    )


def _late(table: ir.Table, columns: Columns, as_of: str) -> str | None:
    """Return SQL of a row in the future; None where the time is no date or timestamp."""
    time = columns.time
    dtype = table.schema().get(time) if time else None
    if time is None or dtype is None or not (dtype.is_date() or dtype.is_timestamp()):
        return None
    moment = datetime.fromisoformat(as_of)
    first = moment + (timedelta(days=1) if len(as_of) == _DAY else timedelta(microseconds=1))
    return f"{identifier(time)}::TIMESTAMP >= {literal(first.isoformat(sep=' '))}::TIMESTAMP"
