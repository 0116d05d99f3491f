"""MySQL and MariaDB: PyMySQL through SQLAlchemy, unbuffered."""

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

__all__ = ["open_mysql"]

# The numbers of field types in the protocol.
KINDS: Mapping[int, Kind] = {
    0: "decimal", 246: "decimal", 1: "integer", 2: "integer", 3: "integer", 8: "integer",
    9: "integer", 13: "integer", 5: "number", 7: "instant", 12: "timestamp", 10: "date",
    15: "text", 247: "text", 248: "text", 249: "text", 250: "text", 251: "text", 252: "text",
    253: "text", 254: "text", 6: "text",
}  # fmt: skip
FLOAT, BIGINT, TIME, BIT, JSON = 4, 8, 11, 16, 245
REFUSED = {
    FLOAT: (
        "a FLOAT, which the server sends rounded",
        "cast it in the query: cast({name} as double)",
    ),
    TIME: ("a TIME", "cast it in the query: time_to_sec({name})"),
    BIT: ("a BIT", "cast it in the query: {name} + 0"),
    JSON: ("of the type json", "flatten it or cast it in the query: cast({name} as char)"),
}
UNSIGNED = 32
BINARY = 63
"""The character set of what is no text."""


def open_mysql(wanted: Wanted) -> AbstractContextManager[ServerReader]:
    """Connect to a server; TIMESTAMP columns are read in UTC."""
    seconds = whole_seconds(wanted.source.timeout)
    return open_server(
        wanted,
        "mysql+pymysql",
        arguments={
            "connect_timeout": seconds,
            "read_timeout": seconds,
            "write_timeout": seconds,
            "charset": "utf8mb4",
        },
        begin=("SET SESSION time_zone = '+00:00'", "START TRANSACTION READ ONLY"),
        columns=_columns,
    )


def _columns(reader: ServerReader, cursor: Any, key: str) -> Sequence[Column]:
    declared = reader.wanted.source.types
    # Whether a number has a sign, and whether a text is one, the public description leaves out.
    fields = cursor._result.fields
    return [_column(field, key, declared=field.name in declared) for field in fields]


def _column(field: Any, key: str, *, declared: bool) -> Column:
    number = field.type_code
    if number in REFUSED or number not in KINDS:
        what, hint = REFUSED.get(
            number, ("of a type that a table does not hold", "cast it: cast({name} as char)")
        )
        raise unreadable(field.name, what, hint.format(name=field.name), key)
    kind = KINDS[number]
    if kind == "text" and field.charsetnr == BINARY and number != 6:
        raise unreadable(
            field.name, "a blob", f"leave it out, or cast it in the query: hex({field.name})", key
        )
    if number == BIGINT and field.flags & UNSIGNED:
        return Column(field.name, "wide", declared=declared)
    if kind != "decimal":
        return Column(field.name, kind, declared=declared)
    # The length is that of the text: a sign, a point, and the digits.
    signed, pointed = not field.flags & UNSIGNED, field.scale > 0
    return Column(field.name, kind, field.length - signed - pointed, field.scale, declared)
