# ruff: noqa: S608 — names and paths in these queries are quoted by `identifier` and `literal`.
"""Read Parquet: as it is, unless the spec declares types or words for missing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem
from mlpipe.ingest.files import labels, shown
from mlpipe.ingest.lexical import Lexical, lexical
from mlpipe.ingest.loaded import BadRow, Loaded, read_parquet, refuse_too_many, require_rows
from mlpipe.ingest.parquet_schema import refuse_different, refuse_names, schema_of
from mlpipe.ingest.places import breaks_without, write_breaks
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from mlpipe.ingest.source import Source
    from mlpipe.table.session import Session

__all__ = ["load_parquet"]


def load_parquet(
    name: str, source: Source, paths: list[Path], session: Session, most: int | float
) -> Loaded:
    """Read the Parquet files of a source.

    Parameters
    ----------
    name : str
        The source's name, for messages.
    most : int or float
        ``max_bad_rows``.

    Raises
    ------
    DataError
        For a file that is no Parquet, shards whose schemas differ, inf and nan.
    SpecError
        If a declared type names no column.
    """
    schemas = [schema_of(path) for path in paths]
    refuse_different(paths, schemas)
    refuse_names(name, source, paths[0], schemas[0])
    names = tuple(schemas[0].names)
    _refuse_not_finite(name, source, paths, schemas[0], session)
    if source.types or any(source.nulls) or source.file_column:
        return _converted(name, source, paths, names, session=session, most=most)
    rows = [_rows(path) for path in paths]
    require_rows(name, sum(rows), (), 0, _nothing(paths))
    return Loaded(
        name=name,
        paths=tuple(paths),
        columns=names,
        rows=sum(rows),
        files=_files(paths, rows),
        breaks=_breaks(session, paths, rows, [[]] * len(paths)),
        dialect={"format": "parquet"},
    )


def _refuse_not_finite(
    name: str, source: Source, paths: list[Path], schema: pa.Schema, session: Session
) -> None:
    """Refuse inf and nan, which CSV refuses too, unless ``nulls`` makes them missing."""
    import pyarrow as pa

    words = [word.lower() for word in source.nulls]
    tests = {
        field.name: f"count_if({_not_finite(identifier(field.name), words)})"
        for field in schema
        if pa.types.is_floating(field.type) and field.name not in source.types
    }
    if not tests:
        return
    query = f"SELECT {', '.join(tests.values())} FROM {read_parquet(paths)}"
    found = session.raw.execute(query).fetchone() or ()
    problems = [
        Problem(
            f"holds {count:,} values that are inf or nan",
            place=name,
            key=column,
            hint="declare `nulls: [nan]` to read nan as missing",
        )
        for column, count in zip(tests, found, strict=True)
        if count
    ]
    if problems:
        raise DataError(*problems)


def _not_finite(column: str, words: list[str]) -> str:
    tests = [f"isnan({column})"] if "nan" not in words else []
    tests += [f"isinf({column})"] if "inf" not in words else []
    return " OR ".join(tests) or "false"


def _converted(
    name: str,
    source: Source,
    paths: list[Path],
    names: tuple[str, ...],
    *,
    session: Session,
    most: int | float,
) -> Loaded:
    """Write the files again, with the declared types, nulls and file column."""
    targets, rows = [], []
    bad: list[list[BadRow]] = []
    for path, label in zip(paths, labels(paths), strict=True):
        target = session.path("source")
        conversion = _Conversion.of(path, label, source, names)
        rows.append(session.copy(conversion.good(), target, pushdown=False))
        missing = _rows(path) - rows[-1]
        bad.append(_bad_rows(name, path, conversion, session) if missing else [])
        targets.append(target)
    every = [row for rows_of_file in bad for row in rows_of_file]
    refuse_too_many(name, every, len(every), sum(rows) + len(every), most)
    require_rows(name, sum(rows), every, len(every), _nothing(paths))
    return Loaded(
        name=name,
        paths=tuple(targets),
        columns=names + ((source.file_column,) if source.file_column else ()),
        rows=sum(rows),
        rejected=len(every),
        bad=tuple(every),
        files=_files(paths, rows),
        breaks=_breaks(session, paths, rows, bad),
        dialect={"format": "parquet"},
    )


@dataclass(frozen=True)
class _Conversion:
    """How a file is written again: its values, and which texts their types do not take."""

    path: Path
    values: tuple[str, ...]
    tests: tuple[str, ...]
    texts: tuple[str, ...]
    rules: tuple[tuple[str, Lexical], ...]

    @classmethod
    def of(cls, path: Path, label: str, source: Source, names: tuple[str, ...]) -> _Conversion:
        """Plan the conversion of a file."""
        words = [literal(word.lower()) for word in source.nulls if word]
        values, tests, texts, rules = [], [], [], []
        for name in names:
            column = identifier(name)
            text = f"CAST({column} AS VARCHAR)"
            missing = f"lower({text}) IN ({', '.join(words)})" if words else "false"
            value = f"CASE WHEN NOT {missing} THEN {column} END" if words else column
            if name in source.types:
                known = f"(CASE WHEN NOT {missing} THEN {text} END)"
                rule = lexical(source.types[name], source.decimal)
                value = rule.value(known, rule.cast_of(known))
                tests.append(f"({known} IS NOT NULL AND ({value}) IS NULL)")
                texts.append(f"CASE WHEN {tests[-1]} THEN {text} END")
                rules.append((name, rule))
            values.append(f"{value} AS {column}")
        if source.file_column:
            values.append(f"{literal(label)} AS {identifier(source.file_column)}")
        return cls(path, tuple(values), tuple(tests), tuple(texts), tuple(rules))

    def good(self) -> str:
        """Return SQL of the converted rows that are good."""
        where = f" WHERE NOT ({' OR '.join(self.tests)})" if self.tests else ""
        return f"SELECT {', '.join(self.values)} FROM {read_parquet([self.path])}{where}"

    def bad(self) -> str:
        """Return SQL of the bad rows: their position, and their wrong texts."""
        return (
            f"SELECT file_row_number, [{', '.join(self.texts)}] FROM {read_parquet([self.path])} "
            f"WHERE {' OR '.join(self.tests)} ORDER BY 1"
        )


def _bad_rows(name: str, path: Path, conversion: _Conversion, session: Session) -> list[BadRow]:
    rows = []
    for number, texts in session.raw.execute(conversion.bad()).fetchall():
        failed = [
            (one, rule, text)
            for (one, rule), text in zip(conversion.rules, texts, strict=True)
            if text is not None
        ]
        reasons = [rule.reason(text) for _, rule, text in failed]
        raw = ", ".join(text for *_, text in failed)
        rows.append(BadRow(name, shown(path), number + 1, failed[0][0], "; ".join(reasons), raw))
    return rows


def _breaks(
    session: Session, paths: list[Path], rows: list[int], bad: Sequence[Sequence[BadRow]]
) -> Path:
    """Write where the rows stand: the line of a Parquet file is the number of its row, from 1."""
    return write_breaks(
        session,
        (
            (shown(path), breaks_without(1, [row.line for row in wrong], count), count)
            for path, count, wrong in zip(paths, rows, bad, strict=True)
        ),
    )


def _nothing(paths: list[Path]) -> Problem:
    return Problem(f"{shown(paths[0])} holds no rows")


def _rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def _files(paths: list[Path], rows: list[int]) -> tuple[dict[str, object], ...]:
    return tuple(
        {"path": shown(path), "rows": count} for path, count in zip(paths, rows, strict=True)
    )
