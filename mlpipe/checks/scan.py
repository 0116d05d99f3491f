# ruff: noqa: S608 — what these queries hold was quoted by the checks that ask for it.
"""One query that counts everything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from mlpipe.checks.check import BEFORE
from mlpipe.errors import DataError, Problem
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from mlpipe.checks.check import Check
    from mlpipe.table.session import Session

__all__ = ["Count", "Scan", "counts", "fetch"]


class Count(NamedTuple):
    """What the scan found of one check: rows that count, rows that fail, what was observed."""

    rows: int
    failing: int
    observed: Any


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
        if not listed:
            return ()
        return fetch(session, f"SELECT {listed} FROM ({session.con.compile(table)}) AS t")


def counts(
    checks: Sequence[Check],
    scan: Scan,
    session: Session,
    table: ir.Table,
    answers: Sequence[Count | None],
) -> tuple[list[Count], tuple[Any, ...]]:
    """Count all checks in one scan; those that compare rows in order take one each.

    Parameters
    ----------
    answers : sequence
        What is known of each check already.

    Returns
    -------
    tuple
        A count for each check, then all that the scan found.
    """
    asked = [
        () if answer else (scan.add(check.counted), *(() if check.before else _asked(scan, check)))
        for check, answer in zip(checks, answers, strict=True)
    ]
    found = scan.run(session, table)
    counted = [
        answer or _count(check, [found[at] for at in places], session, table)
        for check, answer, places in zip(checks, answers, asked, strict=True)
    ]
    return counted, found


def _count(check: Check, found: list[Any], session: Session, table: ir.Table) -> Count:
    if check.before:
        return Count(int(found[0]), _in_order(check, session, table), None)
    rows, failing, observed = found
    return Count(int(rows), int(failing or 0), observed)


def _asked(scan: Scan, check: Check) -> tuple[int, int]:
    return scan.add(check.failing), scan.add(check.observed or "NULL")


def _in_order(check: Check, session: Session, table: ir.Table) -> int:
    """Count the rows that fail beside the one before them; only the columns needed are read."""
    columns = ", ".join(dict.fromkeys(identifier(name) for name in check.needs))
    source = f"SELECT {columns}, {check.before} AS {BEFORE} FROM ({session.con.compile(table)})"
    return int(fetch(session, f"SELECT {check.failing} FROM ({source}) AS t")[0])


def fetch(session: Session, query: str) -> tuple[Any, ...]:
    """Return the only row of a query.

    Raises
    ------
    DataError
        It cannot be computed on this data; no value of the data is named.
    """
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
