# ruff: noqa: S608 — names and paths in these queries are quoted by `identifier` and `literal`.
"""Read CSV: every file whole, as text, each value accepted by an exact rule and a cast."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.ingest.dialect import SAMPLE_ROWS, Dialect, dialect_of
from mlpipe.ingest.files import labels, refuse_changed, shown, signature
from mlpipe.ingest.infer import infer_types
from mlpipe.ingest.lexical import MARKS, NUMBER
from mlpipe.ingest.loaded import BadRow, Loaded, refuse_too_many, require_rows
from mlpipe.ingest.overlong import empty_ends, overlong
from mlpipe.ingest.places import Break, write_breaks
from mlpipe.ingest.rejects import (
    bad_values,
    breaks_of,
    none_fits,
    rejected_offsets,
    rejected_rows,
)
from mlpipe.ingest.staging import blank_lines, staged, text_facts
from mlpipe.ingest.texts import CsvFile, Rules, failed_rows, marks_of, texts_of, typed
from mlpipe.spec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.ingest.source import Source
    from mlpipe.table.session import Session

__all__ = ["load_csv"]

MOST_REJECTS = 1_000_000


def load_csv(
    name: str, source: Source, paths: list[Path], session: Session, most: int | float
) -> Loaded:
    """Read the CSV files of a source into typed Parquet.

    Parameters
    ----------
    name : str
        The source's name, for messages.
    most : int or float
        ``max_bad_rows``.

    Raises
    ------
    DataError
        For anything that cannot be read exactly as it is written, with its place.
    SpecError
        If a declared type names no column.
    """
    import duckdb

    before = [signature(path) for path in paths]
    files = [
        _opened(path, label, source, session)
        for path, label in zip(paths, labels(paths), strict=True)
    ]
    dialect = _shared(files)
    try:
        rules, warnings = _rules(name, source, files, session)
        parts = [_read(name, file, source, rules, session) for file in files]
    except duckdb.InvalidInputException as error:
        raise DataError(_unreadable(files, error)) from error
    refuse_changed(paths, before)
    warnings = [*_looks_like_data(dialect), *warnings, *_blank(parts)]
    return _loaded(
        name, source, dialect, parts=parts, warnings=warnings, most=most, session=session
    )


@dataclass(frozen=True)
class _Part:
    """What one file came to: its good rows, where they stand, and its bad ones."""

    file: CsvFile
    parquet: Path
    rows: int
    straight: bool
    breaks: list[Break] | None
    rejected: int
    bad: tuple[BadRow, ...]


def _opened(path: Path, label: str, source: Source, session: Session) -> CsvFile:
    plain = staged(path, source, session)
    dialect = dialect_of(path, plain, source, session)
    quote = dialect.quote.encode()
    singles: frozenset[bytes] = frozenset(
        {b"\0", *(mark.encode() for mark in MARKS), quote} - {b"", b"\n", b"\r"}
    )
    ends = empty_ends(dialect.delimiter, dialect.quote)
    facts = text_facts(plain, singles | ends, header=dialect.header)
    return CsvFile(
        path,
        plain,
        label,
        dialect,
        facts.lines,
        b"\0" in facts.found,
        marks_of(dialect, facts.found),
        not ends.isdisjoint(facts.found),
    )


def _shared(files: list[CsvFile]) -> Dialect:
    first = files[0]
    for file in files[1:]:
        if file.dialect.names != first.dialect.names:
            extra = sorted(set(file.dialect.names) ^ set(first.dialect.names))
            what = (
                f"columns that only one has: {', '.join(extra[:5])}" if extra else "another order"
            )
            raise DataError(
                Problem(
                    f"{shown(file.path)} and {shown(first.path)} have different columns: {what}",
                    hint="declare them as two sources and join them in ingest.sql",
                )
            )
    return first.dialect


def _rules(
    name: str, source: Source, files: list[CsvFile], session: Session
) -> tuple[Rules, list[str]]:
    names = files[0].dialect.names
    _refuse_unknown(name, source, names)
    nulls = tuple(word for word in source.nulls if word)
    types = dict(source.types)
    texts = [(column, f"t{index}") for index, column in enumerate(names) if column not in types]
    sample = " UNION ALL ".join(
        f"(SELECT * FROM ({texts_of(file, nulls)}) LIMIT {SAMPLE_ROWS})" for file in files[:8]
    )
    session.raw.execute(
        f"CREATE OR REPLACE TEMP TABLE sampled AS SELECT * FROM ({sample}) LIMIT {SAMPLE_ROWS}"
    )
    inferred, warnings = infer_types(session, "SELECT * FROM sampled", texts, source.decimal)
    found = {**inferred, **types}
    filled = _filled(names, session)
    return Rules(names, found, frozenset(types), nulls, source.decimal, filled), warnings


def _filled(names: Sequence[str], session: Session) -> frozenset[str]:
    """Return the columns that miss no value in the sample."""
    tests = ", ".join(f"count(t{index}) = count(*)" for index in range(len(names)))
    row = session.raw.execute(f"SELECT {tests} FROM sampled").fetchone() or ()
    return frozenset(name for name, full in zip(names, row, strict=True) if full)


def _refuse_unknown(name: str, source: Source, names: Sequence[str]) -> None:
    problems = [
        Problem(
            f"there is no column '{column}' in the files",
            key=f"ingest.sources.{name}.types.{column}",
            hint=did_you_mean(column, names),
        )
        for column in source.types
        if column not in names
    ]
    if source.file_column and source.file_column.lower() in {one.lower() for one in names}:
        problems.append(
            Problem(
                f"the files have a column '{source.file_column}' already",
                key=f"ingest.sources.{name}.file_column",
            )
        )
    if problems:
        raise SpecError(*problems)


def _read(name: str, file: CsvFile, source: Source, rules: Rules, session: Session) -> _Part:
    """Write the good rows of one file to Parquet and account for every other."""
    parquet = session.path("source")
    table = f"rejects_{parquet.stem.split('-')[0]}"
    store = (
        f"store_rejects = true, rejects_table = '{table}', rejects_scan = '{table}_scan', "
        f"rejects_limit = {MOST_REJECTS}"
    )
    written = _written(
        texts_of(file, rules.nulls, rejects=store),
        file,
        source,
        rules=rules,
        parquet=parquet,
        session=session,
    )
    left_out = rejected_offsets(name, file, table, session)
    if long := overlong(name, file, left_out, session):
        file = replace(file, overlong=tuple(row.number for row in long))
        parquet = session.path("source")
        written = _written(
            texts_of(file, rules.nulls), file, source, rules=rules, parquet=parquet, session=session
        )
        left_out = sorted([*left_out, *((row.offset, row.line) for row in long)])
    failed: list[tuple[int, list[str | None]]] = []
    accounted = written + len(left_out) + file.dialect.header
    if accounted != file.lines:  # not one good row a line: are there bad ones?
        failed = failed_rows(file, rules, session)
    if left_out and not written and not failed:
        raise DataError(none_fits(name, file, left_out))
    values = bad_values(name, file, failed, checked=rules.checked(file), rejected=left_out)
    bad = sorted([*rejected_rows(name, file, left_out), *values])
    straight = accounted == file.lines and not left_out
    breaks = [(0, 1 + file.dialect.header)] if straight else breaks_of(file, left_out, failed)
    return _Part(file, parquet, written, straight, breaks, len(left_out) + len(failed), tuple(bad))


def _written(
    texts: str, file: CsvFile, source: Source, *, rules: Rules, parquet: Path, session: Session
) -> int:
    """Write the good rows; return how many they are."""
    query = typed(texts, file, source, rules)
    # Snappy, and each value cast once: this one pass is what ingest takes the time of.
    return session.copy(query, parquet, compression="snappy", pushdown=False)


def _unreadable(files: list[CsvFile], error: Exception) -> Problem:
    """Say which file the engine gave up on: its message names it, or there is only one."""
    text = str(error)
    named = [file for file in files if str(file.plain) in text]
    name = shown((named or files)[0].path)
    if "invalid state" in text:
        return Problem(
            f"{name} cannot be read: its line ends are mixed (CR, LF and CRLF)",
            hint="write them all one way, for example with dos2unix",
        )
    return Problem(f"{name} cannot be read: {text.splitlines()[0]}")


def _looks_like_data(dialect: Dialect) -> list[str]:
    numbers = [name for name in dialect.names if re.fullmatch(NUMBER, name)]
    if not dialect.header or not numbers:
        return []
    return [f"the header holds {numbers[0]!r}: declare `header: false` and `names` if it is a row"]


def _blank(parts: list[_Part]) -> list[str]:
    counts = {
        shown(part.file.path): blank_lines(part.file.plain, part.file.dialect.quote)
        for part in parts
        if len(part.file.dialect.names) > 1 and not part.straight
    }
    return [f"{name} has {count} blank lines, left out" for name, count in counts.items() if count]


def _loaded(
    name: str,
    source: Source,
    dialect: Dialect,
    *,
    parts: list[_Part],
    warnings: list[str],
    most: int | float,
    session: Session,
) -> Loaded:
    bad = tuple(row for part in parts for row in part.bad)
    rows = sum(part.rows for part in parts)
    rejected = sum(part.rejected for part in parts)
    refuse_too_many(name, bad, rejected, rows + rejected, most)
    require_rows(name, rows, bad, rejected, Problem("has a header and no rows", place=name))
    columns = dialect.names + ((source.file_column,) if source.file_column else ())
    placed = [(shown(part.file.path), part.breaks, part.rows) for part in parts]
    known = [(file, breaks, count) for file, breaks, count in placed if breaks is not None]
    return Loaded(
        name=name,
        paths=tuple(part.parquet for part in parts),
        columns=columns,
        rows=rows,
        files=tuple({"path": shown(part.file.path), "rows": part.rows} for part in parts),
        breaks=write_breaks(session, known) if len(known) == len(placed) else None,
        rejected=rejected,
        bad=bad,
        dialect={
            "delimiter": dialect.delimiter,
            "quote": dialect.quote,
            "encoding": source.encoding,
            "header": dialect.header,
            "trim": dialect.trim,
        },
        warnings=tuple(f"{name}: {text}" for text in warnings),
    )
