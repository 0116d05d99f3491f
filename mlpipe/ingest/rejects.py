# ruff: noqa: S608 — names and paths in these queries are quoted by `identifier` and `literal`.
"""Which rows of a CSV file are bad, on which line they stand, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem
from mlpipe.ingest.dialect import split_fields
from mlpipe.ingest.files import shown
from mlpipe.ingest.loaded import MOST_SAMPLES, BadRow, read_parquet
from mlpipe.ingest.records import Records
from mlpipe.table.columns import BAD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mlpipe.ingest.delimited import CsvFile
    from mlpipe.ingest.lexical import Lexical
    from mlpipe.table.session import Session

__all__ = ["bad_values", "rejected_rows"]

MOST_RAW = 1_000
MOST_LOCATED = 100_000

_BYTES = {
    "UNQUOTED VALUE": (
        "a quote opens here and is not closed where the field ends",
        'double a quote inside quotes (""), or declare `quote: ""` if quotes mean nothing',
    ),
    "INVALID ENCODING": ("is not UTF-8", "declare its encoding, for example `encoding: latin-1`"),
    "LINE SIZE OVER MAXIMUM": (
        "is a row of over 2 MiB, or a quote that is not closed",
        'mend the quote, or declare `quote: ""` if quotes mean nothing',
    ),
}


def rejected_rows(
    name: str, file: CsvFile, table: str, written: int, session: Session
) -> list[tuple[int, BadRow]]:
    """Return the rows that have too few or too many fields, by byte offset.

    Parameters
    ----------
    table : str
        The engine's table of rejects.
    written : int
        How many rows were not rejected.

    Raises
    ------
    DataError
        If no row fits the header, or a row was rejected for what its bytes are: a wrong
        encoding, a quote that is not closed.
    """
    found = (
        session.raw.table(table)
        .aggregate("line_byte_position - 1 AS begins, min(CAST(error_type AS VARCHAR)) AS kind")
        .order("begins")
        .fetchall()
    )
    if not found:
        return []
    with Records(file.plain, file.dialect.delimiter, file.dialect.quote) as records:
        offsets = [records.first_of(offset) for offset, _ in found]
        lines = records.lines(offsets)
        _refuse_bytes(name, file, [kind for _, kind in found], lines)
        raws = [records.text(*records.span_at(offset)) for offset in offsets]
    widths = [len(split_fields(raw, file.dialect.delimiter, file.dialect.quote)) for raw in raws]
    if not written:
        raise DataError(_none_fits(name, file, widths))
    reasons = [f"has {width} fields, and the header {len(file.dialect.names)}" for width in widths]
    return [
        (offset, _bad_row(name, file, line, raw=raw, reason=reason))
        for offset, line, raw, reason in zip(offsets, lines, raws, reasons, strict=True)
    ]


def bad_values(
    name: str,
    file: CsvFile,
    parquet: Path,
    *,
    checked: Sequence[tuple[str, Lexical, bool]],
    rejected: set[int],
    session: Session,
) -> list[BadRow]:
    """Return the rows with a value that is not of its column's type.

    Parameters
    ----------
    checked : sequence of (str, Lexical, bool)
        The columns whose texts ``_bad`` holds: name, rule, and whether its type is declared.
    rejected : set of int
        Byte offsets of the rows that the reader left out before.

    Raises
    ------
    DataError
        If the type was inferred: the sample did not tell the truth about the column.
    """
    found = session.raw.execute(
        f"SELECT file_row_number, {BAD} FROM {read_parquet([parquet])} "
        f"WHERE {BAD} IS NOT NULL ORDER BY 1 LIMIT {MOST_LOCATED}"
    ).fetchall()
    located = _located(file, [number for number, _ in found], rejected)
    rows: list[BadRow] = []
    surprises: list[Problem] = []
    for (_, texts), (line, raw) in zip(found, located, strict=True):
        failed = [(one, text) for one, text in zip(checked, texts, strict=True) if text is not None]
        surprises += [
            _surprise(name, file, line, column, rule.reason(text))
            for (column, rule, declared), text in failed
            if not declared and "\0" not in text
        ]
        reasons = [rule.reason(text) for (_, rule, _), text in failed]
        rows.append(
            _bad_row(name, file, line, raw=raw, reason="; ".join(reasons), column=failed[0][0][0])
        )
    if surprises:
        raise DataError(*surprises[:MOST_SAMPLES])
    return rows


def _located(file: CsvFile, numbers: list[int], rejected: set[int]) -> list[tuple[int, str]]:
    """Return the line and the text of rows by their number among those not rejected."""
    with Records(file.plain, file.dialect.delimiter, file.dialect.quote) as records:
        spans: Iterator[tuple[int, int]] = records.spans(keep_blank=len(file.dialect.names) == 1)
        if file.dialect.header:
            next(spans)
        wanted = set(numbers)
        last = numbers[-1]
        kept = []
        number = 0
        for span in spans:
            if span[0] in rejected:
                continue
            if number in wanted:
                kept.append(span)
            if number == last:
                break
            number += 1
        lines = records.lines([start for start, _ in kept])
        return [(line, records.text(*span)) for line, span in zip(lines, kept, strict=True)]


def _bad_row(
    name: str, file: CsvFile, line: int, *, raw: str, reason: str, column: str = ""
) -> BadRow:
    return BadRow(name, shown(file.path), line, column, reason, raw[:MOST_RAW])


def _surprise(name: str, file: CsvFile, line: int, column: str, reason: str) -> Problem:
    return Problem(
        f"{reason}, as the first rows suggested",
        place=f"{name} ({shown(file.path)}:{line})",
        key=column,
        hint=f"declare `ingest.sources.{name}.types: {{{column}: …}}`",
    )


def _refuse_bytes(name: str, file: CsvFile, kinds: list[str], lines: list[int]) -> None:
    for kind, line in zip(kinds, lines, strict=True):
        if kind in _BYTES:
            message, hint = _BYTES[kind]
            place = f"{name} ({shown(file.path)}:{line})"
            raise DataError(Problem(message, place=place, hint=hint))


def _none_fits(name: str, file: CsvFile, widths: list[int]) -> Problem:
    fewest, most = min(widths), max(widths)
    fields = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    return Problem(
        f"every row of {shown(file.path)} has {fields} fields, "
        f"and the header {len(file.dialect.names)}",
        place=name,
        hint="a delimiter at the end of each row, a column without a name, "
        "or a delimiter inside fields that are not quoted?",
    )
