# ruff: noqa: S608 — columns are quoted, and conditions were parsed when the checks were bound.
"""The rows that fail: how many exactly, and the first of them as examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.checks.check import BEFORE
from mlpipe.checks.scan import fetch
from mlpipe.table.columns import ROW
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.checks.check import Check
    from mlpipe.table.session import Session

__all__ = ["examples", "failing_rows"]

Found = list[tuple[int, list[dict[str, Any]]]]


def examples(
    session: Session, source: str, checks: Sequence[Check], keys: Sequence[str], most: int
) -> Found:
    """Find the first rows that fail, in one query for all checks of single rows.

    A check that compares rows with one another takes a query of its own.

    Parameters
    ----------
    session : Session
        Where the table lives.
    source : str
        SQL of the table, with ``_row``.
    checks : sequence of Check
        Those that failed.
    keys : sequence of str
        Columns that are recorded for each row beside those that the check shows.
    most : int
        How many rows are recorded at most.

    Returns
    -------
    list of tuple
        For each check the number of failing rows, exactly, and up to `most` records with
        ``_row``, the keys and the columns shown.
    """
    single = [check for check in checks if not check.alike and not check.before]
    found = iter(_of_single_rows(session, source, single, keys, most))
    return [
        next(found) if check in single else _of_compared_rows(session, source, check, keys, most)
        for check in checks
    ]


def failing_rows(source: str, check: Check) -> str:
    """Return SQL of all rows that fail a check, with every column of the table.

    Of rows that repeat one another all are there, the first one included.
    """
    if check.alike:
        return f"SELECT * EXCLUDE (nth, same) FROM ({_repeats(source, check)}) WHERE same > 1"
    if check.before:
        rows = f"SELECT *, {check.before} AS {BEFORE} FROM ({source})"
        return f"SELECT * EXCLUDE ({BEFORE}) FROM ({rows}) AS t WHERE {check.condition}"
    return f"SELECT * FROM ({source}) AS t WHERE {check.condition}"


def _of_single_rows(
    session: Session, source: str, checks: Sequence[Check], keys: Sequence[str], most: int
) -> Found:
    if not checks:
        return []
    wanted = [
        f"count_if({check.condition}), {_first(check, keys, most)} FILTER ({check.condition})"
        for check in checks
    ]
    row = fetch(session, f"SELECT {', '.join(wanted)} FROM ({source}) AS t")
    return [(row[2 * at], row[2 * at + 1] or []) for at in range(len(checks))]


def _of_compared_rows(
    session: Session, source: str, check: Check, keys: Sequence[str], most: int
) -> tuple[int, list[dict[str, Any]]]:
    if check.alike:
        rows, counts, found = _repeats(source, check), "count_if(nth > 1)", "same > 1"
    else:
        rows = f"SELECT *, {check.before} AS {BEFORE} FROM ({source})"
        counts, found = f"count_if({check.condition})", check.condition
    first = f"{_first(check, keys, most)} FILTER ({found})"
    failing, records = fetch(session, f"SELECT {counts}, {first} FROM ({rows}) AS t")
    return failing, records or []


def _repeats(source: str, check: Check) -> str:
    """Return SQL of the rows that may repeat another, numbered within those they are like.

    Rows whose hash appears once are left out first: what is left is mostly small, where the
    table as a whole would not fit into memory side by side.
    """
    alike = ", ".join(identifier(column) for column in check.alike)
    counted = f"SELECT * FROM ({source}) AS t WHERE {check.condition}"
    again = f"SELECT hash({alike}) FROM ({counted}) GROUP BY 1 HAVING count(*) > 1"
    return (
        f"SELECT *, row_number() OVER (PARTITION BY {alike} ORDER BY {ROW}) AS nth, "
        f"count(*) OVER (PARTITION BY {alike}) AS same "
        f"FROM ({counted}) WHERE hash({alike}) IN ({again})"
    )


def _first(check: Check, keys: Sequence[str], most: int) -> str:
    names = [identifier(name) for name in dict.fromkeys([ROW, *keys, *check.shown])]
    record = "{" + ", ".join(f"{name}: {name}" for name in names) + "}"
    return f"arg_min({record}, {ROW}, {most})"
