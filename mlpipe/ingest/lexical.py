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
PLAIN_INTEGER = "[+-]?(0|[1-9][0-9]*)"
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
    cast : str
        The engine's lenient cast, over ``{x}``, the text.
    sql : str
        The value, over ``{x}`` and ``{v}``, the cast text: null where the text is not
        exactly of the type. Apart from the cast so that a query can cast once.
    """

    type: str
    cast: str
    sql: str

    def cast_of(self, text: str) -> str:
        """Return the SQL of the lenient cast of a text expression."""
        return self.cast.replace("{x}", text)

    def value(self, text: str, cast: str) -> str:
        """Return the SQL that turns a text and its cast into a value or null."""
        return self.sql.replace("{x}", text).replace("{v}", cast)

    def reason(self, text: str) -> str:
        """Say why a text that failed is not of the type."""
        if "\0" in text:
            return "holds a NUL byte"
        return _special(self.type, text) or f"{_short(text)} is not {_article(self.type)}"


def lexical(word: str, decimal: str = ".", *, inferred: bool = False) -> Lexical:
    """Return the rule of a type word.

    Parameters
    ----------
    word : str
        integer, number, string, boolean, date, timestamp, timestamp_utc or decimal(p,s).
    decimal : {".", ","}
        What stands before the decimals.
    inferred : bool
        Whether nobody declared it: a whole number with a leading zero then contradicts it, since
        it may be a code whose zeros say something.
    """
    if inferred and word == "integer":
        return Lexical(word, "TRY_CAST({x} AS BIGINT)", _round_trip(PLAIN_INTEGER))
    if word.startswith("decimal"):
        return _decimal(word, decimal)
    engine, sql = _RULES[word]
    cast = f"TRY_CAST({{x}} AS {engine})"
    if word == "number" and decimal == ",":
        pointed = "replace({x}, ',', '.')"
        sql = f"CASE WHEN NOT contains({{x}}, '.') THEN {sql.replace('{x}', pointed)} END"
        cast = cast.replace("{x}", pointed)
    return Lexical(word, cast, sql)


def _shaped(shape: str) -> str:
    return f"CASE WHEN regexp_full_match({{x}}, {literal(shape)}) THEN {{v}} END"


def _round_trip(shape: str) -> str:
    """Take what casts back to its text at once, which is cheaper than to match its shape."""
    return (
        "CASE WHEN CAST({v} AS VARCHAR) = {x} THEN {v} "
        f"WHEN regexp_full_match({{x}}, {literal(shape)}) THEN {{v}} END"
    )


def _number() -> str:
    """Take a finite double; a whole number beyond 2⁵³ only if a double holds it exactly."""
    shaped = f"regexp_full_match({{x}}, {literal(NUMBER)})"
    whole = f"regexp_full_match({{x}}, {literal(INTEGER)})"
    exact = "TRY_CAST({x} AS HUGEINT) IS NOT DISTINCT FROM TRY_CAST({v} AS HUGEINT)"
    return (
        f"CASE WHEN abs({{v}}) < {EXACT_FLOAT} AND {shaped} THEN {{v}} "
        f"WHEN abs({{v}}) >= {EXACT_FLOAT} AND isfinite({{v}}) AND {shaped} "
        f"AND (NOT {whole} OR {exact}) THEN {{v}} END"
    )


def _boolean() -> str:
    words = ", ".join(literal(word) for word in _TRUE)
    others = ", ".join(literal(word) for word in _FALSE)
    return (
        f"CASE WHEN lower({{x}}) IN ({words}) THEN true "
        f"WHEN lower({{x}}) IN ({others}) THEN false END"
    )


def _decimal(word: str, mark: str) -> Lexical:
    scale = int(word.split(",")[1].rstrip(")"))
    tail = f"([{mark}][0-9]{{1,{scale}}})?" if scale else ""
    text = "replace({x}, ',', '.')" if mark == "," else "{x}"
    return Lexical(word, f"TRY_CAST({text} AS {word})", _shaped(f"[+-]?[0-9]+{tail}"))


_RULES = {
    "string": ("VARCHAR", "{x}"),
    "integer": ("BIGINT", _round_trip(INTEGER)),
    "number": ("DOUBLE", _number()),
    "boolean": ("BOOLEAN", _boolean()),
    "date": ("DATE", _round_trip(DATE)),
    "timestamp": ("TIMESTAMP", _round_trip(NAIVE)),
    "timestamp_utc": ("TIMESTAMPTZ", _shaped(ZONED)),
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
    ("integer", LEADING_ZERO, "has a leading zero; declare the column string or integer"),
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
