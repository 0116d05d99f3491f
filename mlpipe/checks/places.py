# ruff: noqa: S608 — the relation is ours, and rows are integers.
"""From a row of the table to the file and line that it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.table.columns import ROW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlpipe.table.session import Session

__all__ = ["located", "with_places"]


def located(rows: Iterable[int], places: str, session: Session) -> dict[int, tuple[str, int]]:
    """Return the file and line of each row that has one.

    Parameters
    ----------
    rows : iterable of int
        Positions in the table.
    places : str
        SQL of a run-length table ``row``, ``file``, ``line``: a row stands in the file of the
        last entry at or before it, as many lines further on as it is rows further on.
    session : Session
        Where the relation lives.
    """
    wanted = sorted({int(row) for row in rows})
    if not wanted:
        return {}
    listed = ", ".join(f"({row}::BIGINT)" for row in wanted)
    found = session.raw.execute(
        with_places(f"SELECT r AS {ROW} FROM (VALUES {listed}) v(r)", places)
    ).fetchall()
    return {row: (file, line) for row, file, line in found if file is not None}


def with_places(rows: str, places: str, file: str = "file", line: str = "line") -> str:
    """Return SQL of the rows with two more columns, file and line; null where unknown."""
    return (
        f"SELECT r.*, p.file AS {file}, p.line + (r.{ROW} - p.row) AS {line} "
        f"FROM ({rows}) r ASOF LEFT JOIN ({places}) p ON r.{ROW} >= p.row ORDER BY r.{ROW}"
    )
