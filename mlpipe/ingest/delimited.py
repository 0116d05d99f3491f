# ruff: noqa: S608 — names and paths in these queries are quoted by `identifier` and `literal`.
"""Read CSV: every file whole, as text, each value accepted by an exact rule and a cast."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.ingest.dialect import SAMPLE_ROWS, Dialect, dialect_of
from mlpipe.ingest.files import labels, shown, signature
from mlpipe.ingest.infer import infer_types
from mlpipe.ingest.lexical import NUMBER, Lexical, lexical
from mlpipe.ingest.loaded import BadRow, Loaded, refuse_too_many
from mlpipe.ingest.rejects import bad_values, rejected_rows
from mlpipe.ingest.staging import blank_lines, holds_nul, staged
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.columns import BAD
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.ingest.spec import Source
    from mlpipe.table.session import Session

__all__ = ["CsvFile", "load_csv"]

MOST_REJECTS = 1_000_000


@dataclass(frozen=True)
class CsvFile:
    """One file of a source on its way in: as the user has it, and as plain text."""

    path: Path
    plain: Path
    label: str
    dialect: Dialect
    nul: bool


@dataclass(frozen=True)
class _Rules:
    """How the columns of a source are read."""

    names: tuple[str, ...]
    declared: frozenset[str]
    rules: tuple[Lexical, ...]
    nulls: tuple[str, ...]

    def checked(self, file: CsvFile) -> list[tuple[str, Lexical, bool]]:
        """Return the columns in which a text can be wrong: name, rule, whether declared."""
        return [
            (name, rule, name in self.declared)
            for name, rule in zip(self.names, self.rules, strict=True)
            if rule.type != "string" or file.nul
        ]


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
    _refuse_changed(paths, before)
    return _loaded(
        name,
        source,
        dialect,
        rules=rules,
        parts=parts,
        warnings=[*_looks_like_data(dialect), *warnings, *_blank(files)],
        most=most,
    )


@dataclass(frozen=True)
class _Part:
    """What one file came to."""

    file: CsvFile
    parquet: Path
    rows: int
    rejected: int
    bad: tuple[BadRow, ...]
    typed_bad: int


def _opened(path: Path, label: str, source: Source, session: Session) -> CsvFile:
    plain = staged(path, source, session)
    return CsvFile(path, plain, label, dialect_of(path, plain, source, session), holds_nul(plain))


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
) -> tuple[_Rules, list[str]]:
    names = files[0].dialect.names
    _refuse_unknown(name, source, names)
    nulls = tuple(word for word in source.nulls if word)
    types = dict(source.types)
    texts = [(column, f"t{index}") for index, column in enumerate(names) if column not in types]
    sample = " UNION ALL ".join(
        f"(SELECT * FROM ({_texts(file, nulls)}) LIMIT {SAMPLE_ROWS})" for file in files[:8]
    )
    inferred, warnings = infer_types(
        session, f"SELECT * FROM ({sample}) LIMIT {SAMPLE_ROWS}", texts, source.decimal
    )
    found = {**inferred, **types}
    rules = tuple(
        lexical(found[column], source.decimal, inferred=column not in types) for column in names
    )
    return _Rules(names, frozenset(types), rules, nulls), warnings


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


def _texts(file: CsvFile, nulls: Sequence[str], *, rejects: str = "") -> str:
    """Return SQL of the file's fields as text, t0, t1…, null where missing."""
    words = ", ".join(literal(word) for word in nulls)
    columns = []
    for index in range(len(file.dialect.names)):
        text = f"nullif(trim(c{index}), '')" if file.dialect.trim else f"c{index}"
        text = f"CASE WHEN {text} NOT IN ({words}) THEN {text} END" if nulls else text
        columns.append(f"{text} AS t{index}")
    keep = rejects or "ignore_errors = true"
    reader = f"read_csv({literal(str(file.plain))}, {file.dialect.options()}, {keep})"
    return f"SELECT {', '.join(columns)} FROM {reader}"


def _read(name: str, file: CsvFile, source: Source, rules: _Rules, session: Session) -> _Part:
    """Write one file to Parquet and account for every row that did not make it."""
    parquet = session.path("source")
    table = f"rejects_{parquet.stem.split('-')[0]}"
    store = (
        f"store_rejects = true, rejects_table = '{table}', rejects_scan = '{table}_scan', "
        f"rejects_limit = {MOST_REJECTS}"
    )
    query = _typed(_texts(file, rules.nulls, rejects=store), file, source, rules)
    written = session.copy(query, parquet, compression="lz4")
    rejects = rejected_rows(name, file, table, written, session)
    count = session.raw.execute(
        f"SELECT count({BAD}) FROM read_parquet({literal(str(parquet))})"
    ).fetchone()
    typed_bad = count[0] if count else 0
    values: list[BadRow] = []
    if typed_bad:
        checked = rules.checked(file)
        values = bad_values(
            name,
            file,
            parquet,
            checked=checked,
            rejected={at for at, _ in rejects},
            session=session,
        )
    bad = tuple(sorted((*(row for _, row in rejects), *values)))
    return _Part(file, parquet, written - typed_bad, len(rejects) + typed_bad, bad, typed_bad)


def _typed(texts: str, file: CsvFile, source: Source, rules: _Rules) -> str:
    """Return SQL of the values, and of the texts that are not what their column says."""
    casts, checks, values = [], [], []
    for index, (column, rule) in enumerate(zip(rules.names, rules.rules, strict=True)):
        is_text = rule.type == "string"
        if not is_text:
            casts.append(f", {rule.cast_of(f't{index}')} AS c{index}")
            checks.append(f", {rule.value(f't{index}', f'c{index}')} AS v{index}")
        values.append(f"{'t' if is_text else 'v'}{index} AS {identifier(column)}")
    if source.file_column:
        values.append(f"{literal(file.label)} AS {identifier(source.file_column)}")
    return (
        f"SELECT {', '.join(values)}, {_failed(file, rules)} AS {BAD} "
        f"FROM (SELECT *{''.join(checks)} FROM (SELECT *{''.join(casts)} FROM ({texts})))"
    )


def _failed(file: CsvFile, rules: _Rules) -> str:
    """Return SQL of the list of texts that their columns do not take; null for good rows."""
    index = {name: position for position, name in enumerate(rules.names)}
    tests = {}
    for name, rule, _ in rules.checked(file):
        text, value = f"t{index[name]}", f"v{index[name]}"
        missing = f"({text} IS NOT NULL AND {value} IS NULL)"
        tests[text] = f"contains({text}, chr(0))" if rule.type == "string" else missing
    if not tests:
        return "CAST(NULL AS VARCHAR[])"
    texts = ", ".join(f"CASE WHEN {test} THEN {text} END" for text, test in tests.items())
    return f"CASE WHEN {' OR '.join(tests.values())} THEN [{texts}] END"


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


def _refuse_changed(paths: list[Path], before: list[Any]) -> None:
    for path, seen in zip(paths, before, strict=True):
        if signature(path) != seen:
            raise DataError(
                Problem(
                    f"{shown(path)} changed while it was read", hint="run again when it is whole"
                )
            )


def _looks_like_data(dialect: Dialect) -> list[str]:
    numbers = [name for name in dialect.names if re.fullmatch(NUMBER, name)]
    if not dialect.header or not numbers:
        return []
    return [f"the header holds {numbers[0]!r}: declare `header: false` and `names` if it is a row"]


def _blank(files: list[CsvFile]) -> list[str]:
    counts = {
        shown(file.path): blank_lines(file.plain, file.dialect.quote)
        for file in files
        if len(file.dialect.names) > 1
    }
    return [f"{name} has {count} blank lines, left out" for name, count in counts.items() if count]


def _loaded(
    name: str,
    source: Source,
    dialect: Dialect,
    *,
    rules: _Rules,
    parts: list[_Part],
    warnings: list[str],
    most: int | float,
) -> Loaded:
    bad = tuple(row for part in parts for row in part.bad)
    rows = sum(part.rows for part in parts)
    rejected = sum(part.rejected for part in parts)
    refuse_too_many(name, bad, rejected, rows + rejected, most)
    if not rows:
        raise DataError(Problem("has a header and no rows", place=name))
    columns = rules.names + ((source.file_column,) if source.file_column else ())
    return Loaded(
        name=name,
        paths=tuple(part.parquet for part in parts),
        columns=columns,
        clean=not any(part.typed_bad for part in parts),
        rows=rows,
        files=tuple({"path": shown(part.file.path), "rows": part.rows} for part in parts),
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
