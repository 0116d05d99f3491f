"""Which rows of a CSV file are bad, on which line they stand, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem
from mlpipe.ingest.files import shown
from mlpipe.ingest.loaded import MOST_SAMPLES, BadRow
from mlpipe.ingest.records import Records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlpipe.ingest.lexical import Lexical
    from mlpipe.ingest.places import Break
    from mlpipe.ingest.texts import CsvFile
    from mlpipe.table.session import Session

__all__ = [
    "bad_values",
    "body_of",
    "breaks_of",
    "none_fits",
    "records_of",
    "rejected_offsets",
    "rejected_rows",
]

MOST_RAW = 1_000
MOST_LOCATED = 100_000
MOST_WALKED = 5_000_000
"""Lines of a file that is walked by us for the places of its rows, at about 2 µs a line."""

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


def rejected_offsets(
    name: str, file: CsvFile, table: str, session: Session
) -> list[tuple[int, int]]:
    """Return the byte offset and the line of each row with too few or too many fields.

    Parameters
    ----------
    table : str
        The engine's table of rejects.

    Raises
    ------
    DataError
        If a row was rejected for what its bytes are: a wrong encoding, a quote that is not closed.
    """
    found = (
        session.raw.table(table)
        .aggregate("line_byte_position - 1 AS begins, min(CAST(error_type AS VARCHAR)) AS kind")
        .order("begins")
        .fetchall()
    )
    if not found:
        return []
    with records_of(file) as records:
        offsets = [records.first_of(offset) for offset, _ in found]
        lines = records.lines(offsets)
    _refuse_bytes(name, file, [kind for _, kind in found], lines)
    return list(zip(offsets, lines, strict=True))


def rejected_rows(name: str, file: CsvFile, left_out: Sequence[tuple[int, int]]) -> list[BadRow]:
    """Return the rows with too few or too many fields, by their offsets and lines."""
    if not left_out:
        return []
    with records_of(file) as records:
        spans = [records.span_at(offset) for offset, _ in left_out]
        found = [(records.text(*span), records.width(*span)) for span in spans]
    width = len(file.dialect.names)
    return [
        _bad_row(
            name,
            file,
            line,
            raw=raw,
            reason=f"has {fields} fields, and the header {width}",
        )
        for (_, line), (raw, fields) in zip(left_out, found, strict=True)
    ]


def bad_values(
    name: str,
    file: CsvFile,
    failed: Sequence[tuple[int, list[str | None]]],
    *,
    checked: Sequence[tuple[str, Lexical, bool]],
    rejected: Sequence[tuple[int, int]],
) -> list[BadRow]:
    """Return the rows with a value that is not of its column's type.

    Parameters
    ----------
    failed : sequence of (int, list)
        The position of each bad row among the rows that were read, and its wrong texts.
    checked : sequence of (str, Lexical, bool)
        The columns of the texts: name, rule, and whether its type is declared.
    rejected : sequence of (int, int)
        Byte offsets and lines of the rows that the reader left out before.

    Raises
    ------
    DataError
        If the type was inferred: the sample did not tell the truth about the column.
    """
    if not failed:
        return []
    failed = failed[:MOST_LOCATED]
    located = _located(file, [number for number, _ in failed], {offset for offset, _ in rejected})
    rows: list[BadRow] = []
    surprises: list[Problem] = []
    for (_, texts), (line, raw) in zip(failed, located, strict=True):
        wrong = [(one, text) for one, text in zip(checked, texts, strict=True) if text is not None]
        surprises += [
            _surprise(name, file, line, column, rule.reason(text))
            for (column, rule, declared), text in wrong
            if not declared and "\0" not in text
        ]
        reasons = [rule.reason(text) for (_, rule, _), text in wrong]
        rows.append(
            _bad_row(name, file, line, raw=raw, reason="; ".join(reasons), column=wrong[0][0][0])
        )
    if surprises:
        raise DataError(*surprises[:MOST_SAMPLES])
    return rows


def breaks_of(
    file: CsvFile,
    rejected: Sequence[tuple[int, int]],
    failed: Sequence[tuple[int, list[str | None]]],
) -> list[Break] | None:
    """Walk a file to say where its good rows stand; None for one that takes too long to walk."""
    if file.lines > MOST_WALKED:
        return None
    offsets, numbers = {offset for offset, _ in rejected}, {number for number, _ in failed}
    found: list[Break] = []
    row, number, line, position, expected = 0, -1, 1, 0, -1
    with records_of(file) as records:
        for start, _ in body_of(file, records):
            line += records.line_ends(position, start)
            position = start
            if start in offsets:
                continue
            number += 1
            if number in numbers:
                continue
            if line != expected:
                found.append((row, line))
            row, expected = row + 1, line + 1
    return found


def records_of(file: CsvFile) -> Records:
    """Open the records of a file."""
    return Records(file.plain, file.dialect.delimiter, file.dialect.quote)


def body_of(file: CsvFile, records: Records) -> Iterator[tuple[int, int]]:
    """Return the spans of the records after the header."""
    spans = records.spans(keep_blank=len(file.dialect.names) == 1)
    if file.dialect.header:
        next(spans)
    return spans


def _located(file: CsvFile, numbers: list[int], rejected: set[int]) -> list[tuple[int, str]]:
    """Return the line and the text of rows by their number among those not rejected."""
    with records_of(file) as records:
        wanted = set(numbers)
        last = numbers[-1]
        kept = []
        number = 0
        for span in body_of(file, records):
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


def none_fits(name: str, file: CsvFile, left_out: Sequence[tuple[int, int]]) -> Problem:
    """Say that no row has as many fields as the header."""
    with records_of(file) as records:
        widths = [records.width(*records.span_at(offset)) for offset, _ in left_out[:1000]]
    fewest, most = min(widths), max(widths)
    fields = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    return Problem(
        f"every row of {shown(file.path)} has {fields} fields, "
        f"and the header {len(file.dialect.names)}",
        place=name,
        hint="a delimiter at the end of each row, a column without a name, "
        "or a delimiter inside fields that are not quoted?",
    )
