"""From the files of a source to its rows, by the format of the files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from mlpipe.errors import Problem, SpecError
from mlpipe.ingest.columnar import load_parquet
from mlpipe.ingest.delimited import load_csv
from mlpipe.ingest.excel import load_excel
from mlpipe.ingest.files import expand
from mlpipe.ingest.hive import partitions_of, undeclared, with_partitions, without_partitions
from mlpipe.ingest.json_source import load_json
from mlpipe.ingest.source import known_format

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlpipe.ingest.loaded import Loaded
    from mlpipe.ingest.source import Source
    from mlpipe.table.session import Session

__all__ = ["load_files"]

_Load = Callable[["str", "Source", "list[Path]", "Session", "int | float"], "Loaded"]

LOADERS: Mapping[str, _Load] = {
    "csv": load_csv,
    "excel": load_excel,
    "json": load_json,
    "jsonl": load_json,
    "parquet": load_parquet,
}


def load_files(name: str, source: Source, key: str, most: int | float, session: Session) -> Loaded:
    """Read the files that a source names.

    Parameters
    ----------
    name : str
        The source's name, for messages.
    key : str
        The dotted key of the source, for messages.
    most : int or float
        ``max_bad_rows``.

    Raises
    ------
    SpecError
        If there are no such files, or they are of several formats.
    DataError
        If they cannot be read exactly.
    """
    paths = _of_format(source, expand(source.pattern or "", f"{key}.path"), f"{key}.path")
    formats = sorted({source.format_of(path.name) for path in paths})
    if len(formats) > 1:
        hint = "declare them as sources of their own, or say which `format` is meant"
        raise SpecError(
            Problem(f"mixes {' and '.join(formats)} files", key=f"{key}.path", hint=hint)
        )
    if source.sheet and formats != ["excel"]:
        raise SpecError(Problem("is for spreadsheets", key=f"{key}.sheet"))
    load = LOADERS[formats[0]]
    if not source.hive:
        loaded = load(name, source, paths, session, most)
        return replace(loaded, warnings=(*loaded.warnings, *undeclared(name, paths)))
    found = partitions_of(name, paths)
    loaded = load(name, without_partitions(source, found), paths, session, most)
    return with_partitions(loaded, found, source, session)


def _of_format(source: Source, paths: list[Path], key: str) -> list[Path]:
    """Keep the files of a folder that have the extension of the declared format."""
    if source.format is None or source.pattern == source.path:
        return paths
    kept = [path for path in paths if known_format(path.name) == source.format]
    if not kept:
        raise SpecError(Problem(f"there are no {source.format} files under {source.path}", key=key))
    return kept
