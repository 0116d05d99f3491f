# ruff: noqa: S608 — names and paths in these queries are quoted by `literal`.
"""Rows with an empty field too many at their end, which the engine reads as if it were not there.

DuckDB takes ``1,2,`` for a row of two columns (``StringValueResult::AddValueToVector`` excepts a
first surplus value that is null), and whatever stood in a third one before is lost unseen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem
from mlpipe.ingest.files import shown
from mlpipe.ingest.rejects import body_of, records_of
from mlpipe.table.session import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.ingest.texts import CsvFile
    from mlpipe.table.session import Session

__all__ = ["Overlong", "empty_ends", "overlong"]

MOST_NUMBERED = 100_000


@dataclass(frozen=True)
class Overlong:
    """One row: its position among those that the engine read, its byte offset, its line."""

    number: int
    offset: int
    line: int


def empty_ends(delimiter: str, quote: str) -> frozenset[bytes]:
    r"""Return marks of which every line has one that ends in an empty field.

    The field may be quoted, and spaces may stand around the quotes.

    >>> sorted(empty_ends(";", '"'))
    [b'""\n', b'""\r', b'"" ', b';\n', b';\r']
    """
    plain = {delimiter + end for end in "\n\r"}
    quoted = {quote * 2 + end for end in "\n\r "} if quote else set()
    return frozenset(mark.encode() for mark in plain | quoted)


def overlong(
    name: str, file: CsvFile, rejected: Sequence[tuple[int, int]], session: Session
) -> list[Overlong]:
    """Find the rows that the engine read and that have an empty field too many.

    The engine counts them in a second reading with one column more, and only in a file in which
    a line ends in an empty field. The records are walked where there are any.

    Parameters
    ----------
    rejected : sequence of (int, int)
        Byte offsets and lines of the rows that the engine left out.

    Raises
    ------
    DataError
        If there are more than can be told apart one by one.
    """
    if not file.open_ended:
        return []
    count = _count(file, session)
    if count > MOST_NUMBERED:
        raise DataError(
            Problem(
                f"{count:,} rows of {shown(file.path)} end in an empty field too many",
                place=name,
                hint="take the delimiter from the end of the rows, or name one more column",
            )
        )
    return _walked(file, {offset for offset, _ in rejected}) if count else []


def _count(file: CsvFile, session: Session) -> int:
    names = file.dialect.names
    wider = replace(file.dialect, names=(*names, "")).options()
    reader = f"read_csv({literal(str(file.plain))}, {wider}, ignore_errors = true)"
    query = f"SELECT count(*) FROM {reader} WHERE c{len(names)} IS NULL"
    found = session.raw.execute(query).fetchone()
    return int(found[0]) if found else 0


def _walked(file: CsvFile, rejected: set[int]) -> list[Overlong]:
    dialect = file.dialect
    lasts = {dialect.delimiter[-1:].encode(), dialect.quote.encode(), b" "}
    found: list[tuple[int, int]] = []
    number = -1
    with records_of(file) as records:
        for start, end in body_of(file, records):
            if start in rejected:
                continue
            number += 1
            ends_empty = records.data[end - 1 : end] in lasts
            if ends_empty and records.width(start, end) > len(dialect.names):
                found.append((number, start))
        lines = records.lines([offset for _, offset in found])
    return [Overlong(*each, line) for each, line in zip(found, lines, strict=True)]
