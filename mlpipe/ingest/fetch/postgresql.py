"""PostgreSQL: psycopg through SQLAlchemy, with a cursor on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.ingest.fetch.rows import Column, unreadable
from mlpipe.ingest.fetch.server import open_server, whole_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from mlpipe.ingest.fetch.fetched import Wanted
    from mlpipe.ingest.fetch.rows import Kind
    from mlpipe.ingest.fetch.server import ServerReader

__all__ = ["open_postgresql"]

# Numbers of types as pg_type has them; they are the same in every PostgreSQL.
KINDS: Mapping[int, Kind] = {
    16: "boolean", 20: "integer", 21: "integer", 23: "integer", 26: "integer",
    700: "real", 701: "number", 1700: "numeric", 1082: "date", 1114: "timestamp", 1184: "instant",
    18: "text", 19: "text", 25: "text", 705: "text", 1042: "text", 1043: "text", 2950: "text",
}  # fmt: skip
NUMERIC = 1700
BYTEA = 17
NESTED = (114, 3802)
HINTS = {
    790: '"{name}"::numeric',
    1186: 'extract(epoch from "{name}")::bigint',
}


def open_postgresql(wanted: Wanted) -> AbstractContextManager[ServerReader]:
    """Connect to a server; a password may also come from ``PGPASSFILE`` or ``~/.pgpass``."""
    seconds = whole_seconds(wanted.source.timeout)
    milliseconds = max(1, round(wanted.source.timeout * 1000))
    return open_server(
        wanted,
        "postgresql+psycopg",
        arguments={
            "connect_timeout": max(2, seconds),  # libpq takes 1 for 2
            "tcp_user_timeout": milliseconds,
            "keepalives_idle": seconds,
            "application_name": "mlpipe",
        },
        begin=(
            "SET TRANSACTION READ ONLY",
            "SET LOCAL TimeZone = 'UTC'",
            "SET LOCAL extra_float_digits = 3",
            f"SET LOCAL statement_timeout = {milliseconds}",
        ),
        columns=_columns,
    )


def _columns(reader: ServerReader, cursor: Any, key: str) -> Sequence[Column]:
    described = cursor.description
    others = {int(column.type_code) for column in described} - set(KINDS)
    known = _other_types(reader, others)
    declared = reader.wanted.source.types
    return [_column(column, known, key, declared=column.name in declared) for column in described]


def _other_types(reader: ServerReader, numbers: set[int]) -> dict[int, tuple[str, str]]:
    """Return name and category of types that are not built in: enums, and those of extensions."""
    if not numbers:
        return {}
    listed = ", ".join(str(number) for number in sorted(numbers))
    query = (
        f"SELECT oid::int8, typname::text, typcategory::text FROM pg_type WHERE oid IN ({listed})"  # noqa: S608 - numbers
    )
    return {int(number): (name, category) for number, name, category in reader.rows(query)}


def _column(column: Any, known: dict[int, tuple[str, str]], key: str, *, declared: bool) -> Column:
    number = int(column.type_code)
    if number in KINDS:
        precision, scale = column.precision, column.scale
        if number == NUMERIC and precision and scale is not None and 0 <= scale <= precision:
            return Column(column.name, "decimal", precision, scale, declared)
        return Column(column.name, KINDS[number], declared=declared)
    name, category = known.get(number, ("of a type that is not known", ""))
    if category in ("E", "S"):
        return Column(column.name, "text", declared=declared)
    if number == BYTEA:
        hint = "leave it out, or cast it in the query: encode(…, 'hex')"
        raise unreadable(column.name, "a blob (bytea)", hint, key)
    example = HINTS.get(number, '"{name}"::text').format(name=column.name)
    nested = number in NESTED or category in ("A", "C")
    doing = "flatten it or cast it in the query" if nested else "cast it in the query"
    what = f"of the type {name}, which a table does not hold"
    raise unreadable(column.name, what, f"{doing}: {example}", key)
