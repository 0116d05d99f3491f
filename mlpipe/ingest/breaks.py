# ruff: noqa: S608 — names and paths in these queries are quoted by `identifier` and `literal`.
"""On which line of which file a good row stands, kept as the few places where lines jump."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlpipe.table.session import literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlpipe.table.session import Session

__all__ = ["Lines", "line_breaks"]


@dataclass(frozen=True)
class Lines:
    """The lines of the good rows of one file.

    Attributes
    ----------
    file : str
        As reports show it.
    query : str
        SQL of a column ``line``, in the order of the rows.
    rows : int
        How many there are.
    """

    file: str
    query: str
    rows: int


def line_breaks(files: Sequence[Lines], session: Session) -> Path:
    """Write where the line of a row is not the one after that of the row before.

    Returns
    -------
    Path
        Parquet with row (BIGINT, the position among all good rows, from 0), file (VARCHAR)
        and line (BIGINT), in the order of rows. The first row of each file is in it.
    """
    parts, first = [], 0
    for file in files:
        numbered = (
            "SELECT row_number() OVER () - 1 AS position, line, "
            f"lag(line) OVER () AS before FROM ({file.query})"
        )
        parts.append(
            f"SELECT position + {first} AS row, {literal(file.file)} AS file, line "
            f"FROM ({numbered}) WHERE before IS NULL OR line <> before + 1"
        )
        first += file.rows
    path = session.path("breaks")
    session.copy(" UNION ALL ".join(parts), path)
    return path
