"""Labels that come apart from the rows: matched by key in the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem
from mlpipe.table.columns import ROW
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from mlpipe.table.session import Session

__all__ = ["joined"]


def joined(
    labels: ir.Table, rows: ir.Table, keys: Sequence[str], target: str, session: Session
) -> tuple[ir.Table, list[str]]:
    """Return the target of each row that has one, and what is to be said of the labels.

    Parameters
    ----------
    labels : ibis table
        Key columns and the target. A key that is there twice with the same label counts once; one
        with different labels is left out. A label without a key belongs to no row.
    rows : ibis table
        ``_row`` and the key columns.
    keys : sequence of str
    target : str
    session : Session

    Returns
    -------
    tuple
        ``_row`` and the target, in no order; notes.

    Raises
    ------
    DataError
        The labels lack the target or a key column, or a key is of another type than in the rows.
    """
    _require(labels, rows, keys, target)
    named, y = ", ".join(map(identifier, keys)), identifier(target)
    known = labels.select(*keys, target).filter(labels[target].notnull())
    each = session.con.compile(known)
    grouped = session.path("labels")
    session.copy(
        f"SELECT {named}, min({y}) AS {y}, min({y}) <> max({y}) AS _torn, "  # noqa: S608
        f"count(*) AS _times FROM ({each}) GROUP BY {named}",
        grouped,
        compression="lz4",
    )
    one = session.con.compile(session.read(grouped))
    found = session.path("joined")
    matched = session.copy(
        f"SELECT {ROW}, {y} FROM (SELECT {ROW}, {named} FROM ({session.con.compile(rows)})) "  # noqa: S608
        f"JOIN (SELECT {named}, {y} FROM ({one}) WHERE NOT _torn) USING ({named})",
        found,
        compression="lz4",
    )
    return session.read(found), _notes(session, each, one, (named, y), matched)


def _notes(
    session: Session, each: str, one: str, names: tuple[str, str], matched: int
) -> list[str]:
    """Say how many labels are there twice, contradict each other, and belong to no row."""
    named, y = names
    ((total, agreed),) = _all(
        session,
        "SELECT coalesce(sum(_times), 0)::BIGINT, count(*) FILTER (NOT _torn) "  # noqa: S608
        f"FROM ({one})",
    )
    ((torn,),) = _all(
        session,
        f"SELECT count(*) FROM (SELECT DISTINCT {named}, {y} FROM ({each}) "  # noqa: S608
        f"SEMI JOIN (SELECT {named} FROM ({one}) WHERE _torn) USING ({named}))",
    )
    counts = {
        "{n:,} labels are there twice; each counts once": total - agreed - torn,
        "{n:,} labels contradict another of the same key; left out": torn,
        "{n:,} labels belong to no row of the window": agreed - matched,
    }
    return [text.format(n=number) for text, number in counts.items() if number > 0]


def _all(session: Session, query: str) -> list[Any]:
    return session.raw.execute(query).fetchall()


def _require(labels: ir.Table, rows: ir.Table, keys: Sequence[str], target: str) -> None:
    place = "monitor.labels"
    missing = [name for name in (*keys, target) if name not in labels.columns]
    if missing or not keys:
        what = ", ".join(missing) or "columns.key"
        raise DataError(Problem(f"labels cannot be joined without {what}", key=place))
    ours, theirs = rows.schema(), labels.schema()
    other = [name for name in keys if name in ours and _apart(ours[name], theirs[name])]
    if other:
        name = other[0]
        message = f"{name} is {theirs[name]} in the labels and {ours[name]} in the current data"
        raise DataError(Problem(message, key=place, hint="declare its type in both sources"))


def _apart(one: Any, other: Any) -> bool:
    """Return whether values of two types are never the same."""
    return bool(one != other and not (one.is_numeric() and other.is_numeric()))
