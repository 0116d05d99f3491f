"""Bins that are frozen once and counted many times: pure arithmetic on edges and counts.

A numeric aspect with edges e₁ < … < eₖ has the counts ``[-inf, ≤ e₁, ≤ e₂, …, > eₖ, inf]``; a
column counted by value has ``[value₁, …, valueₖ, other, unseen]``. Missing values are counted
apart.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "OTHER",
    "UNSEEN",
    "add",
    "bin_of",
    "distinct_edges",
    "ends",
    "labels",
    "quantile",
    "spread",
]

OTHER, UNSEEN = "(other)", "(unseen)"

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def distinct_edges(deciles: Iterable[float]) -> list[float]:
    """Merge ties, so that no bin is empty by construction.

    >>> distinct_edges([0.0, -0.0, 0.0, 2.0, 2.0, 7.0])
    [0.0, 2.0, 7.0]
    """
    return sorted({edge + 0.0 for edge in deciles})


def bin_of(value: float, edges: Sequence[float]) -> int:
    """Return the position of a finite value among the counts of `edges`.

    >>> [bin_of(x, [1.0, 2.0]) for x in (0.5, 1.0, 1.5, 3.0)]
    [1, 1, 2, 3]
    """
    return 1 + bisect_left(edges, value)


def labels(aspect: str, bins: dict[str, Any]) -> list[str]:
    """Name each of the counts, for a reader."""
    if "values" in bins:
        return [*bins["values"], OTHER, UNSEEN]
    edges = bins["edges"]
    if aspect == "weekday":
        return ["-inf", *_WEEKDAYS, "inf"]
    if aspect == "hour":
        return ["-inf", *(f"{hour:02d}" for hour in range(24)), "inf"]
    if not edges:
        return ["-inf", "any", "inf"]
    if aspect == "since":
        first = _day(bins["low"])
        return ["-inf", f"before {first}", f"from {first}", "inf"]
    at = [f"{edge:.6g}" for edge in edges]
    below = [f"≤ {at[0]}"]
    if edges[0] < bins["low"]:
        at[0], below = f"{bins['low']:.6g}", [f"< {bins['low']:.6g}"]
    between = [low if low == high else f"{low} – {high}" for low, high in pairwise(at)]
    return ["-inf", *below, *between, f"> {at[-1]}", "inf"]


def _day(days: float) -> str:
    """Name a day by its number since 1970-01-01; the calendar of Python has an end."""
    try:
        return str(date(1970, 1, 1) + timedelta(days=math.floor(days)))
    except OverflowError:
        return f"day {days:.0f}"


def add(left: Any, right: Any) -> Any:
    """Add two trees of counts: numbers add up, lists and mappings go position by position.

    >>> add({"a": [1, 2], "b": 3}, {"a": [10, 20]})
    {'a': [11, 22], 'b': 3}
    """
    if isinstance(left, dict):
        return {
            key: add(left[key], right[key]) if key in left and key in right else both[key]
            for both in ({**right, **left},)
            for key in sorted(both)
        }
    if isinstance(left, list):
        return [add(one, other) for one, other in zip(left, right, strict=True)]
    return left + right


def quantile(share: float, bins: dict[str, Any], counts: Sequence[int]) -> float | None:
    """Interpolate a quantile of the finite values within their bins.

    Parameters
    ----------
    share : float
        Between 0 and 1.
    bins : dict
        ``edges``, and ``low`` and ``high``, the least and the greatest value of the reference.
    counts : sequence of int
        Counts on these edges.

    Returns
    -------
    float or None
        None where there are no finite values.
    """
    inner = list(counts[1:-1])
    total = sum(inner)
    if not total or bins["low"] is None:
        return None
    bounds = ends(bins)
    wanted, before = share * total, 0
    for (low, high), count in zip(bounds, inner, strict=True):
        if count and before + count >= wanted:
            within = (wanted - before) / count
            return float(low * (1 - within) + high * within)  # high - low may be no float
        before += count
    return float(bounds[-1][1])


def spread(bins: dict[str, Any], counts: Sequence[int]) -> float | None:
    """Return the interquartile range, from the bins."""
    low, high = quantile(0.25, bins, counts), quantile(0.75, bins, counts)
    return None if low is None or high is None else high - low


def ends(bins: dict[str, Any]) -> list[tuple[float, float]]:
    """Return both ends of each finite bin; the outer ones reach to the reference's extremes."""
    edges = bins["edges"]
    at = [min(bins["low"], *edges[:1]), *edges, max(bins["high"], *edges[-1:])]
    return list(pairwise(at))
