"""One query that counts everything, and a second for examples of what failed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem
from mlpipe.table.columns import ROW
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from mlpipe.table.session import Session
    from mlpipe.validate.checks import Check

__all__ = ["EXAMPLES", "Scan", "examples"]

EXAMPLES = 5
"""Most example rows of a failing check."""


class Scan:
    """Aggregates that are asked for one by one and computed together.

    >>> scan = Scan()
    >>> scan.add("count(*)"), scan.add("min(x)"), scan.add("count(*)")
    (0, 1, 0)
    """

    def __init__(self) -> None:
        self._aggregates: dict[str, int] = {}

    def add(self, aggregate: str) -> int:
        """Ask for a SQL aggregate; return its position in the answer."""
        return self._aggregates.setdefault(aggregate, len(self._aggregates))

    def run(self, session: Session, table: ir.Table) -> tuple[Any, ...]:
        """Compute all aggregates in one scan.

        Raises
        ------
        DataError
            An aggregate cannot be computed on this data.
        """
        listed = ", ".join(f"{sql} AS a{at}" for sql, at in self._aggregates.items())
        query = f"SELECT {listed} FROM ({session.con.compile(table)}) AS t"  # noqa: S608
        return _fetch(session, query)


def examples(
    session: Session, table: ir.Table, checks: Sequence[Check], keys: Sequence[str]
) -> list[tuple[int, list[dict[str, Any]]]]:
    """Find the first rows that fail, in one query for all checks.

    Returns
    -------
    list of tuple
        For each check the number of failing rows, exactly, and up to `EXAMPLES` records with
        ``_row``, the keys and the columns shown.
    """
    if not checks:
        return []
    windows, wanted = ["*"], []
    for at, check in enumerate(checks):
        fails = found = check.condition or "false"
        if check.repeats:
            windows += _same(at, check.shown)
            fails, found = f"{fails} AND nth{at} > 1", f"{fails} AND same{at} > 1"
        record = _record([*keys, *check.shown])
        wanted.append(f"count_if({fails}) AS n{at}")
        wanted.append(f"arg_min({record}, {ROW}, {EXAMPLES}) FILTER ({found}) AS e{at}")
    inner = f"SELECT {', '.join(windows)} FROM ({session.con.compile(table)})"  # noqa: S608
    row = _fetch(session, f"SELECT {', '.join(wanted)} FROM ({inner}) AS t")  # noqa: S608
    return [(row[2 * at], row[2 * at + 1] or []) for at in range(len(checks))]


def _same(at: int, columns: Sequence[str]) -> list[str]:
    alike = ", ".join(identifier(column) for column in columns)
    return [
        f"row_number() OVER (PARTITION BY {alike} ORDER BY {ROW}) AS nth{at}",
        f"count(*) OVER (PARTITION BY {alike}) AS same{at}",
    ]


def _record(columns: Sequence[str]) -> str:
    names = [identifier(name) for name in dict.fromkeys([ROW, *columns])]
    return "{" + ", ".join(f"{name}: {name}" for name in names) + "}"


def _fetch(session: Session, query: str) -> tuple[Any, ...]:
    import duckdb

    try:
        row = session.raw.execute(query).fetchone()
    except (duckdb.DataError, duckdb.ProgrammingError, duckdb.InvalidInputException) as error:
        said = re.sub(r"string '.*?' to", "a value to", str(error).split("\n", 1)[0])
        hint = "use try_cast in the expression, or declare the type under ingest"
        raise DataError(
            Problem(f"a check cannot be computed: {said}", "", "validate", hint)
        ) from None
    return tuple(row) if row else ()
