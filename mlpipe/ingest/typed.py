# ruff: noqa: S608 — names and paths in these queries are quoted by `identifier` and `literal`.
"""From cells to typed Parquet: staged as text, then accepted by the same exact rules as CSV."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.ingest.breaks import Lines, line_breaks
from mlpipe.ingest.cell_texts import RowFile, Staged, raw_of, stage_texts
from mlpipe.ingest.cell_types import cell_types
from mlpipe.ingest.files import shown
from mlpipe.ingest.lexical import Lexical, lexical
from mlpipe.ingest.loaded import (
    MOST_SAMPLES,
    BadRow,
    Loaded,
    read_parquet,
    refuse_too_many,
    require_rows,
)
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.ingest.source import Source
    from mlpipe.table.session import Session

__all__ = ["load_rows"]

MOST_LOCATED = 100_000


@dataclass(frozen=True)
class _Rules:
    """How the columns of a source are read."""

    names: tuple[str, ...]
    declared: frozenset[str]
    rules: tuple[Lexical, ...]

    def values(self) -> dict[int, Lexical]:
        """Return the rules of the columns whose text can be wrong, by position."""
        return {at: rule for at, rule in enumerate(self.rules) if rule.type != "string"}


@dataclass(frozen=True)
class _Part:
    """What one file came to."""

    file: RowFile
    parquet: Path
    rows: int
    rejected: int
    bad: tuple[BadRow, ...]
    lines: Lines


def load_rows(
    name: str,
    source: Source,
    names: tuple[str, ...],
    files: Sequence[RowFile],
    session: Session,
    most: int | float,
    *,
    dialect: dict[str, object],
) -> Loaded:
    """Read files of cells into typed Parquet.

    Parameters
    ----------
    name : str
        The source's name, for messages.
    names : tuple of str
        The columns.
    files : sequence of RowFile
        The files with their rows; each is read once.
    most : int or float
        ``max_bad_rows``.
    dialect : dict
        What the report says about how the files are written.

    Raises
    ------
    DataError
        If a column mixes kinds of values, a value contradicts the kind of its column where
        no type is declared, more rows are bad than allowed, or there are none.
    """
    _refuse_taken(name, source, names)
    staged = [stage_texts(name, file, names, source, session) for file in files]
    found = cell_types(name, names, source, staged)
    rules = tuple(
        lexical(found[column], source.decimal if column in source.types else ".")
        for column in names
    )
    read = _Rules(names, frozenset(source.types), rules)
    parts = [
        _part(name, source, read, file, texts, session=session)
        for file, texts in zip(files, staged, strict=True)
    ]
    loaded = _loaded(name, source, names, parts, most=most, dialect=dialect)
    return replace(loaded, breaks=line_breaks([part.lines for part in parts], session))


def _refuse_taken(name: str, source: Source, names: tuple[str, ...]) -> None:
    column = source.file_column
    if column and column.lower() in {one.lower() for one in names}:
        key = f"ingest.sources.{name}.file_column"
        raise SpecError(Problem(f"the files have a column '{column}' already", key=key))


def _part(
    name: str, source: Source, rules: _Rules, file: RowFile, staged: Staged, *, session: Session
) -> _Part:
    parquet = session.path("source")
    values = [
        f"{'t' if rule.type == 'string' else 'v'}{at} AS {identifier(column)}"
        for at, (column, rule) in enumerate(zip(rules.names, rules.rules, strict=True))
    ]
    if source.file_column:
        values.append(f"{literal(file.label)} AS {identifier(source.file_column)}")
    accepted = " AND ".join(_accepted(rules)) or "true"
    good = f"({_cast(staged.parquet, rules)}) WHERE {accepted}"
    query = f"SELECT {', '.join(values)} FROM {good}"
    rows = session.copy(query, parquet, compression="lz4", pushdown=False)
    bad, lines = list(staged.bad), f"SELECT line FROM {read_parquet([staged.parquet])}"
    if rows < staged.rows:
        bad += _failed_rows(name, file, staged, rules, session)
        lines = f"SELECT line FROM {good}"
    rejected = len(staged.bad) + staged.rows - rows
    place = Lines(shown(file.path), lines, rows)
    return _Part(file, parquet, rows, rejected, tuple(sorted(bad)), place)


def _cast(staged: Path, rules: _Rules) -> str:
    """Return SQL of the staged texts t0, t1… and, where they are no text, of their casts."""
    casts = [f", {rule.cast_of(f't{at}')} AS v{at}" for at, rule in rules.values().items()]
    return f"SELECT *, file_row_number AS position{''.join(casts)} FROM {read_parquet([staged])}"


def _accepted(rules: _Rules) -> list[str]:
    """Return for each text that can be wrong the condition that it is not."""
    return [
        f"(t{at} IS NULL OR coalesce({rule.accepts(f't{at}', f'v{at}')}, false))"
        for at, rule in rules.values().items()
    ]


def _failed_rows(
    name: str, file: RowFile, staged: Staged, rules: _Rules, session: Session
) -> list[BadRow]:
    """Return the rows with a value that is not of its column's type."""
    tests = _accepted(rules)
    texts = ", ".join(f"t{at}" for at in range(len(rules.names)))
    wrong = ", ".join(f"NOT {test}" for test in tests)
    found = session.raw.execute(
        f"SELECT line, [{texts}], [{wrong}] FROM ({_cast(staged.parquet, rules)}) "
        f"WHERE NOT ({' AND '.join(tests)}) ORDER BY position LIMIT {MOST_LOCATED}"
    ).fetchall()
    rows: list[BadRow] = []
    surprises: list[Problem] = []
    for line, row, marks in found:
        bad = [at for at, mark in zip(rules.values(), marks, strict=True) if mark]
        reasons = {rules.names[at]: rules.rules[at].reason(row[at]) for at in bad}
        surprises += _surprises(name, file, line, reasons, rules.declared)
        raw, reason = raw_of(rules.names, row), "; ".join(reasons.values())
        first = next(iter(reasons))
        rows.append(BadRow(name, shown(file.path), line, first, reason, raw))
    if surprises:
        raise DataError(*surprises[:MOST_SAMPLES])
    return rows


def _surprises(
    name: str, file: RowFile, line: int, reasons: dict[str, str], declared: frozenset[str]
) -> list[Problem]:
    return [
        Problem(
            reason,
            place=f"{name} ({shown(file.path)}:{line})",
            key=column,
            hint=f"declare `ingest.sources.{name}.types: {{{column}: …}}`",
        )
        for column, reason in reasons.items()
        if column not in declared
    ]


def _loaded(
    name: str,
    source: Source,
    names: tuple[str, ...],
    parts: list[_Part],
    *,
    most: int | float,
    dialect: dict[str, object],
) -> Loaded:
    bad = tuple(row for part in parts for row in part.bad)
    rows = sum(part.rows for part in parts)
    rejected = sum(part.rejected for part in parts)
    refuse_too_many(name, bad, rejected, rows + rejected, most)
    require_rows(name, rows, bad, rejected, Problem("has no rows", place=name))
    return Loaded(
        name=name,
        paths=tuple(part.parquet for part in parts),
        columns=names + ((source.file_column,) if source.file_column else ()),
        rows=rows,
        files=tuple({"path": shown(part.file.path), "rows": part.rows} for part in parts),
        rejected=rejected,
        bad=bad,
        dialect=dialect,
        warnings=tuple(
            f"{name}: {shown(part.file.path)} has {part.file.blank()} blank {part.file.unit}, "
            "left out"
            for part in parts
            if part.file.blank()
        ),
    )
