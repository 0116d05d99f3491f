"""Rows of a database as a Parquet file: every value exactly, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from mlpipe.errors import DataError, Problem, SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import pyarrow as pa

__all__ = ["BATCH", "FILE", "Column", "alike", "check_names", "unreadable", "write_rows"]

BATCH = 20_000
"""Rows that are in memory at once."""

FILE = "rows.parquet"
INTEGER_MAX = 2**63 - 1
WIDEST = 38

Kind = Literal[
    "boolean", "integer", "wide", "real", "number", "decimal", "numeric", "text", "date",
    "timestamp", "instant",
]  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of a result.

    Attributes
    ----------
    kind : str
        ``wide`` is an integer without sign, ``real`` has 32 bits and ``number`` 64; ``decimal``
        has a precision, ``numeric`` none; ``timestamp`` is naive, ``instant`` in UTC.
    precision, scale : int
        Digits of a decimal, in all and after the point.
    declared : bool
        Whether ``types`` names it: what has no exact type is then kept as text, for the exact
        reading that ``types`` asks for.
    """

    name: str
    kind: Kind
    precision: int = 0
    scale: int = 0
    declared: bool = False

    @property
    def is_text(self) -> bool:
        """Whether it is written as text."""
        loose = self.kind in ("numeric", "wide") or (
            self.kind == "decimal" and self.precision > WIDEST
        )
        return self.kind == "text" or (self.declared and loose)


def check_names(names: Sequence[str], key: str) -> None:
    """Refuse two columns of one name, and columns without one.

    Raises
    ------
    DataError
        Also for names that differ only in case: SQL could not tell them apart afterwards.
    """
    lowered = [name.lower() for name in names]
    twice = sorted({name for name in lowered if lowered.count(name) > 1})
    if twice or not all(name.strip() for name in names):
        what = (
            f"gives two columns of the name {', '.join(twice)}"
            if twice
            else "gives a column without a name"
        )
        raise DataError(Problem(what, key=key, hint="name them apart with `as`"))


def unreadable(column: str, kind: str, hint: str, key: str) -> SpecError:
    """Return the refusal of a column whose type is not that of a value in a table."""
    return SpecError(Problem(f"column '{column}' is {kind}", key=key, hint=hint))


def write_rows(
    columns: Sequence[Column], batches: Iterable[Sequence[Sequence[Any]]], path: Path, key: str
) -> int:
    """Write rows to Parquet in their order and return how many there are.

    Parameters
    ----------
    columns : sequence of Column
        The columns in order.
    batches : iterable
        Lists of rows as the driver gives them; memory holds one at a time.
    path : Path
        The file to write.
    key : str
        Where the query stands in the spec, for messages.

    Raises
    ------
    DataError
        For no rows, and for a value that the column's type cannot hold exactly.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(column.name, _arrow(column, key)) for column in columns])
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            if not batch:
                continue
            rows += len(batch)
            values = zip(columns, zip(*batch, strict=True), schema.types, strict=True)
            arrays = [_array(column, cells, type_, key) for column, cells, type_ in values]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
    if not rows:
        raise DataError(Problem("the query returned no rows", key=key))
    return rows


def alike(path: Path) -> str:
    """Return a digest of the rows of a Parquet file that does not depend on their order.

    Each row is hashed with MD5 over its values, length before each; the digest is the sum of the
    hashes beside the number of rows and the schema. A row that stands twice counts twice.
    """
    import duckdb
    import pyarrow.parquet as pq

    from mlpipe.table.session import identifier, literal

    schema = pq.read_schema(path)
    texts = [f"CAST({identifier(name)} AS VARCHAR)" for name in schema.names]
    parts = ", ".join(f"coalesce(strlen({text}) || ':' || {text}, '-')" for text in texts)
    halves = ", ".join(f"sum(('0x' || substr(h, {at}, 15))::BIGINT)" for at in (1, 16))
    query = (
        f"SELECT count(*), {halves} FROM "  # noqa: S608 - quoted by `identifier` and `literal`
        f"(SELECT md5(concat({parts})) AS h FROM read_parquet({literal(str(path))}))"
    )
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as con:
        con.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        found = con.execute(query).fetchone() or ()
    types = ",".join(f"{field.name} {field.type}" for field in schema)
    return "/".join([*map(str, found), types])


def _arrow(column: Column, key: str) -> pa.DataType:
    import pyarrow as pa

    if column.is_text:
        return pa.string()
    if column.kind != "decimal":
        return {
            "boolean": pa.bool_(),
            "integer": pa.int64(),
            "wide": pa.int64(),
            "real": pa.float32(),
            "number": pa.float64(),
            "numeric": pa.float64(),
            "date": pa.date32(),
            "timestamp": pa.timestamp("us"),
            "instant": pa.timestamp("us", tz="UTC"),
        }[column.kind]
    if column.precision > WIDEST:
        hint = f"cast it in the query to numeric of {WIDEST} digits, or declare it under `types`"
        what = f"is a decimal of {column.precision} digits; {WIDEST} are read exactly"
        raise DataError(Problem(f"column '{column.name}' {what}", key=key, hint=hint))
    return pa.decimal128(column.precision, column.scale)


def _array(column: Column, values: Sequence[Any], type_: pa.DataType, key: str) -> pa.Array:
    import pyarrow as pa

    convert = _CONVERT.get("text" if column.is_text else column.kind)
    try:
        made = [None if v is None else convert(v) for v in values] if convert else values
        return pa.array(made, type=type_)
    except _MisfitError as misfit:
        raise DataError(
            Problem(f"column '{column.name}' {misfit}", key=key, hint=_hint(column))
        ) from None
    except (OverflowError, ValueError, TypeError, UnicodeError, pa.ArrowException):
        what = f"column '{column.name}' holds a value that is no {column.kind} or does not fit"
        raise DataError(Problem(what, key=key, hint=_hint(column))) from None


class _MisfitError(Exception):
    """A value that a column cannot hold exactly, in words."""


def _text(value: Any) -> str:
    text = format(value, "f") if isinstance(value, Decimal) and value.is_finite() else str(value)
    if "\0" in text:
        raise _MisfitError("holds a NUL character")
    return text


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _MisfitError(f"holds {str(value)[:40]!r} among its integers")
    if not -INTEGER_MAX - 1 <= value <= INTEGER_MAX:
        raise _MisfitError(f"holds {value}, which does not fit 64 bits")
    return value


def _double(value: Any) -> float:
    """Return a decimal as the number that reads back as the same decimal."""
    number = float(value)
    if Decimal(value).is_finite() and Decimal(repr(number)) != value:
        raise _MisfitError(f"holds {value}, which no 64-bit number is exactly")
    return number


def _boolean(value: Any) -> bool:
    if value not in (0, 1):
        raise _MisfitError(f"holds {str(value)[:40]!r} among its booleans")
    return bool(value)


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "integer": _integer,
    "wide": _integer,
    "numeric": _double,
    "boolean": _boolean,
}


def _hint(column: Column) -> str:
    if column.kind in ("integer", "wide"):
        return f"declare `types: {{{column.name}: decimal(20,0)}}`, or cast it in the query"
    if column.kind in ("numeric", "decimal"):
        return (
            f"cast it in the query, for example to numeric(18,6) or double precision, "
            f"or declare `types: {{{column.name}: number}}`"
        )
    return "mend it in the query"
