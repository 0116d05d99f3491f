"""Columns that hold no value: what they are cannot be seen, and is what it was in training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.table.kinds import type_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import ibis.expr.types as ir

    from mlpipe.table.session import Session

__all__ = ["empty_columns", "typed_as"]

_TYPES = {
    "integer": "int64",
    "number": "float64",
    "string": "string",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "timestamp_utc": "timestamp('UTC')",
}
"""The type that a word stands for; a decimal is written as it is."""


def typed_as(table: ir.Table, types: Mapping[str, str], session: Session) -> ir.Table:
    """Return a table whose columns without a value have the types that are known of them.

    A file in which a column is empty says nothing of its type: readers call it text.

    Parameters
    ----------
    table : ibis table
    types : mapping of str to str
        The words of the types by column; columns that the table does not have are ignored.
    session : Session
        Of the table; only columns of another type are looked at.

    Returns
    -------
    ibis table
        A column of another type that holds a value stays as it is.
    """
    import ibis

    other = [
        name
        for name, dtype in table.schema().items()
        if _known(types.get(name, "")) and type_word(dtype) != types[name]
    ]
    nulls = {name: _known(types[name]) for name in empty_columns(table, other, session)}
    return table.mutate(**{n: ibis.null(word) for n, word in nulls.items()}) if nulls else table


def empty_columns(table: ir.Table, names: Iterable[str], session: Session) -> list[str]:
    """Return which of some columns hold no value in any row."""
    names = list(names)
    if not names:
        return []
    counted = table.aggregate(**{f"n{at}": table[name].count() for at, name in enumerate(names)})
    row = session.raw.execute(session.con.compile(counted)).fetchone() or ()
    return [name for name, count in zip(names, row, strict=True) if not count]


def _known(word: str) -> str:
    """Return the engine's type of a word; empty where the word is none of the spec's."""
    return word if word.startswith("decimal(") else _TYPES.get(word, "")
