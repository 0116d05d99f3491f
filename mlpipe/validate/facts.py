"""What a table shows of each column: the ground on which checks are proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.table.columns import RESERVED
from mlpipe.table.kinds import type_word
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.datatypes as dt
    import ibis.expr.types as ir

    from mlpipe.table.session import Session

__all__ = ["MOST_VALUES", "SHAPES", "Facts", "gather", "repeats"]

MOST_VALUES = 20
"""Most values that a category has."""

_HEX = "[0-9a-fA-F]"
SHAPES = {
    "uuid": f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}",
    "date": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
}
"""Regular expressions (RE2) of texts whose shape says what they are."""

_WORDS = ("integer", "number", "string", "boolean", "date", "timestamp")


@dataclass(frozen=True)
class Facts:
    """What is known of one column.

    Attributes
    ----------
    name : str
        The column.
    type : str or None
        The word that a check has for its type.
    rows, nulls : int
        Rows of the table, and how many have no value.
    distinct : int
        About how many values there are; strings and whole numbers only.
    low, high : object
        Smallest and largest value of numbers, dates and timestamps.
    lengths : tuple of int
        Fewest and most characters of a text.
    shapes : mapping
        How many values have each of the `SHAPES`.
    values : mapping
        Rows by value, where there are `MOST_VALUES` at most.
    """

    name: str
    type: str | None
    rows: int
    nulls: int
    distinct: int = 0
    low: Any = None
    high: Any = None
    lengths: tuple[int, int] | None = None
    shapes: Mapping[str, int] | None = None
    values: Mapping[Any, int] | None = None

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.rows - self.nulls


def gather(table: ir.Table, session: Session, coded: frozenset[str]) -> list[Facts]:
    """Look at every column in one scan, and at the values of categories in a second one.

    The second reads the few columns alone that have few values: to count the values of a column
    of texts nobody reads would take the memory of all of them.

    Parameters
    ----------
    table : ibis table
        The ingested table.
    session : Session
        Where it lives.
    coded : frozenset of str
        Columns of whole numbers that are codes: their values count, not their size.

    Returns
    -------
    list of Facts
        In the order of the table.
    """
    schema = {name: kind for name, kind in table.schema().items() if name not in RESERVED}
    asked = {name: _aggregates(identifier(name), kind) for name, kind in schema.items()}
    flat = [sql for aggregates in asked.values() for sql in aggregates.values()]
    row = iter(_fetch(session, table, ["count(*)", *flat]))
    rows = int(next(row))
    seen = {name: {key: next(row) for key in aggregates} for name, aggregates in asked.items()}
    few = [
        name
        for name, kind in schema.items()
        if (kind.is_string() or name in coded) and 2 <= seen[name].get("distinct", 0) <= 30
    ]
    counted = [f"histogram({identifier(name)})" for name in few]
    counts = dict(zip(few, _fetch(session, table, counted) if few else (), strict=True))
    return [_facts(name, kind, rows, seen[name], counts.get(name)) for name, kind in schema.items()]


def repeats(table: ir.Table, session: Session, columns: Sequence[str]) -> bool:
    """Tell whether two rows, or a row without one of them, have the same key."""
    listed = ", ".join(identifier(name) for name in columns)
    found = _fetch(session, table, [f"count(DISTINCT ({listed}))", "count(*)"])
    return bool(found[0] < found[1])


def _aggregates(column: str, kind: dt.DataType) -> dict[str, str]:
    asked = {"count": f"count({column})"}
    if kind.is_string() or kind.is_integer():
        asked["distinct"] = f"approx_count_distinct({column})"
    if kind.is_string():
        asked |= {"short": f"min(length({column}))", "long": f"max(length({column}))"}
        for name, shape in SHAPES.items():
            asked[name] = f"count_if(regexp_full_match({column}, {literal(shape)}))"
    elif kind.is_numeric() or kind.is_temporal():
        asked |= {"low": f"min({column})", "high": f"max({column})"}
    return asked


def _facts(
    name: str,
    kind: dt.DataType,
    rows: int,
    seen: Mapping[str, Any],
    values: Mapping[Any, int] | None,
) -> Facts:
    word = type_word(kind).removesuffix("_utc")
    word = "number" if kind.is_decimal() else word
    texts = kind.is_string() and seen["short"] is not None
    return Facts(
        name,
        word if word in _WORDS else None,
        rows,
        rows - seen["count"],
        seen.get("distinct", 0),
        seen.get("low"),
        seen.get("high"),
        (seen["short"], seen["long"]) if texts else None,
        {shape: seen[shape] or 0 for shape in SHAPES} if texts else None,
        values if values and len(values) <= MOST_VALUES else None,
    )


def _fetch(session: Session, table: ir.Table, aggregates: Sequence[str]) -> tuple[Any, ...]:
    query = f"SELECT {', '.join(aggregates)} FROM ({session.con.compile(table)}) AS t"  # noqa: S608
    row = session.raw.execute(query).fetchone()
    return tuple(row) if row else ()
