# ruff: noqa: S608 — names and paths in these queries are quoted by `identifier` and `literal`.
"""A source once it is read: Parquet files of its good rows, and its bad rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem
from mlpipe.table.columns import ROW
from mlpipe.table.session import identifier, literal, rows_in

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BadRow", "Loaded", "NoRowsError", "refuse_too_many", "require_rows"]

MOST_SAMPLES = 5


class NoRowsError(DataError):
    """A source can be read and has no rows: of labels that may still come, that is no fault."""


@dataclass(frozen=True, order=True)
class BadRow:
    """One row that went to quarantine.

    Attributes
    ----------
    file : str
        As the report shows it.
    line : int
        The physical line in a text file, the row in a Parquet file, from 1.
    column, reason, raw : str
        The first column that is bad, empty where the whole row is; why; the text as it was.
    """

    source: str
    file: str
    line: int
    column: str
    reason: str
    raw: str

    def problem(self) -> Problem:
        """Return the row as a located problem."""
        return Problem(
            self.reason, place=f"{self.source} ({self.file}:{self.line})", key=self.column
        )


@dataclass(frozen=True)
class Loaded:
    """A source that was read: good rows only.

    Attributes
    ----------
    paths : tuple of Path
        Parquet files in row order.
    columns : tuple of str
        The columns in order.
    rows : int
        Good rows.
    files : tuple of dict
        ``{"path", "rows"}`` of each file of the user.
    breaks : Path or None
        Where rows stand in the user's files, see `places`; None where only their keys tell.
    rejected : int
        Bad rows.
    repeated : int
        Rows that `dedupe` left out.
    """

    name: str
    paths: tuple[Path, ...]
    columns: tuple[str, ...]
    rows: int
    files: tuple[dict[str, Any], ...]
    breaks: Path | None = None
    rejected: int = 0
    repeated: int = 0
    bad: tuple[BadRow, ...] = ()
    dialect: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def part_rows(self) -> tuple[int, ...]:
        """Rows in each of the Parquet files, from their footers."""
        return tuple(rows_in(path) for path in self.paths)

    def relation(self) -> str:
        """Return SQL of the rows in order."""
        columns = ", ".join(identifier(name) for name in self.columns)
        return f"SELECT {columns} FROM {self.scan()}"

    def scan(self) -> str:
        """Return the table function over the files."""
        return read_parquet(self.paths)

    def positioned(self) -> str:
        """Return SQL of the rows with their position first, read in parallel."""
        names = ", ".join(identifier(name) for name in self.columns)
        return f"SELECT {self._position()} AS {ROW}, {names} FROM {self.scan()}"

    def _position(self) -> str:
        if len(self.paths) == 1:
            return "file_row_number"
        starts = [0, *accumulate(self.part_rows[:-1])]
        return f"[{', '.join(map(str, starts))}][CAST(file_index AS BIGINT) + 1] + file_row_number"

    def report(self) -> dict[str, Any]:
        """Return what the ingest report says about the source."""
        return {
            "files": list(self.files),
            "rows": self.rows,
            "rejected": self.rejected,
            "repeated": self.repeated,
            "dialect": self.dialect,
        }


def read_parquet(paths: Sequence[Path]) -> str:
    """Return the engine's table function over Parquet files, in that order."""
    listed = ", ".join(literal(str(path)) for path in paths)
    return f"read_parquet([{listed}], hive_partitioning = false)"


def refuse_too_many(
    name: str, bad: Sequence[BadRow], rejected: int, total: int, most: int | float
) -> None:
    """Raise where more rows are bad than ``max_bad_rows`` allows.

    Parameters
    ----------
    bad : sequence of BadRow
        The first bad rows.
    rejected, total : int
        Bad rows, and all rows of the source.
    most : int or float
        A count, or a share of all rows.
    """
    allowed = most * total if isinstance(most, float) else most
    if rejected <= allowed:
        return
    written = f"{most:.2%} of {total:,}" if isinstance(most, float) else f"{most:,}"
    summary = Problem(
        f"{rejected:,} of {total:,} rows are bad, and max_bad_rows allows {written}",
        place=name,
        hint="mend the rows, or raise `ingest.max_bad_rows` to send them to quarantine",
    )
    raise DataError(summary, *(row.problem() for row in bad[:MOST_SAMPLES]))


def require_rows(
    name: str, rows: int, bad: Sequence[BadRow], rejected: int, nothing: Problem
) -> None:
    """Raise where a source has no good row; that all of its rows are bad is another thing.

    Parameters
    ----------
    rows, rejected : int
        Good rows, and bad ones.
    bad : sequence of BadRow
        The first bad rows.
    nothing : Problem
        What is said of a source that has no rows at all.

    Raises
    ------
    NoRowsError
        There are none, good or bad.
    DataError
        All are bad.
    """
    if rows:
        return
    if not rejected:
        raise NoRowsError(nothing)
    summary = Problem(f"none of its {rejected:,} rows can be read", place=name)
    raise DataError(summary, *(row.problem() for row in bad[:MOST_SAMPLES]))
