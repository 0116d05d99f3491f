# ruff: noqa: S608 — paths in these queries are quoted by `literal`.
"""Where the rows of a table stand in the user's files, said by the few rows where that breaks.

A row stands one line below the row before it, in the same file, except at a break: the first row
of a file, a row after one that went to quarantine, after a blank line, or after a field with a
line end in it. A table of breaks has the columns ``row`` (its position among the good rows),
``file`` and ``line``; row r stands at ``line + (r - row)`` of its last break at or before r.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.table.session import literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from mlpipe.table.session import Session

__all__ = ["Break", "breaks_without", "joined", "kept_breaks", "write_breaks"]

Break = tuple[int, int]
"""A row, from 0, and its line, from 1."""


def breaks_without(first: int, missing: Sequence[int], rows: int) -> list[Break]:
    """Return the breaks of rows that stand a line each, where some lines hold no row.

    Parameters
    ----------
    first : int
        The line after the header.
    missing : sequence of int
        The lines from there on that hold no good row, sorted.
    rows : int
        How many rows there are.

    >>> breaks_without(2, [2, 5, 6], 4)
    [(0, 3), (2, 7)]
    """
    found, line, row = [(0, first)], first, 0
    for gap in missing:
        row += gap - line
        line = gap + 1
        if found[-1][0] == row:
            found.pop()
        found.append((row, line))
    return [each for each in found if each[0] < rows]


def write_breaks(session: Session, files: Iterable[tuple[str, Sequence[Break], int]]) -> Path:
    """Write the breaks of a source.

    Parameters
    ----------
    files : iterable of (str, sequence of Break, int)
        Each file as reports show it, its breaks, and its number of rows.
    """
    rows: list[int] = []
    names: list[str] = []
    lines: list[int] = []
    before = 0
    for name, breaks, count in files:
        rows += [before + row for row, _ in breaks]
        lines += [line for _, line in breaks]
        names += [name] * len(breaks)
        before += count
    path = session.path("breaks")
    session.write_columns(
        {"row": ("BIGINT", rows), "file": ("VARCHAR", names), "line": ("BIGINT", lines)}, path
    )
    return path


def joined(breaks: Path, rows: str) -> str:
    """Return SQL of rows with their ``file`` and ``line``.

    Parameters
    ----------
    breaks : Path
        A table of breaks.
    rows : str
        SQL of rows with their position, ``row``.
    """
    return (
        f"SELECT r.*, b.file, b.line + (r.row - b.row) AS line FROM ({rows}) r "
        f"ASOF LEFT JOIN read_parquet({literal(str(breaks))}) b ON r.row >= b.row"
    )


def kept_breaks(session: Session, breaks: Path, kept: str) -> Path:
    """Return the breaks of a table of which only some rows are left.

    Parameters
    ----------
    kept : str
        SQL of the rows that are left, ``row``, in order.
    """
    target = session.path("breaks")
    placed = joined(breaks, kept)
    numbered = f"SELECT row_number() OVER (ORDER BY row) - 1 AS row, file, line FROM ({placed})"
    before = "lag({}) OVER (ORDER BY row)"
    session.copy(
        f"SELECT row, file, line FROM ({numbered}) QUALIFY {before.format('file')} IS DISTINCT "
        f"FROM file OR {before.format('line')} IS DISTINCT FROM line - 1 ORDER BY row",
        target,
    )
    return target
