"""What a value may look like to be of a type: exact, so that no cast bends it.

Each type has a rule in SQL for the engine, and a reason in words for the few that fail it.
DuckDB's own casts read ``2.7`` as the integer 3, ``0x10`` as 16, and drop the zone and the
time of ``2020-01-01 10:00+02`` on their way to a date; hence the shapes here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlpipe.table.session import literal

__all__ = [
    "DATE",
    "INTEGER",
    "LEADING_ZERO",
    "MARKS",
    "NAIVE",
    "NUMBER",
    "ZONED",
    "Lexical",
    "lexical",
]

INTEGER = "[+-]?[0-9]+"
LEADING_ZERO = "[+-]?0[0-9]+"
PLAIN_INTEGER = "[+-]?(0|[1-9][0-9]*)"
NUMBER = "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,4})?"
DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = "[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"
NAIVE = f"{DATE}([ T]{_TIME})?"
ZONED = f"{DATE}[ T]{_TIME} ?(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)"
EXACT_FLOAT = 2**53
MARKS = " \t\n\v\f\r_"
"""Characters that the engine takes in a number and a number does not have."""


@dataclass(frozen=True)
class Lexical:
    """How the text of one column becomes a value.

    Attributes
    ----------
    type : str
        The type word; ``timestamp_utc`` for zoned timestamps.
    cast : str
        The engine's lenient cast, over ``{x}``, the text.
    exact : str
        A condition over ``{x}`` and ``{v}``, the cast text: true where the text is exactly of
        the type. Apart from the cast so that a query can cast once.
    usual : str
        A condition that is cheaper and true of most texts of the type, and of no others.
    """

    type: str
    cast: str
    exact: str
    usual: str

    def cast_of(self, text: str) -> str:
        """Return the SQL of the lenient cast of a text expression."""
        return self.cast.replace("{x}", text)

    def accepts(self, text: str, cast: str) -> str:
        """Return the condition that a text is exactly of the type, over it and its cast."""
        return self.exact.replace("{x}", text).replace("{v}", cast)

    def usually_accepts(self, text: str, cast: str) -> str:
        """Return the cheaper condition that a text is of the type; it may be false for some."""
        return self.usual.replace("{x}", text).replace("{v}", cast)

    def value(self, text: str, cast: str) -> str:
        """Return the SQL that turns a text and its cast into a value or null."""
        return f"CASE WHEN {self.accepts(text, cast)} THEN {cast} END"

    def reason(self, text: str) -> str:
        """Say why a text that failed is not of the type."""
        if "\0" in text:
            return "holds a NUL byte"
        return _special(self.type, text) or f"{_short(text)} is not {_article(self.type)}"


def lexical(
    word: str, decimal: str = ".", *, inferred: bool = False, marks: str = MARKS
) -> Lexical:
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
    marks : str
        Those of `MARKS` that the texts may hold; what a file does not hold need not be looked for.
    """
    if inferred and word == "integer":
        return Lexical(word, "TRY_CAST({x} AS BIGINT)", _round_trip(PLAIN_INTEGER), _SAME)
    if word.startswith("decimal"):
        return _decimal(word, decimal)
    if word == "number":
        return _number(decimal, marks)
    engine, exact, usual = _RULES[word]
    return Lexical(word, f"TRY_CAST({{x}} AS {engine})", exact, usual)


def _shaped(shape: str) -> str:
    return f"({{v}} IS NOT NULL AND regexp_full_match({{x}}, {literal(shape)}))"


def _round_trip(shape: str) -> str:
    """Take what casts back to its text at once, which is cheaper than to match its shape."""
    return f"({_SAME} OR {_shaped(shape)})"


def _number(decimal: str, marks: str) -> Lexical:
    """Take a finite double; a whole number beyond 2⁵³ only if a double holds it exactly.

    The engine's cast takes exactly `NUMBER`, and besides: white space at both ends, ``_``
    between digits, ``+-1``, and words such as inf. Texts of the former lie between ``+.`` and
    ``9~`` in the order of bytes; so do few others, which a test over all short texts proves.
    """
    text = "replace({x}, ',', '.')" if decimal == "," else "{x}"
    # The engine selects rows by BETWEEN in one go; the most frequent answer comes first.
    near = f"{{v}} BETWEEN -{EXACT_FLOAT - 1}::DOUBLE AND {EXACT_FLOAT - 1}::DOUBLE"
    plain = [f"{{x}} BETWEEN '+{decimal}' AND '9~'"]
    plain += ["NOT contains({x}, '.')", "NOT starts_with({x}, '+-')"] if decimal == "," else []
    plain += [f"NOT suffix({{x}}, chr({ord(mark)}))" for mark in marks if mark.isspace()]
    plain += ["NOT contains({x}, '_')"] if "_" in marks else []
    whole = f"regexp_full_match({{x}}, {literal(INTEGER)})"
    same = "TRY_CAST({x} AS HUGEINT) IS NOT DISTINCT FROM TRY_CAST({v} AS HUGEINT)"
    far = f"isfinite({{v}}) AND (NOT {whole} OR {same})"
    clean = " AND ".join(plain)
    usual = f"({near} AND {clean})"
    exact = f"({usual} OR {clean} AND {far})"
    return Lexical("number", f"TRY_CAST({text} AS DOUBLE)", exact, usual)


def _decimal(word: str, mark: str) -> Lexical:
    scale = int(word.split(",")[1].rstrip(")"))
    tail = f"([{mark}][0-9]{{1,{scale}}})?" if scale else ""
    text = "replace({x}, ',', '.')" if mark == "," else "{x}"
    exact = _shaped(f"[+-]?[0-9]+{tail}")
    return Lexical(word, f"TRY_CAST({text} AS {word})", exact, exact)


_SAME = "CAST({v} AS VARCHAR) = {x}"
_CAST = "{v} IS NOT NULL"
_RULES = {
    "string": ("VARCHAR", "true", "true"),
    "integer": ("BIGINT", _round_trip(INTEGER), _SAME),
    "boolean": ("BOOLEAN", _CAST, _CAST),  # the engine's cast takes true, t, yes, y, 1 and such
    "date": ("DATE", _round_trip(DATE), _SAME),
    "timestamp": ("TIMESTAMP", _round_trip(NAIVE), _SAME),
    "timestamp_utc": ("TIMESTAMPTZ", _shaped(ZONED), _shaped(ZONED)),
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
