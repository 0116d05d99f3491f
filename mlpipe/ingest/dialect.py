# ruff: noqa: S608 — names and paths in these queries are quoted by `identifier` and `literal`.
"""How the fields of a CSV file are set apart, and what its columns are called."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem
from mlpipe.ingest.files import shown
from mlpipe.ingest.records import Records
from mlpipe.table.columns import RESERVED
from mlpipe.table.session import literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlpipe.ingest.source import Source
    from mlpipe.table.session import Session

__all__ = ["SAMPLE_ROWS", "Dialect", "check_names", "dialect_of", "split_fields"]

CANDIDATES = (",", ";", "\t", "|")
SAMPLE_ROWS = 20_480


@dataclass(frozen=True)
class Dialect:
    """What a file needs to be read: nothing is left to the engine's guess.

    Attributes
    ----------
    delimiter, quote : str
        As in the spec; an empty quote means no quoting.
    trim : bool
        Whether spaces around values are dropped.
    header : bool
        Whether the first record is the header.
    names : tuple of str
        The names of the columns.
    skip : int
        Blank lines before the first record.
    """

    delimiter: str
    quote: str
    trim: bool
    header: bool
    names: tuple[str, ...]
    skip: int

    def options(self) -> str:
        """Return the reader's options in SQL, all of them spelled out."""
        columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(self.names)))
        return (
            f"columns = {{{columns}}}, auto_detect = false, strict_mode = true, "
            f"header = {str(self.header).lower()}, skip = {self.skip}, "
            f"delim = {literal(self.delimiter)}, quote = {literal(self.quote)}, "
            f"escape = {literal(self.quote)}, comment = ''"
        )


def dialect_of(path: Path, plain: Path, source: Source, session: Session) -> Dialect:
    """Find the dialect of a staged file and check its header.

    Parameters
    ----------
    path, plain : Path
        The file of the user, for messages, and its plain UTF-8 text.

    Raises
    ------
    DataError
        If the header is blank or doubled, holds a reserved name, or the delimiter is wrong.
    """
    delimiter, trim = source.delimiter_of(path.name), source.trim
    if delimiter is not None and len(delimiter.strip(" ")) == 1 < len(delimiter):
        delimiter, trim = delimiter.strip(" "), True
    with Records(plain, delimiter or ",", source.quote) as records:
        head = records.head(100)
        skip = records.blank_before_first
    if not head:
        raise DataError(Problem(f"{shown(path)} is empty", hint="expected a header and rows"))
    if delimiter is None:
        delimiter = _sniffed(plain, source, head[0], session)
    fields = [split_fields(record, delimiter, source.quote) for record in head]
    names = source.names
    if trim is None:
        trim = _all_spaced(fields)
    if source.header:
        names = tuple(name.strip() if trim else name for name in fields[0])
        hint = "rename it in the file, or give `header: false` and `names` if there is no header"
        check_names(f"the header of {shown(path)}", names, hint=hint)
    _check_width(path, fields, names, delimiter=delimiter, is_header=source.header)
    return Dialect(delimiter, source.quote, trim, source.header, names, skip)


def _sniffed(plain: Path, source: Source, first: str, session: Session) -> str:
    """Ask the engine; where its answer makes one column of several, ask the first record."""
    import duckdb

    query = (
        f"SELECT Delimiter FROM sniff_csv({literal(str(plain))}, "
        f"quote = {literal(source.quote)}, escape = {literal(source.quote)}, comment = '', "
        f"all_varchar = true, sample_size = {SAMPLE_ROWS})"
    )
    try:
        row = session.raw.execute(query).fetchone()
    except duckdb.Error:
        row = None
    if row and len(split_fields(first, row[0], source.quote)) > 1:
        return str(row[0])
    return max(CANDIDATES, key=lambda mark: len(split_fields(first, mark, source.quote)))


def split_fields(record: str, delimiter: str, quote: str) -> list[str]:
    """Return the fields of one record."""
    if len(delimiter) > 1:
        return record.split(delimiter)
    rows = csv.reader(
        [record],
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        skipinitialspace=False,
    )
    try:
        return next(rows, [])
    except csv.Error:  # a field of over 128 KiB
        return record.split(delimiter)


def _all_spaced(rows: list[list[str]]) -> bool:
    """Return whether a space follows every delimiter, as in ``39, State-gov, 77516``."""
    rest = [field for row in rows for field in row[1:]]
    return bool(rest) and all(field.startswith(" ") for field in rest)


def check_names(where: str, names: Sequence[str], *, hint: str) -> None:
    """Refuse names of columns that are blank, reserved, or alike but for case.

    Parameters
    ----------
    where : str
        What has the names, for messages.

    Raises
    ------
    DataError
        With the first five of them.
    """
    lowered = [name.lower() for name in names]
    problems = []
    for position, name in enumerate(names):
        if not name.strip():
            problems.append(f"{where} has no name for column {position + 1}")
        elif lowered.index(name.lower()) < position:
            first = lowered.index(name.lower()) + 1
            problems.append(f"{where} has '{name}' twice, as columns {first} and {position + 1}")
        elif name.lower() in RESERVED:
            problems.append(f"{where} has '{name}', which is reserved")
    if problems:
        raise DataError(*(Problem(text, hint=hint) for text in problems[:5]))


def _check_width(
    path: Path,
    rows: list[list[str]],
    names: tuple[str, ...],
    *,
    delimiter: str,
    is_header: bool,
) -> None:
    """Refuse one column where another delimiter would make several, and too few names."""
    first = rows[0]
    best = max(CANDIDATES, key=lambda mark: first[0].count(mark))
    if len(first) == 1 and best != delimiter and best in first[0]:
        raise DataError(
            Problem(
                f"{shown(path)} has one column with the delimiter {delimiter!r}: {first[0][:60]}",
                hint=f"declare `delimiter: {best!r}`",
            )
        )
    body = rows[1:] if is_header else rows
    short = not is_header and not any(len(row) == len(names) for row in body)
    if body and (short or all(len(row) > len(names) for row in body)):
        width = Counter(len(row) for row in body).most_common(1)[0][0]
        declared = "the header" if is_header else "`names`"
        raise DataError(
            Problem(
                f"every row of {shown(path)} has {width} fields, and {declared} {len(names)}",
                hint="name every column in its order; a delimiter at the end makes one more",
            )
        )
