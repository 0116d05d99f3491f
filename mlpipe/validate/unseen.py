"""The values outside a list, where they are more than a report shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.table.plain import plain
from mlpipe.table.session import identifier, literal
from mlpipe.validate.patch import MOST_VALUES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir

    from mlpipe.table.session import Session

__all__ = ["unseen"]


def unseen(
    report: Mapping[str, Any], hidden: frozenset[str], table: ir.Table, session: Session
) -> dict[str, list[Any]]:
    """Return the values outside each failed list ``in``, sorted.

    Parameters
    ----------
    report : mapping
        The report of validate.
    hidden : frozenset of str
        Sensitive columns, in lower case: nothing is read of them.
    table : ibis table
        The table that was checked.
    session : Session
        Where it lives.

    Returns
    -------
    dict of str to list
        By column; `MOST_VALUES` and one more at most, only where the examples of the report do
        not have them all.
    """
    wanted = [
        entry
        for entry in report["checks"]
        if entry["check"] == "in"
        and entry["status"] != "passed"
        and entry["failing"] > len(entry["examples"])
        and entry["column"].lower() not in hidden
    ]
    return {entry["column"]: _values(entry, table, session) for entry in wanted}


def _values(entry: Mapping[str, Any], table: ir.Table, session: Session) -> list[Any]:
    column = identifier(entry["column"])
    listed = ", ".join(_literal(value) for value in entry["expected"])
    query = (
        f"SELECT DISTINCT {column} FROM ({session.con.compile(table)}) AS t "  # noqa: S608
        f"WHERE {column} NOT IN ({listed}) ORDER BY 1 LIMIT {MOST_VALUES + 1}"
    )
    return [plain(value) for (value,) in session.raw.execute(query).fetchall()]


def _literal(value: Any) -> str:
    return literal(value) if isinstance(value, str) else str(value).lower()
