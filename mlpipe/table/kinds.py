"""What kind of thing each column holds: its engine type, and how its strings read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.table.columns import RESERVED, ROW, Columns, Kind
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.datatypes as dt
    import ibis.expr.types as ir

    from mlpipe.table.session import Session

__all__ = ["SAMPLE", "infer_kinds", "kind_of_type", "type_word"]

SAMPLE = 100_000
"""How many of the first rows are looked at to tell text from category."""

TEXT_WORDS = 4.0
TEXT_DISTINCT = 0.5


def infer_kinds(session: Session, table: ir.Table, columns: Columns) -> dict[str, Kind]:
    """Return the kind of each column, in the order of the table; our own columns left out.

    Numbers, dates and booleans go by their type. A string column is text where its values
    have four or more words on average and at least half of them are distinct, among the
    first 100,000 rows; else a category. A declared kind wins.

    Parameters
    ----------
    session : Session
        The session of the table; scanned once, and only where there are string columns.
    table : ibis table
        The shaped table.
    columns : Columns
        The roles; ``kinds`` of columns that the table does not have are ignored.

    Returns
    -------
    dict of str to {"number", "category", "text", "date", "boolean"}
    """
    kinds: dict[str, Kind] = {}
    declared = columns.declared_kinds
    for name, dtype in table.schema().items():
        if name not in RESERVED:
            kinds[name] = declared.get(name) or _kind_of_type(dtype)
    strings = [
        name
        for name, dtype in table.schema().items()
        if dtype.is_string() and name in kinds and name not in declared
    ]
    kinds.update(dict.fromkeys(_texts(session, table, strings), "text"))
    return kinds


def type_word(dtype: dt.DataType) -> str:
    """Return the word that the spec has for a column type.

    Zoned timestamps are ``timestamp_utc``; a type without a word gets its engine's name.
    """
    if dtype.is_decimal():
        return f"decimal({dtype.precision},{dtype.scale})"
    if dtype.is_timestamp():
        return "timestamp_utc" if dtype.timezone else "timestamp"
    words = (
        (dtype.is_integer, "integer"),
        (dtype.is_floating, "number"),
        (dtype.is_string, "string"),
        (dtype.is_boolean, "boolean"),
        (dtype.is_date, "date"),
    )
    return next((word for is_it, word in words if is_it()), str(dtype).lower())


def kind_of_type(word: str) -> str:
    """Return number, string, boolean, date or any: what a type is at the level of a frame."""
    if word in {"integer", "number"} or word.startswith("decimal"):
        return "number"
    if word in {"date", "timestamp", "timestamp_utc"}:
        return "date"
    return word if word in {"string", "boolean"} else "any"


def _kind_of_type(dtype: dt.DataType) -> Kind:
    if dtype.is_boolean():
        return "boolean"
    if dtype.is_numeric():
        return "number"
    if dtype.is_date() or dtype.is_timestamp():
        return "date"
    return "category"


def _texts(session: Session, table: ir.Table, names: Sequence[str]) -> list[str]:
    """Return which of the string columns hold text."""
    if not names:
        return []
    sample = table.filter(table[ROW] < SAMPLE) if ROW in table.columns else table.head(SAMPLE)
    facts = ", ".join(_facts(identifier(name)) for name in names)
    row = session.raw.sql(session.con.compile(sample.select(*names))).aggregate(facts).fetchone()
    row = row or ()
    found = zip(names, row[0::3], row[1::3], row[2::3], strict=True)
    return [
        name
        for name, words, distinct, present in found
        if present and words >= TEXT_WORDS and distinct >= TEXT_DISTINCT * present
    ]


def _facts(column: str) -> str:
    """Average words, distinct values and non-null values of a string column."""
    words = f"length(trim({column})) - length(replace(trim({column}), ' ', '')) + 1"
    return f"avg({words}), count(DISTINCT {column}), count({column})"
