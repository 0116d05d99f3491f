# ruff: noqa: S608 - columns are quoted by `identifier`, expressions are checked.
"""Columns that SQL makes of each row: the same code for training and for new rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem
from mlpipe.table.columns import ROW
from mlpipe.table.condition import check_expression
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import ibis.expr.types as ir

    from mlpipe.features.plan import Plan, SqlColumn
    from mlpipe.table.session import Session

__all__ = ["add_expressions", "raw_reads", "undefined"]

_WHOLE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")


def add_expressions(plan: Plan, table: ir.Table, session: Session) -> ir.Table:
    """Add the columns that the plan's expressions make, each of the row by itself.

    What cannot be computed in a row, such as a division by zero or the logarithm of a negative
    number, is missing there.

    Parameters
    ----------
    plan : Plan
        Its ``sql`` says which columns; one may name those before it.
    table : ibis table
        Rows with ``_row`` and the columns that the expressions read.
    session : Session
        Where the table lives.

    Raises
    ------
    DataError
        If a column is missing, or has fractions where training had whole numbers.
    SpecError
        If an expression is not of one row: a plan from elsewhere is not trusted.
    """
    wanted = plan.get("sql", [])
    if not wanted:
        return table
    names = [column["name"] for column in wanted]
    made = session.query(
        f"SELECT {ROW}, {_listed(names)} FROM ({_computed(wanted, table, session)})"
    )
    return session.beside(table, made)


def undefined(plan: Plan, table: ir.Table, session: Session) -> dict[str, int]:
    """Return how many rows have no value of an expression though all that it reads is there."""
    wanted = plan.get("sql", [])
    if not wanted:
        return {}
    counts = ", ".join(
        f"count(*) FILTER (WHERE {identifier(column['name'])} IS NULL{_all_there(column)})"
        for column in wanted
    )
    row = session.raw.execute(
        f"SELECT {counts} FROM ({_computed(wanted, table, session)})"
    ).fetchone()
    return {column["name"]: n for column, n in zip(wanted, row or (), strict=True) if n}


def raw_reads(wanted: Sequence[SqlColumn]) -> dict[str, list[str]]:
    """Return the columns of the ingested table that each expression rests on in the end."""
    found: dict[str, list[str]] = {}
    for column in wanted:
        raw = (name for read in column["reads"] for name in found.get(read, [read]))
        found[column["name"]] = list(dict.fromkeys(raw))
    return found


def _all_there(column: SqlColumn) -> str:
    return "".join(f" AND {identifier(name)} IS NOT NULL" for name in column["reads"])


def _computed(wanted: Sequence[SqlColumn], table: ir.Table, session: Session) -> str:
    """Return SQL of the position, the columns read in the types of training, and the new ones."""
    ours = {column["name"] for column in wanted}
    types = {
        name: kind
        for column in wanted
        for name, kind in column["reads"].items()
        if name not in ours
    }
    _check(types, table, session)
    casts = ", ".join(
        f"CAST({identifier(name)} AS {kind}) AS {identifier(name)}" for name, kind in types.items()
    )
    query = f"SELECT {', '.join(filter(None, (ROW, casts)))} FROM ({session.con.compile(table)})"
    for column in wanted:
        check_expression(session, column["expression"], query, f"sql.{column['name']}")
        query = f"SELECT *, {_value(column)} AS {identifier(column['name'])} FROM ({query})"
    return query


def _value(column: SqlColumn) -> str:
    value = f"TRY(CAST(({column['expression']}\n) AS {column['type']}))"
    if column["type"] != "DOUBLE":
        return value
    return f"CASE WHEN isfinite({value}) THEN {value} END"


def _check(types: Mapping[str, str], table: ir.Table, session: Session) -> None:
    """Refuse columns that are not there, and fractions that a cast would round off."""
    schema = table.schema()
    missing = [name for name in types if name not in schema]
    if missing:
        raise DataError(
            *(Problem("the column is missing; an expression reads it", key=n) for n in missing)
        )
    whole = [
        name
        for name, kind in types.items()
        if _WHOLE.fullmatch(kind) and (schema[name].is_floating() or schema[name].is_decimal())
    ]
    for name in whole:
        value = table[name]
        broken = table.filter(value != value.cast("float64").floor()).select(ROW).order_by(ROW)
        rows = session.con.to_pyarrow(broken.limit(5))[ROW].to_pylist()
        if rows:
            raise DataError(
                Problem(
                    f"expected whole numbers; row {', '.join(map(str, rows))} has a fraction",
                    key=name,
                )
            )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(identifier, names))
