"""Where an interval, its value and its marks lie on a short line, in percent of its length."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mlpipe.report.words import is_number

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["bounds", "span"]

_MARGIN = 0.12
_NUMBER = r"(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
_FIXED = re.compile(rf"[<>]= {_NUMBER}")
_WORSE = re.compile(rf"at most {_NUMBER} worse")
_BETTER = re.compile(rf"better than .* by {_NUMBER}")


def span(
    value: Any, low: Any, high: Any, marks: Sequence[Any], within: Sequence[float] = ()
) -> dict[str, Any] | None:
    """Place an interval on a line that holds it and its marks.

    Parameters
    ----------
    value, low, high : number or None
        Without an interval, low and high are the value.
    marks : sequence
        What the value is held against: a bound, a baseline. What is no number is left out.
    within : sequence of float
        Values that the line holds too, unmarked: those of the other lines of a table.

    Returns
    -------
    dict or None
        ``value``, ``low``, ``width`` and ``marks``, in percent from the left; None where there
        is no value.
    """
    if not is_number(value):
        return None
    ends = [low if is_number(low) else value, high if is_number(high) else value]
    known = [float(mark) for mark in marks if is_number(mark)]
    held = [value, *ends, *known, *within]
    least, most = min(held), max(held)
    room = (most - least) * _MARGIN or abs(most) * _MARGIN or 1.0
    start, length = least - room, most - least + 2 * room

    def at(point: float) -> float:
        return float(round(100 * (point - start) / length, 2))

    return {
        "value": at(value),
        "low": at(ends[0]),
        "width": round(at(ends[1]) - at(ends[0]), 2),
        "marks": [at(mark) for mark in known],
    }


def bounds(written: Any) -> list[float]:
    """Read the bound of a gate out of its words; a difference is in units of the metric.

    >>> bounds(">= 0.2 and <= 0.8"), bounds("better than the baseline by 0.1")
    ([0.2, 0.8], [0.1])
    >>> bounds("better than the baseline"), bounds("at most 0.02 worse than the champion")
    ([0.0], [-0.02])
    """
    words = written if isinstance(written, str) else ""
    if worse := _WORSE.search(words):
        return [-float(worse[1])]
    if words.startswith("better than"):
        better = _BETTER.search(words)
        return [float(better[1]) if better else 0.0]
    return [float(found) for found in _FIXED.findall(words)]
