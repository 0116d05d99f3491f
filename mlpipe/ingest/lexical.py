"""What a value may look like to be of a type: exact, so that no cast bends it.

Each type has a rule in SQL for the engine, and a reason in words for the few that fail it.
DuckDB's own casts read ``2.7`` as the integer 3, ``0x10`` as 16, and drop the zone and the
time of ``2020-01-01 10:00+02`` on their way to a date; hence the shapes here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlpipe.table.session import literal

__all__ = ["DATE", "INTEGER", "LEADING_ZERO", "NAIVE", "NUMBER", "ZONED", "Lexical", "lexical"]

INTEGER = "[+-]?[0-9]+"
LEADING_ZERO = "[+-]?0[0-9]+"
NUMBER = "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,4})?"
DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = "[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"
NAIVE = f"{DATE}([ T]{_TIME})?"
ZONED = f"{DATE}[ T]{_TIME} ?(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)"
EXACT_FLOAT = 2**53

_TRUE = ("true", "t", "yes", "y", "1")
_FALSE = ("false", "f", "no", "n", "0")


@dataclass(frozen=True)
class Lexical:
    """How the text of one column becomes a value.

    Attributes
    ----------
    type : str
        The type word; ``timestamp_utc`` for zoned timestamps.
    sql : str
        An expression over ``{x}``, the text; null where the text is not of the type.
    engine : str
        The engine's name of the type.
    """

    type: str
    sql: str
    engine: str

    def value(self, text: str) -> str:
        """Return the SQL that turns the text expression into a value or null."""
        return self.sql.replace("{x}", text)

    def reason(self, text: str) -> str:
        """Say why a text that failed is not of the type."""
        if "\0" in text:
            return "holds a NUL byte"
        return _special(self.type, text) or f"{_short(text)} is not {_article(self.type)}"


def lexical(word: str, decimal: str = ".") -> Lexical:
    """Return the rule of a type word.

    Parameters
    ----------
    word : str
        integer, number, string, boolean, date, timestamp, timestamp_utc or decimal(p,s).
    decimal : {".", ","}
        What stands before the decimals.
    """
    if word.startswith("decimal"):
        return Lexical(word, _decimal(word, decimal), word.upper())
    sql, engine = _RULES[word]
    if word == "number" and decimal == ",":
        pointed = sql.replace("{x}", "replace({x}, ',', '.')")
        sql = f"CASE WHEN NOT contains({{x}}, '.') THEN {pointed} END"
    return Lexical(word, sql, engine)


def _cast(engine: str, shape: str) -> str:
    """Cast what round-trips at once, and what does not only if its shape is right."""
    cast = f"TRY_CAST({{x}} AS {engine})"
    return (
        f"CASE WHEN CAST({cast} AS VARCHAR) = {{x}} THEN {cast} "
        f"WHEN regexp_full_match({{x}}, {literal(shape)}) THEN {cast} END"
    )


def _number() -> str:
    """Take a finite double; a whole number beyond 2⁵³ only if a double holds it exactly."""
    cast = "TRY_CAST({x} AS DOUBLE)"
    whole = f"regexp_full_match({{x}}, {literal(INTEGER)})"
    exact = f"TRY_CAST({{x}} AS HUGEINT) IS NOT DISTINCT FROM TRY_CAST({cast} AS HUGEINT)"
    return (
        f"CASE WHEN abs({cast}) < {EXACT_FLOAT} THEN "
        f"CASE WHEN CAST({cast} AS VARCHAR) = {{x}} THEN {cast} "
        f"WHEN regexp_full_match({{x}}, {literal(NUMBER)}) THEN {cast} END "
        f"WHEN isfinite({cast}) AND regexp_full_match({{x}}, {literal(NUMBER)}) "
        f"AND (NOT {whole} OR {exact}) THEN {cast} END"
    )


def _boolean() -> str:
    words = ", ".join(literal(word) for word in _TRUE)
    others = ", ".join(literal(word) for word in _FALSE)
    return (
        f"CASE WHEN lower({{x}}) IN ({words}) THEN true "
        f"WHEN lower({{x}}) IN ({others}) THEN false END"
    )


def _timestamp(engine: str, shape: str) -> str:
    return (
        f"CASE WHEN regexp_full_match({{x}}, {literal(shape)}) THEN TRY_CAST({{x}} AS {engine}) END"
    )


def _decimal(word: str, mark: str) -> str:
    scale = int(word.split(",")[1].rstrip(")"))
    tail = f"([{mark}][0-9]{{1,{scale}}})?" if scale else ""
    text = "replace({x}, ',', '.')" if mark == "," else "{x}"
    shape = literal(f"[+-]?[0-9]+{tail}")
    return f"CASE WHEN regexp_full_match({{x}}, {shape}) THEN TRY_CAST({text} AS {word}) END"


_RULES = {
    "string": ("{x}", "VARCHAR"),
    "integer": (_cast("BIGINT", INTEGER), "BIGINT"),
    "number": (_number(), "DOUBLE"),
    "boolean": (_boolean(), "BOOLEAN"),
    "date": (_cast("DATE", DATE), "DATE"),
    "timestamp": (_timestamp("TIMESTAMP", NAIVE), "TIMESTAMP"),
    "timestamp_utc": (_timestamp("TIMESTAMPTZ", ZONED), "TIMESTAMP WITH TIME ZONE"),
}


def _special(word: str, text: str) -> str:
    """Say what is wrong where there is more to say than "not of the type"."""
    for of, shape, why in _REASONS:
        if word == of and re.fullmatch(shape, text):
            return f"{_short(text)} {why}"
    return ""


def _article(word: str) -> str:
    word = "timestamp with a time zone" if word == "timestamp_utc" else word
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "…")


_REASONS = (
    ("integer", INTEGER, "is over 2^63; declare the column string or decimal"),
    ("number", INTEGER, "is beyond 2^53, which a number cannot hold exactly"),
    (
        "number",
        "(?i:[+-]?(inf|infinity|nan))",
        "is not finite; declare it in `nulls` to read it as missing",
    ),
    ("number", NUMBER, "is too large for a number"),
    ("number", "[+-]?[0-9.]*,[0-9]+", "has a decimal comma; declare `decimal: ','`"),
    ("timestamp", ZONED, "carries a time zone, and other values do not"),
    ("timestamp_utc", NAIVE, "carries no time zone, and other values do"),
)
