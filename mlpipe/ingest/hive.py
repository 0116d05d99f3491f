# ruff: noqa: S608 — names, values and paths in these queries are quoted.
"""Folders named ``key=value``, as Hive and Spark write them: columns whose values are paths.

Names and values are percent-encoded, and ``__HIVE_DEFAULT_PARTITION__`` is a missing value
(Apache Hive, ``FileUtils.escapePathName``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mlpipe.errors import DataError, Problem
from mlpipe.ingest.dialect import check_names
from mlpipe.ingest.files import shown
from mlpipe.ingest.infer import infer_types
from mlpipe.ingest.lexical import Lexical, lexical
from mlpipe.ingest.loaded import read_parquet
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from mlpipe.ingest.loaded import Loaded
    from mlpipe.ingest.source import Source
    from mlpipe.table.session import Session

__all__ = ["Partitions", "partitions_of", "undeclared", "with_partitions", "without_partitions"]

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class Partitions:
    """What the folders above each file say.

    Attributes
    ----------
    paths : tuple of Path
        The files.
    names : tuple of str
        The keys.
    values : tuple of tuple
        The text of each key for each file, None where missing.
    """

    paths: tuple[Path, ...]
    names: tuple[str, ...]
    values: tuple[tuple[str | None, ...], ...]


def partitions_of(name: str, paths: list[Path]) -> Partitions:
    """Read the folders above files.

    Parameters
    ----------
    name : str
        The source's name, for messages.

    Raises
    ------
    DataError
        If there are none, files have different ones, or a name is blank or doubled.
    """
    pairs = [_pairs(path) for path in paths]
    names = tuple(key for key, _ in pairs[0])
    if not names:
        hint = "drop `hive: true`, or name the folder above them"
        text = f"{shown(paths[0])} has no folder named key=value above it"
        raise DataError(Problem(text, place=name, hint=hint))
    check_names(f"the path {shown(paths[0])}", names, hint="rename the folder")
    for path, found in zip(paths, pairs, strict=True):
        if sorted(key for key, _ in found) != sorted(names):
            text = f"{shown(path)} and {shown(paths[0])} have different folders above them"
            raise DataError(Problem(text, place=name, hint=f"expected {', '.join(names)}"))
    by_key = [dict(found) for found in pairs]
    values = tuple(tuple(found[key] for key in names) for found in by_key)
    return Partitions(tuple(paths), names, values)


def undeclared(name: str, paths: list[Path]) -> list[str]:
    """Warn of folders named ``key=value`` that are not read as columns."""
    keys = dict.fromkeys(key for path in paths for key, _ in _pairs(path))
    if not keys:
        return []
    listed = ", ".join(keys)
    return [f"{name}: folders name {listed}: declare `hive: true` to read them as columns"]


def without_partitions(source: Source, found: Partitions) -> Source:
    """Return the source as its files have it: without types of columns that are folders."""
    types = {column: word for column, word in source.types.items() if column not in found.names}
    return source.model_copy(update={"types": types})


def with_partitions(loaded: Loaded, found: Partitions, source: Source, session: Session) -> Loaded:
    """Add the columns that the folders name, after those of the files.

    Parameters
    ----------
    loaded : Loaded
        The files, one Parquet file each.
    source : Source
        With the declared types.

    Raises
    ------
    DataError
        If the files have such a column already, or a value is not of its type.
    """
    _refuse_clash(loaded, found)
    texts = [_known(row, source) for row in found.values]
    rules = _rules(found, texts, source, session)
    paths = []
    for at, (path, row) in enumerate(zip(loaded.paths, texts, strict=True)):
        cells = [
            _cell(loaded.name, found.paths[at], column, rule=rule, text=text, session=session)
            for column, rule, text in zip(found.names, rules, row, strict=True)
        ]
        target = session.path("source")
        query = f"SELECT *, {', '.join(cells)} FROM {read_parquet([path])}"
        session.copy(query, target, compression="lz4")
        paths.append(target)
    return replace(loaded, paths=tuple(paths), columns=loaded.columns + found.names)


def _pairs(path: Path) -> list[tuple[str, str | None]]:
    pairs: list[tuple[str, str | None]] = []
    for folder in path.parts[:-1]:
        key, mark, value = folder.partition("=")
        if key and mark:
            text = _decoded(path, value)
            pairs.append((_decoded(path, key), None if text == NO_VALUE else text))
    return pairs


def _decoded(path: Path, text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        problem = Problem(f"the path {shown(path)} is not percent-encoded UTF-8: {text}")
        raise DataError(problem) from None


def _refuse_clash(loaded: Loaded, found: Partitions) -> None:
    taken = {column.lower() for column in loaded.columns}
    problems = [
        Problem(
            f"'{key}' is a column of the files and a folder above them",
            place=f"{loaded.name} ({shown(found.paths[0])})",
            key=key,
            hint="rename one of them where the files are written",
        )
        for key in found.names
        if key.lower() in taken
    ]
    if problems:
        raise DataError(*problems)


def _known(row: tuple[str | None, ...], source: Source) -> tuple[str | None, ...]:
    missing = {"", *source.nulls}
    return tuple(None if text in missing else text for text in row)


def _rules(
    found: Partitions,
    texts: list[tuple[str | None, ...]],
    source: Source,
    session: Session,
) -> list[Lexical]:
    """Return the rule of each key: declared, or inferred from the values of all files."""
    rows = ", ".join(f"({', '.join(_text(text) for text in row)})" for row in texts)
    columns = [f"t{at}" for at in range(len(found.names))]
    relation = f"SELECT * FROM (VALUES {rows}) AS folders({', '.join(columns)})"
    open_columns = [
        (key, column)
        for key, column in zip(found.names, columns, strict=True)
        if key not in source.types
    ]
    inferred, _ = infer_types(session, relation, open_columns, source.decimal)
    types = {**inferred, **source.types}
    return [
        lexical(types[key], source.decimal, inferred=key not in source.types) for key in found.names
    ]


def _cell(
    name: str, path: Path, column: str, *, rule: Lexical, text: str | None, session: Session
) -> str:
    """Return SQL of a value as a constant column."""
    value = rule.value("t", f"({rule.cast_of('t')})")
    constant = f"(SELECT {value} FROM (SELECT {_text(text)} AS t))"
    if text is not None and session.raw.execute(f"SELECT {constant} IS NULL").fetchone() == (True,):
        place = f"{name} ({shown(path)})"
        raise DataError(Problem(f"the folder says {rule.reason(text)}", place=place, key=column))
    return f"{constant} AS {identifier(column)}"


def _text(text: str | None) -> str:
    return f"CAST({'NULL' if text is None else literal(text)} AS VARCHAR)"
