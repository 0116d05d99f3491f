# ruff: noqa: S608 — names and paths in these queries are quoted by `identifier` and `literal`.
"""Types of CSV columns that the spec does not declare, from a sample of their text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem
from mlpipe.ingest.lexical import DATE, INTEGER, LEADING_ZERO, NAIVE, NUMBER, ZONED
from mlpipe.table.session import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.table.session import Session

__all__ = ["Facts", "infer_types"]

_NOT_FINITE = "[+-]?([iI][nN][fF]([iI][nN][iI][tT][yY])?|[nN][aA][nN])"
_COMMA = "[+-]?([0-9]{1,3}([.][0-9]{3})+|[0-9]+),[0-9]+"


@dataclass(frozen=True)
class Facts:
    """How many of a column's sampled values have each shape."""

    present: int
    integers: int
    over: int
    leading_zero: int
    numbers: int
    not_finite: int
    comma: int
    booleans: int
    dates: int
    naive: int
    zoned: int

    @classmethod
    def of(cls, kinds: dict[str, int]) -> Facts:
        """Add up the kinds that contain each other: a date is a naive time as well."""
        count = Counter(kinds)
        integers = count["integer"] + count["zero"] + count["over"]
        return cls(
            present=count.total(),
            integers=integers,
            over=count["over"],
            leading_zero=count["zero"],
            numbers=integers + count["number"],
            not_finite=count["not_finite"],
            comma=count["comma"],
            booleans=count["boolean"],
            dates=count["date"],
            naive=count["naive"] + count["date"],
            zoned=count["zoned"],
        )

    @property
    def is_nearly_numbers(self) -> bool:
        """Whether a few words keep the column from being one of numbers."""
        return 0.9 * self.present <= self.numbers < self.present and not self.is_identifier

    @property
    def is_identifier(self) -> bool:
        """Whether the digits are a code, whose leading zeros say something."""
        return self.leading_zero > 0


def infer_types(
    session: Session, relation: str, texts: Sequence[tuple[str, str]], decimal: str
) -> tuple[dict[str, str], list[str]]:
    """Return the type of each column and warnings about near misses.

    Parameters
    ----------
    relation : str
        SQL of the sample, with the text of the columns.
    texts : sequence of (str, str)
        The name and the text expression of each column.
    decimal : {".", ","}
        What stands before decimals.

    Raises
    ------
    DataError
        For integers over 2⁶³, inf and nan among numbers, decimal commas, and naive times
        mixed with zoned ones; all columns at once.
    """
    if not texts:
        return {}, []
    kinds = ", ".join(f"{_kind(text, decimal)} AS k{at}" for at, (_, text) in enumerate(texts))
    sample = "texts_and_kinds"
    session.raw.execute(
        f"CREATE OR REPLACE TEMP TABLE {sample} AS SELECT *, {kinds} FROM ({relation})"
    )
    counts = ", ".join(f"histogram(k{at})" for at in range(len(texts)))
    row = session.raw.execute(f"SELECT {counts} FROM {sample}").fetchone() or ()
    types: dict[str, str] = {}
    warnings: list[str] = []
    problems: list[Problem] = []
    for at, ((name, text), found) in enumerate(zip(texts, row, strict=True)):
        facts = Facts.of(found or {})
        refusal = _refusal(name, facts, decimal)
        problems.extend([refusal] if refusal else [])
        types[name] = _type(facts)
        if facts.is_nearly_numbers:
            warnings.extend(_near_miss(name, _odd(session, sample, text, f"k{at}")))
    session.raw.execute(f"DROP TABLE {sample}")
    if problems:
        raise DataError(*problems)
    return types, warnings


def _odd(session: Session, sample: str, text: str, kind: str) -> list[str]:
    """Return up to four of the words among numbers."""
    rows = session.raw.execute(
        f"SELECT DISTINCT {text} FROM {sample} WHERE {kind} NOT IN "
        f"('integer', 'zero', 'over', 'number') ORDER BY 1 LIMIT 4"
    ).fetchall()
    return [word for (word,) in rows]


def _type(facts: Facts) -> str:
    every = facts.present
    if every == 0 or (facts.is_identifier and facts.numbers == every):
        return "string"
    shapes = (
        (facts.integers, "integer"),
        (facts.numbers, "number"),
        (facts.booleans, "boolean"),
        (facts.dates, "date"),
        (facts.naive, "timestamp"),
        (facts.zoned, "timestamp_utc"),
    )
    return next((word for count, word in shapes if count == every), "string")


def _refusal(name: str, facts: Facts, decimal: str) -> Problem | None:
    every = facts.present
    as_text = f"declare `types: {{{name}: string}}`"
    if every and facts.integers == every and facts.over and not facts.is_identifier:
        return Problem("holds integers over 2^63", key=name, hint=f"{as_text}, or decimal(38,0)")
    if facts.numbers and facts.numbers + facts.not_finite == every and facts.not_finite:
        return Problem(
            f"holds {facts.not_finite} values that are inf or nan",
            key=name,
            hint="declare them in `nulls` to read them as missing",
        )
    if facts.comma and facts.comma + facts.numbers == every and decimal == ".":
        return Problem(
            "holds numbers with a decimal comma",
            key=name,
            hint=f"declare `decimal: ','`, or {as_text}",
        )
    if facts.naive and facts.zoned and facts.naive + facts.zoned == every:
        return Problem(
            f"mixes {facts.naive} times without a zone with {facts.zoned} that carry one",
            key=name,
            hint=f"write them all one way, or {as_text} and convert in ingest.sql",
        )
    return None


def _near_miss(name: str, odd: list[str]) -> list[str]:
    """Warn of a word such as NA that makes a column of numbers one of strings."""
    if len(odd) > 3:
        return []
    words = ", ".join(repr(word) for word in odd)
    return [f"{name} holds numbers except {words}: declare `nulls: [{words}]` if they are missing"]


def _kind(text: str, decimal: str) -> str:
    """Return SQL of the first shape that a text has; null where it is missing."""
    pointed = f"replace({text}, ',', '.')" if decimal == "," else text
    shapes = (
        (f"{_shape(text, LEADING_ZERO)}", "zero"),
        (f"{_shape(text, INTEGER)} AND TRY_CAST({text} AS BIGINT) IS NULL", "over"),
        (f"{_shape(text, INTEGER)}", "integer"),
        (f"{_shape(pointed, NUMBER)}", "number"),
        (f"lower({text}) IN ('true', 'false')", "boolean"),
        (f"{_shape(text, DATE)} AND TRY_CAST({text} AS DATE) IS NOT NULL", "date"),
        (f"{_shape(text, NAIVE)} AND TRY_CAST({text} AS TIMESTAMP) IS NOT NULL", "naive"),
        (_shape(text, ZONED), "zoned"),
        (_shape(text, _NOT_FINITE), "not_finite"),
        (_shape(text, _COMMA), "comma"),
    )
    cases = " ".join(f"WHEN {test} THEN '{kind}'" for test, kind in shapes)
    return f"CASE WHEN {text} IS NULL THEN NULL {cases} ELSE 'other' END"


def _shape(text: str, shape: str) -> str:
    return f"regexp_full_match({text}, {literal(shape)})"
