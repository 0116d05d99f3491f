"""Events and rows in one form: the same keys, the same clock, values of a known type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem
from mlpipe.table.kinds import kind_of_type, type_word
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir

    from mlpipe.features.plan import AggregateBlock, AggregateColumn
    from mlpipe.table.session import Session

__all__ = ["event_columns", "events_query", "keys_of", "moment", "rows_query", "value_name"]

_COMPARED = {
    "integer": "BIGINT",
    "number": "DOUBLE",
    "string": "VARCHAR",
    "boolean": "BOOLEAN",
    "date": "TIMESTAMP",
}
"""As what keys are compared."""


def event_columns(block: AggregateBlock) -> list[str]:
    """Return the columns of the source that a block reads, sorted."""
    return sorted({*block["by"], block["time"], *block["reads"]})


def keys_of(block: AggregateBlock) -> list[str]:
    """Return the names of the keys in the queries, by position."""
    return [f"_key_{at}" for at, _ in enumerate(sorted(block["by"]))]


def value_name(column: AggregateColumn) -> str:
    """Return the name of a column's values in the queries."""
    return "_event" if column["column"] is None else f"_value_{column['column']}"


def rows_query(
    block: AggregateBlock, table: ir.Table, time: str, session: Session, row: str
) -> str:
    """Return SQL of the position, the keys and the moment of each row."""
    keys = _keys(block, table)
    return (
        f"SELECT {identifier(row)}, {keys}, {moment(table, time, block['zone'])} AS _time "  # noqa: S608
        f"FROM ({session.con.compile(table)})"
    )


def events_query(block: AggregateBlock, events: ir.Table, session: Session) -> str:
    """Return SQL of the events that have a key and a moment: both, and their values.

    Raises
    ------
    DataError
        If a column holds something else than in training.
    """
    _check_types(block, events)
    values = {
        value_name(column): _value(column, events, block["zone"])
        for column in block["columns"]
        if column["column"] is not None
    }
    listed = "".join(f", {value} AS {identifier(name)}" for name, value in values.items())
    there = " AND ".join(f"{name} IS NOT NULL" for name in (*keys_of(block), "_time"))
    inner = (
        f"SELECT {_keys(block, events)}, {moment(events, block['time'], block['zone'])} AS _time, "  # noqa: S608
        f"1 AS _event{listed} FROM ({session.con.compile(events)})"
    )
    return f"SELECT * FROM ({inner}) WHERE {there}"  # noqa: S608


def moment(table: ir.Table, name: str, zone: str | None) -> str:
    """Return SQL of a time as a moment in UTC: what has no zone is read in the declared one."""
    column = identifier(name)
    if zone is None or type_word(table.schema()[name]) == "timestamp_utc":
        return f"CAST({column} AS TIMESTAMP)"
    return f"CAST(timezone({literal(zone)}, CAST({column} AS TIMESTAMP)) AS TIMESTAMP)"


def _keys(block: AggregateBlock, table: ir.Table) -> str:
    columns = [_key(table, name, word, block["zone"]) for name, word in sorted(block["by"].items())]
    return ", ".join(f"{key} AS {name}" for key, name in zip(columns, keys_of(block), strict=True))


def _key(table: ir.Table, name: str, word: str, zone: str | None) -> str:
    """Return SQL of a key as it is compared; a fraction is no whole number, and matches none."""
    if word == "date":
        return moment(table, name, zone)
    column, dtype = identifier(name), table.schema()[name]
    found = f"CAST({column} AS {_COMPARED[word]})"
    if word == "integer" and not dtype.is_integer():
        return f"CASE WHEN {column} = floor({column}) THEN {found} END"
    return found


def _value(column: AggregateColumn, events: ir.Table, zone: str | None) -> str:
    """Return SQL of a value; what is no finite number is missing."""
    name = column["column"] or ""
    if column["type"] == "date":
        return moment(events, name, zone)
    if column["type"] == "string":
        return f"CAST({identifier(name)} AS VARCHAR)"
    number = f"CAST({identifier(name)} AS DOUBLE)"
    return f"CASE WHEN isfinite({number}) THEN {number} END"


def _check_types(block: AggregateBlock, events: ir.Table) -> None:
    expected: dict[str, str] = {
        **{name: "number" if word == "integer" else word for name, word in block["by"].items()},
        block["time"]: "date",
        **{one["column"]: one["type"] for one in block["columns"] if one["column"] is not None},
    }
    schema = events.schema()
    if problems := list(_wrong(block["source"], expected, schema)):
        raise DataError(*problems)


def _wrong(source: str, expected: Mapping[str, str], schema: Any) -> list[Problem]:
    found = {
        name: type_word(schema[name])
        for name in expected
        if name in schema and not schema[name].is_null()
    }
    missing = [
        Problem(f"the column is missing in the source {source}", key=name)
        for name in expected
        if name not in schema
    ]
    return missing + [
        Problem(
            f"expected {expected[name]} in the source {source}, not {word}",
            key=name,
            hint=f"declare it: ingest: sources: {source}: types: {{{name}: …}}",
        )
        for name, word in found.items()
        if kind_of_type(word) != expected[name]
    ]
