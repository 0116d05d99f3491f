"""The support of the reference: which current rows lie where the model has never been.

An estimate without labels holds inside the support only. A row is outside where a number lies
beyond the least or the greatest of the reference, or a category was never there. Rows that are
outside jointly, each value being known, are not seen by this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.table.aspects import VALUE, measured
from mlpipe.table.freeze import HASH, REMEMBERED
from mlpipe.table.session import literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir
    import pandas as pd

    from mlpipe.table.aspects import Measured
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["outside"]

_WIDTH = 6
"""Characters of a remembered hash, see `HASH`."""


def outside(
    reference: Mapping[str, Any], table: ir.Table, columns: Columns, session: Session
) -> tuple[pd.Series[bool], dict[str, int]]:
    """Say of each row whether it lies outside the support, and how many do by column.

    Parameters
    ----------
    reference : mapping
        The profile; of its columns, those the model gives an importance above 0 are looked at,
        or all where none is known.
    table : ibis table
        The current rows, with ``_row``.
    columns : Columns
    session : Session

    Returns
    -------
    tuple
        By ``_row`` whether any column is outside, and column -> rows, without those of none.
    """
    import pandas as pd

    wild = _conditions(reference, table, columns)
    source = session.con.compile(table)
    either = " OR ".join(f"({each})" for each in wild.values()) or "false"
    found = session.raw.execute(
        f"SELECT _row, coalesce({either}, false) FROM ({source}) ORDER BY _row"  # noqa: S608
    ).fetchnumpy()
    rows, flags = found.values()
    counts = {}
    if wild:
        each = ", ".join(f"count_if({one})" for one in wild.values())
        (row,) = session.raw.execute(f"SELECT {each} FROM ({source})").fetchall()  # noqa: S608
        counts = {name: int(n or 0) for name, n in zip(wild, row, strict=True) if n}
    return pd.Series(flags, index=rows, dtype=bool), counts


def _conditions(reference: Mapping[str, Any], table: ir.Table, columns: Columns) -> dict[str, str]:
    importance = reference.get("importance") or {}
    used = {name for name, value in importance.items() if value > 0}
    bins = reference["bins"]
    kinds = {name: each["kind"] for name, each in bins.items()}
    found = {}
    for each in measured(table, columns, kinds):
        if used and each.column not in used:
            continue
        condition = _condition(each, bins[each.column])
        if condition:
            found[each.column] = condition
    return found


def _condition(column: Measured, bins: Mapping[str, Any]) -> str | None:
    """Return SQL that holds outside, null for null; None where nothing is known to be outside."""
    if column.aspects:
        of = bins["aspects"].get(VALUE)
        if of is None or of["low"] is None:
            return None
        x = column.aspects[0].sql
        return f"{x} < {of['low']!r} OR ({x} > {of['high']!r} AND NOT isnan({x}))"
    if "values" not in bins or bins["seen"]["distinct"] > REMEMBERED:
        return None
    known = ", ".join(literal(value) for value in bins["values"]) or "NULL"
    hashes = bins["seen"]["hashes"]
    if not hashes:
        return f"{column.sql} NOT IN ({known})"
    pieces = [hashes[at : at + _WIDTH] for at in range(0, len(hashes), _WIDTH)]
    remembered = ", ".join(literal(each) for each in pieces)
    return f"{HASH.replace('{x}', column.sql)} NOT IN ({remembered})"
