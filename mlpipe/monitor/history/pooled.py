"""A column over the last chunks together: a weak shift that no chunk proves, three may.

Counts over the same bins add up exactly, so the test of one chunk is that of several too: with
three times the rows, and with the dispersion of as many neighbours of the reference. What one
chunk alone has is not called lasting: two of them must lean that way, the latest among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.chunks import CALENDAR, PERSISTENT, following
from mlpipe.monitor.compare import Finding, Test, compare, judge
from mlpipe.monitor.drift import ALPHA
from mlpipe.monitor.history.counted import together, unpacked
from mlpipe.monitor.sides import BOUNDS, FRESHNESS
from mlpipe.table.bins import add

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.monitor.spec import Drift

    Profile = Mapping[str, Any]
    Kept = Mapping[str, Mapping[str, Any]]

__all__ = ["Pooled", "leans", "pooled", "with_neighbours"]

LEANS = 0.25
"""A chunk leans towards a move where its own p-value is no more than this."""

FEWEST = 2
"""So many chunks must lean, or what lasts is one chunk."""

_APART = 3
"""Most periods from one to the next that still follow one another: Friday and Monday do."""

_BY_THEMSELVES = (BOUNDS, FRESHNESS)
"""What is of a chunk alone: a date out of bounds is wrong in any number, and a feed stops once."""


@dataclass(frozen=True)
class Pooled:
    """A column over the last chunks together.

    Attributes
    ----------
    finding : Finding
        Its tests; none where too few of the chunks lean.
    kept : tuple of mapping
        What each of the chunks counted.
    places : tuple of int
        Which chunks they are.
    first : int
        The first of them that leans.
    """

    finding: Finding
    kept: tuple[Mapping[str, Any], ...]
    places: tuple[int, ...]
    first: int

    @property
    def rows(self) -> int:
        """The rows of all the chunks."""
        return sum(each["rows"] for each in self.kept)

    @property
    def current(self) -> dict[str, Any]:
        """Rows and counts of the column, as a chunk has them."""
        return _chunk(self.finding.column, together(self.kept))


def leans(finding: Finding) -> bool:
    """Whether a chunk by itself leans towards a move of a column."""
    return any(test.p_warn <= LEANS for test in _lasting(finding))


def with_neighbours(profile: Profile, every: str | None) -> dict[str, Any]:
    """Add to a reference what each three of its chunks that follow one another counted.

    Parameters
    ----------
    profile : mapping
        With the chunks that tell how much quiet ones vary.
    every : str or None
        The length of a chunk.
    """
    chunks = profile["chunks"]
    runs = [
        keys
        for keys in zip(*(sorted(chunks)[at:] for at in range(PERSISTENT)), strict=False)
        if every in CALENDAR and _in_a_row(keys, every)
    ]
    near = []
    for first, *more in runs:
        whole = chunks[first]
        for key in more:
            whole = add(whole, chunks[key])
        near.append(whole)
    return {**profile, "neighbours": near}


def pooled(
    profile: Profile, chunks: Sequence[Kept], at: int, limits: Drift, minimum_rows: int
) -> dict[str, Pooled]:
    """Test every column over a chunk and the two before it.

    Parameters
    ----------
    profile : mapping
        The reference, of `with_neighbours`.
    chunks : sequence of mapping
        In the order of time; column -> what it counted, where that is known.
    at : int
        The place of the latest chunk.
    limits : Drift
        The effects that warn and alert.
    minimum_rows : int
        Fewer rows of all the chunks say nothing.

    Returns
    -------
    dict
        By column, where two chunks at least are known and have the rows; corrected for their
        number like the columns of one chunk.
    """
    found = [
        one
        for name in chunks[at]
        if (one := _column(profile, chunks, at, name, limits)) and one.rows >= minimum_rows
    ]
    judged = judge([one.finding for one in found], minimum_rows, minimum_rows)
    return {
        finding.column: replace(one, finding=finding)
        for one, finding in zip(found, judged, strict=True)
    }


def _column(
    profile: Profile, chunks: Sequence[Kept], at: int, name: str, limits: Drift
) -> Pooled | None:
    places = [each for each in range(max(0, at - PERSISTENT + 1), at + 1) if name in chunks[each]]
    if len(places) < FEWEST:
        return None
    kept = {place: chunks[place][name] for place in places}
    leaning = [place for place in places if kept[place]["leans"]]
    one = Pooled(Finding(name, ()), tuple(kept.values()), tuple(places), at)
    if at not in leaning or len(leaning) < FEWEST:
        return one
    tests = _lasting(compare(profile, one.current, name, limits))
    if all(test.p_warn > ALPHA for test in tests):
        return replace(one, finding=Finding(name, tests))
    alone = {**profile, "neighbours": None}
    own = {
        place: {
            test.aspect: test
            for test in compare(alone, _chunk(name, unpacked(kept[place])), name, limits).tests
        }
        for place in leaning
    }
    return _proven(one, tests, own)


def _proven(one: Pooled, tests: Sequence[Test], own: Mapping[int, Mapping[str, Test]]) -> Pooled:
    """Keep what chunks that lean by themselves have proven; the rest is no evidence.

    Parameters
    ----------
    one : Pooled
    tests : sequence of Test
        Of all the chunks together.
    own : mapping
        Of each that leans, its own tests by aspect.
    """
    told = []
    for test in tests:
        warn, alert = (
            p if _is_lasting(_leaning(own, test.aspect, level), one.places[-1]) else 1.0
            for level, p in (("warn", test.p_warn), ("alert", test.p_alert))
        )
        told.append(replace(test, p_warn=warn, p_alert=alert))
    ranked = sorted(told, key=lambda test: (test.p_alert, test.p_warn, -test.effect))
    first = min(_leaning(own, ranked[0].aspect, "warn"), default=one.first)
    return replace(one, finding=Finding(one.finding.column, tuple(ranked)), first=first)


def _leaning(own: Mapping[int, Mapping[str, Test]], aspect: str, level: str) -> list[int]:
    """Return the chunks that lean towards a move of one aspect, of a warning or of an alert."""
    return [
        place for place, tests in own.items() if aspect in tests and tests[aspect].p(level) <= LEANS
    ]


def _is_lasting(leaning: Sequence[int], latest: int) -> bool:
    return latest in leaning and len(leaning) >= FEWEST


def _lasting(finding: Finding) -> tuple[Test, ...]:
    return tuple(test for test in finding.tests if test.aspect not in _BY_THEMSELVES)


def _chunk(name: str, side: Mapping[str, Any]) -> dict[str, Any]:
    return {"rows": side["rows"], "columns": {name: side}}


def _in_a_row(keys: Sequence[str], every: str) -> bool:
    """Whether periods follow one another, over a weekend or a holiday at most."""
    return all(_after(first, every, _APART) >= second for first, second in pairwise(keys))


def _after(start: str, every: str, periods: int) -> str:
    for _ in range(periods):
        start = following(start, every)
    return start
