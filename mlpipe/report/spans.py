"""Where an interval, its value and its marks lie on a short line, in percent of its length."""

from __future__ import annotations

import re
from typing import Any

from mlpipe.report.words import is_number

__all__ = ["bounds", "span"]

_MARGIN = 0.12
_BOUND = re.compile(r"[<>]= (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)")


def span(value: Any, low: Any, high: Any, marks: list[Any]) -> dict[str, Any] | None:
    """Place an interval on a line that holds it and its marks.

    Parameters
    ----------
    value, low, high : number or None
        Without an interval, low and high are the value.
    marks : list
        What the value is held against: a bound, a baseline. What is no number is left out.

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
    least, most = min([value, *ends, *known]), max([value, *ends, *known])
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
    """Read the numbers of a bound such as ``>= 0.2 and <= 0.8``; none of other words.

    >>> bounds(">= 0.75"), bounds("better than the baseline by 0.1")
    ([0.75], [])
    """
    return [float(found) for found in _BOUND.findall(written)] if isinstance(written, str) else []
