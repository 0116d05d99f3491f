# ruff: noqa: S608 — names and paths in these queries are quoted by `identifier` and `literal`.
"""Types of CSV columns that the spec does not declare, from a sample of their text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
    odd: tuple[str, ...]

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
    select = ", ".join(_facts(text, decimal) for _, text in texts)
    row = session.raw.execute(f"SELECT {select} FROM ({relation})").fetchone() or ()
    types: dict[str, str] = {}
    warnings: list[str] = []
    problems: list[Problem] = []
    for (name, _), found in zip(texts, row, strict=True):
        facts = _facts_of(found)
        refusal = _refusal(name, facts, decimal)
        problems.extend([refusal] if refusal else [])
        types[name] = _type(facts)
        warnings.extend(_near_miss(name, facts))
    if problems:
        raise DataError(*problems)
    return types, warnings


def _facts_of(found: dict[str, Any]) -> Facts:
    """Read the struct that the engine made; over no rows at all some counts are null."""
    odd = tuple(sorted(found.pop("odd") or ()))
    return Facts(odd=odd, **{key: count or 0 for key, count in found.items()})


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


def _near_miss(name: str, facts: Facts) -> list[str]:
    """Warn of a word such as NA that makes a column of numbers one of strings."""
    most = facts.numbers >= 0.9 * facts.present and facts.numbers < facts.present
    if not most or facts.is_identifier or not 0 < len(facts.odd) <= 3:
        return []
    words = ", ".join(repr(word) for word in facts.odd)
    return [f"{name} holds numbers except {words}: declare `nulls: [{words}]` if they are missing"]


def _facts(text: str, decimal: str) -> str:
    """Return one struct of counts for a column."""
    pointed = f"replace({text}, ',', '.')" if decimal == "," else text
    number = _shape(pointed, NUMBER)
    counts = {
        "present": f"count({text})",
        "integers": f"count_if({_shape(text, INTEGER)})",
        "over": f"count_if({_shape(text, INTEGER)} AND TRY_CAST({text} AS BIGINT) IS NULL)",
        "leading_zero": f"count_if({_shape(text, LEADING_ZERO)})",
        "numbers": f"count_if({number})",
        "not_finite": f"count_if({_shape(text, _NOT_FINITE)})",
        "comma": f"count_if({_shape(text, _COMMA)})",
        "booleans": f"count_if(lower({text}) IN ('true', 'false'))",
        "dates": f"count_if({_shape(text, DATE)} AND TRY_CAST({text} AS DATE) IS NOT NULL)",
        "naive": f"count_if({_shape(text, NAIVE)} AND TRY_CAST({text} AS TIMESTAMP) IS NOT NULL)",
        "zoned": f"count_if({_shape(text, ZONED)})",
        "odd": f"list_slice(list_distinct(list({text}) FILTER (NOT {number})), 1, 4)",
    }
    return "{" + ", ".join(f"'{key}': {value}" for key, value in counts.items()) + "}"


def _shape(text: str, shape: str) -> str:
    return f"regexp_full_match({text}, {literal(shape)})"
