"""When values of two types are the same value: SQL that makes them comparable, exactly."""

from __future__ import annotations

from dataclasses import dataclass

from mlpipe.table.session import identifier

__all__ = ["FLOATS", "INTEGERS", "MOMENTS", "Pair", "word_of"]

INTEGERS = frozenset(
    f"{sign}{size}" for sign in ("", "U") for size in
    ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
)  # fmt: skip
FLOATS = frozenset({"FLOAT", "DOUBLE"})
MOMENTS = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
ZONED = "TIMESTAMP WITH TIME ZONE"

WORDS = {
    **dict.fromkeys(INTEGERS, "integer"),
    **dict.fromkeys(FLOATS, "number"),
    **dict.fromkeys(MOMENTS, "timestamp"),
    "VARCHAR": "string",
    ZONED: "timestamp_utc",
}

# Integers and floats meet as text: as floats, integers beyond 2^53 would fall together.
_WHOLE = "TRY_CAST(CASE WHEN {x} = trunc({x}) THEN {x} END AS HUGEINT)::VARCHAR"
_AS_TEXT = {
    "integer": "{x}::VARCHAR",
    "number": f"coalesce({_WHOLE}, {{x}}::VARCHAR)",
    "timestamp": "{x}::VARCHAR",
}


def word_of(engine: str) -> str:
    """Return the word that the spec has for a type of the engine.

    >>> word_of("BIGINT"), word_of("DECIMAL(9,2)"), word_of("DATE")
    ('integer', 'decimal(9,2)', 'date')
    """
    return WORDS.get(engine, engine.lower())


@dataclass(frozen=True)
class Pair:
    """A column that both sides have.

    Attributes
    ----------
    name : str
    a, b : str
        The engine's type on each side.
    """

    name: str
    a: str
    b: str

    @property
    def comparable(self) -> bool:
        """Whether values of both types can be the same value: one type, or two of numbers."""
        return self.a == self.b or _family(self.a) == _family(self.b)

    @property
    def inexact(self) -> bool:
        """Whether a tolerance applies: numbers, of which one side at least is a float."""
        return self.kind == "number" and bool({self.a, self.b} & FLOATS)

    @property
    def kind(self) -> str:
        """How the column's shift is told: number, date or category."""
        families = {_family(self.a), _family(self.b)}
        if families == {"number"}:
            return "number"
        return "date" if families <= {"date", "timestamp", "timestamp_utc"} else "category"

    def values(self, a: str = "", b: str = "") -> tuple[str, str]:
        """Return SQL of both sides' values that is equal exactly where the values are.

        A decimal is compared with a float as a float; NaN is NaN, and 0.0 is -0.0.

        Parameters
        ----------
        a, b : str
            SQL of the column on each side; its name where left out.
        """
        x, y = a or identifier(self.name), b or identifier(self.name)
        return _comparable(self.a, self.b).format(x=x), _comparable(self.b, self.a).format(x=y)


def _family(engine: str) -> str:
    if engine in INTEGERS | FLOATS or engine.startswith("DECIMAL"):
        return "number"
    return word_of(engine)


def _comparable(engine: str, other: str) -> str:
    if engine == other:
        return "{x}"
    both = {engine, other}
    if both <= INTEGERS:
        return "{x}::HUGEINT"
    if both <= FLOATS or (both & FLOATS and not both & INTEGERS):
        return "{x}::DOUBLE"
    if engine.startswith("DECIMAL"):
        text = "{x}::VARCHAR"
        return text if engine.endswith(",0)") else f"rtrim(rtrim({text}, '0'), '.')"
    return _AS_TEXT.get(word_of(engine), "{x}::VARCHAR")
