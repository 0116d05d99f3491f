"""One category, written in several ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.table.session import identifier, literal
from mlpipe.validate.doctor.finding import Finding, quoted
from mlpipe.validate.doctor.plaintext import bare, case_and_space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mlpipe.validate.doctor.column import Column
    from mlpipe.validate.doctor.rows import Rows

__all__ = ["spellings"]

MOST_LEVELS = 20_000
SHOWN = 3

_TRUTHS = {
    **dict.fromkeys(("1", "y", "yes", "t", "true", "on"), "yes"),
    **dict.fromkeys(("0", "n", "no", "f", "false", "off"), "no"),
}
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
          "eleven", "twelve")  # fmt: skip
_NUMBERS = {word: str(number) for number, word in enumerate(_WORDS)}


def spellings(rows: Rows) -> Iterator[Finding]:
    """Yield the categories, the target among them, of which one value is written in several ways.

    By case, space around or between, Unicode form and punctuation; as 1, y and yes; as 2 and two.
    """
    target = rows.target
    for column in [*rows.considered(), *([target] if target is not None else [])]:
        if column.is_string and column.kind != "text" and len(column.levels) <= MOST_LEVELS:
            groups = _groups(column)
            if groups:
                yield _finding(column, groups, hidden=rows.hides(column.name))


def _groups(column: Column) -> list[dict[str, int]]:
    """Return the values that are one, each with its rows, the most frequent first."""
    counts = dict(zip(column.levels.to_pylist(), map(int, column.counts), strict=True))
    counts = {value: count for value, count in counts.items() if count}
    found: dict[str, dict[str, int]] = {}
    meaning = _meaning(counts)
    for value in sorted(counts, key=lambda value: (-counts[value], value)):
        found.setdefault(meaning(value), {})[value] = counts[value]
    return [group for key, group in found.items() if len(group) > 1 and key]


def _meaning(counts: Mapping[str, int]) -> Callable[[str], str]:
    """Return how the values of a column are read: as truths or numbers only if all others are."""
    forms = {bare(value) for value in counts}
    if forms <= _TRUTHS.keys():
        return lambda value: _TRUTHS[bare(value)]
    if all(form in _NUMBERS or form.isdecimal() for form in forms):
        return lambda value: _NUMBERS.get(bare(value), bare(value))
    return bare


def _finding(column: Column, groups: list[dict[str, int]], *, hidden: bool) -> Finding:
    name = column.name
    fewer = sum(sum(list(group.values())[1:]) for group in groups)
    shown = "; ".join(quoted(list(group)) for group in groups[:SHOWN])
    if len(groups) > SHOWN:
        shown += f"; and {len(groups) - SHOWN} more"
    said = "" if hidden else f": {shown}"
    values = f"{len(groups)} {'value' if len(groups) == 1 else 'values'}"
    return Finding(
        "spellings",
        (name,),
        f"{name} writes {values} in several ways ({fewer:,} rows differ from the usual one){said}",
        _advice(name, groups, hidden=hidden),
        {"groups": [] if hidden else groups[:20], "values": len(groups), "rows": fewer},
    )


def _advice(name: str, groups: list[dict[str, int]], *, hidden: bool) -> str:
    column = identifier(name)
    if all(len({case_and_space(value) for value in group}) == 1 for group in groups):
        return f"in ingest.sql: lower(trim({column})) as {column}"
    if hidden:
        return f"in ingest.sql: write each value of {name} in one way"
    cases = " ".join(
        f"when {literal(value)} then {literal(usual)}"
        for group in groups[:SHOWN]
        for usual in [next(iter(group))]
        for value in list(group)[1:4]
    )
    return f"in ingest.sql: case {column} {cases} else {column} end as {column}"
