# ruff: noqa: S608 - columns are quoted by `identifier`, numbers are ours.
"""Other versions of known rows, each with the past of its own row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.features.aggregates import add_aggregates
from mlpipe.features.expressions import add_expressions
from mlpipe.features.lookback import look_back
from mlpipe.features.lookback.reach import reach
from mlpipe.table.columns import ROW
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import ibis.expr.types as ir

    from mlpipe.features.plan import LookBackColumn, Plan
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["OF", "with_own_past"]

OF = "_row_of"
"""The position of the row that a row is a version of; null where it is none of the table."""
_VERSION = "_version"
_RANK = "_place"


def with_own_past(
    plan: Plan,
    rows: ir.Table,
    every: ir.Table,
    columns: Columns,
    session: Session,
    events: Mapping[str, ir.Table],
) -> ir.Table:
    """Add the columns of the plan that are computed in the engine to versions of rows.

    Each version sees the rows before the one that it is a version of, as they are in the table:
    never another version. To do so, every version becomes an entity of its own, with a copy of
    that past.

    Parameters
    ----------
    plan : Plan
    rows : ibis table
        ``_row`` from 0, ``_row_of``, and the raw columns. Entity and time are those of the row.
    every : ibis table
        The rows of the whole table.
    columns : Columns
    session : Session
    events : mapping of str to ibis table
        The events of each source.

    Returns
    -------
    ibis table
        ``rows`` with the new columns.
    """
    made = _local(plan, rows, columns, session, events)
    wanted = plan["look_back"]
    if not wanted:
        return made
    every = _local(plan, every, columns, session, events)
    own, table = session.path("versions"), session.path("past")
    session.write(made, own)
    session.copy(_with_past(wanted, session.read(own), every, columns, session), table)
    parted = columns.model_copy(update={"entity": _VERSION})
    looked = look_back(plan, session.read(table), parted, session)
    looked = looked.filter(looked[ROW] >= 0)
    return session.beside(
        session.read(own), looked.select(ROW, *(column["name"] for column in wanted))
    )


def _local(
    plan: Plan,
    table: ir.Table,
    columns: Columns,
    session: Session,
    events: Mapping[str, ir.Table],
) -> ir.Table:
    """Add what is made of the row itself and of events."""
    table = add_aggregates(plan.get("aggregates", []), table, events, columns, session)
    return add_expressions(plan, table, session)


def _with_past(
    wanted: Sequence[LookBackColumn],
    own: ir.Table,
    every: ir.Table,
    columns: Columns,
    session: Session,
) -> str:
    """Return SQL of the versions, at their positions, and of the past of each, at negative ones."""
    time = [columns.time] if columns.time else []
    looked = dict.fromkeys([*time, *(column["column"] for column in wanted)])
    names = [name for name in looked if name in every.columns]
    listed = ", ".join(identifier(name) for name in names)
    mine = ", ".join(
        identifier(name) if name in own.columns else f"NULL AS {identifier(name)}" for name in names
    )
    entity = identifier(columns.entity) if columns.entity else "0"
    order = ", ".join([*(identifier(name) for name in time), ROW])
    far = _rows_back(wanted)
    reached = f" AND e.{_RANK} >= o.{_RANK} - {far}" if far is not None else ""
    return (
        f"WITH every AS (SELECT {ROW}, {entity} AS _of_entity, {listed}, row_number() OVER "
        f"(PARTITION BY {entity} ORDER BY {order}) AS {_RANK} "
        f"FROM ({session.con.compile(every)})), own AS ({session.con.compile(own)}), "
        f"count AS (SELECT max({ROW}) + 1 AS n FROM every) "
        f"SELECT v.{ROW} AS {_VERSION}, e.{ROW} - n * (v.{ROW} + 1) AS {ROW}, "
        f"{', '.join(f'e.{identifier(name)}' for name in names)} "
        f"FROM own v JOIN every o ON o.{ROW} = v.{OF} JOIN every e "
        f"ON e._of_entity IS NOT DISTINCT FROM o._of_entity AND e.{_RANK} < o.{_RANK}{reached}, "
        f"count UNION ALL BY NAME SELECT {ROW} AS {_VERSION}, {ROW}, {mine} FROM own ORDER BY {ROW}"
    )


def _rows_back(wanted: Sequence[LookBackColumn]) -> int | None:
    """Return how many rows of the past are enough; None where that is not known."""
    far = [reach(column) for column in wanted]
    if any(each.shift or each.span or each.all for each in far):
        return None
    return max(each.rows for each in far)
