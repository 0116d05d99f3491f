"""The schema of Parquet files, and what of it is refused before a row is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.ingest.files import shown
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.columns import RESERVED

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from mlpipe.ingest.source import Source

__all__ = ["refuse_different", "refuse_names", "schema_of"]

MAGIC = b"PAR1"


def schema_of(path: Path) -> pa.Schema:
    """Return the schema of a Parquet file.

    Raises
    ------
    DataError
        For a file that is no Parquet or is damaged, and for types that cannot be read exactly.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with path.open("rb") as file:
        head = file.read(4)
        size = file.seek(0, 2)
        file.seek(max(size - 4, 0))
        tail = file.read(4)
    if head != MAGIC:
        hint = "declare `format: csv` if it is text"
        raise DataError(Problem(f"{shown(path)} is not a Parquet file", hint=hint))
    if tail != MAGIC or size < 12:
        raise DataError(
            Problem(f"{shown(path)} has no footer: it was cut off", hint="write it again")
        )
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        text = str(error).splitlines()[0]
        raise DataError(Problem(f"{shown(path)} has a damaged footer: {text}")) from error
    _refuse_pickles(path, schema)
    _refuse_inexact(path, schema)
    return schema


def _refuse_inexact(path: Path, schema: pa.Schema) -> None:
    """Refuse types that the engine would bend: wide decimals become doubles, durations counts."""
    import pyarrow as pa

    bent = {
        field.name: field.type
        for field in schema
        if pa.types.is_decimal256(field.type) or pa.types.is_duration(field.type)
    }
    if bent:
        hint = "write it as decimal of up to 38 digits, as a number of one unit, or as text"
        raise DataError(
            *(
                Problem(
                    f"{shown(path)} holds {kind}, which cannot be read exactly", key=name, hint=hint
                )
                for name, kind in bent.items()
            )
        )


def _refuse_pickles(path: Path, schema: pa.Schema) -> None:
    for field in schema:
        extension = (field.metadata or {}).get(b"ARROW:extension:name", b"")
        if extension == b"arrow.py_extension_type":
            raise DataError(
                Problem(f"{shown(path)} holds a pickled extension type", key=field.name)
            )


def refuse_different(paths: list[Path], schemas: list[pa.Schema]) -> None:
    """Refuse files whose columns or types differ."""
    first = schemas[0]
    for path, schema in zip(paths[1:], schemas[1:], strict=True):
        if schema.names == first.names and schema.types == first.types:
            continue
        ours = {f"{field.name} {field.type}" for field in first}
        theirs = {f"{field.name} {field.type}" for field in schema}
        extra = ", ".join(sorted(ours ^ theirs)[:6]) or "the order of columns"
        raise DataError(
            Problem(
                f"{shown(path)} and {shown(paths[0])} have different schemas: {extra}",
                hint="declare them as two sources and bring them together in ingest.sql",
            )
        )


def refuse_names(name: str, source: Source, path: Path, schema: pa.Schema) -> None:
    """Refuse names that a table cannot have, and declared types of columns that are not there."""
    lowered = [column.lower() for column in schema.names]
    for position, column in enumerate(lowered):
        if column in lowered[:position] or column in RESERVED or not column.strip():
            raise DataError(
                Problem(
                    f"{shown(path)} has a column '{schema.names[position]}' that is blank, "
                    "reserved, or differs from another only in case",
                    hint="rename it where the file is written",
                )
            )
    problems = [
        Problem(
            f"there is no column '{column}' in the files",
            key=f"ingest.sources.{name}.types.{column}",
            hint=did_you_mean(column, schema.names),
        )
        for column in source.types
        if column not in schema.names
    ]
    if problems:
        raise SpecError(*problems)
