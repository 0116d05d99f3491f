"""Where values and chunks lie in a small figure: its range, its ticks, its places."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.report.words import is_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["BOTTOM", "HEIGHT", "LEFT", "RIGHT", "TOP", "WIDTH", "Scale", "compact", "places"]

WIDTH, HEIGHT = 320.0, 116.0
LEFT, RIGHT, TOP, BOTTOM = 42.0, 312.0, 10.0, 108.0
"""Of the figure and of the field inside it, in units of the SVG: about a pixel each."""

_ROOM = 0.08
_REACH = 4.0
"""A bound so many times further off than the values spread is said, not drawn."""

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_TICKS = 4
_LARGE = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True)
class Scale:
    """The range of a figure.

    Attributes
    ----------
    low, high : float
        Its ends.
    """

    low: float
    high: float

    @classmethod
    def of(
        cls, rows: Sequence[Mapping[str, Any]], bounds: Sequence[Any], limit: Any = None
    ) -> Scale | None:
        """Return the range that holds all values and bounds.

        Parameters
        ----------
        rows : sequence of mapping
            With ``value``, ``low`` and ``high``. A wide interval is let out of the range: it would
            press the values flat.
        bounds : sequence
            What is always drawn: the value at training and its interval.
        limit : number or None
            Drawn where it is not much further off than the values spread.

        Returns
        -------
        Scale or None
            None where there is no value, or where the values are too far apart for numbers.
        """
        values = [float(row["value"]) for row in rows if is_number(row.get("value"))]
        if not values:
            return None
        held = [*values, *(float(each) for each in bounds if is_number(each))]
        low, high = min(held), max(held)
        reach = (high - low) or abs(high) * 0.1 or 1.0
        ends = [row.get(end) for row in rows for end in ("low", "high")]
        held += [min(max(float(end), low - reach), high + reach) for end in ends if is_number(end)]
        low, high = min(held), max(held)
        span = (high - low) or reach
        if is_number(limit) and low - _REACH * span <= limit <= high + _REACH * span:
            low, high = min(low, float(limit)), max(high, float(limit))
        room = (high - low) * _ROOM or reach / 2
        found = cls(low - room if low < 0 or low - room > 0 else 0.0, high + room)
        return found if math.isfinite(found.high - found.low) and found.high > found.low else None

    def holds(self, value: Any) -> bool:
        """Whether a value lies in it."""
        return is_number(value) and self.low <= value <= self.high

    def y(self, value: float) -> float:
        """Return the height of a value; what is outside lies on the edge."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(BOTTOM - share * (BOTTOM - TOP), 1)

    def ticks(self, *, in_percent: bool = False) -> list[tuple[float, str]]:
        """Return round values of the range, each with its words.

        >>> Scale(0.0, 0.52).ticks()
        [(0.0, '0'), (0.2, '0.2'), (0.4, '0.4')]
        """
        rough = (self.high - self.low) / _TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(each * power for each in _STEPS if each * power >= rough * (1 - 1e-9))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        size, sign = (100, "%") if in_percent else (1, "")
        return [
            (at * step, compact(at * step * size, step * size) + sign)
            for at in range(first, last + 1)
        ]


def compact(value: float, step: float) -> str:
    """Write a tick so that it is short, and unlike its neighbours a step away.

    >>> compact(0.30000000000000004, 0.05), compact(12500, 2500), compact(2e-7, 1e-7)
    ('0.3', '12.5k', '2e-07')
    """
    if value and (abs(value) >= 1e15 or step < 1e-5):
        return f"{value:.4g}"
    for size, letter in _LARGE:
        if abs(value) >= max(10_000, size):
            return f"{round(value / size, 6):g}{letter}"
    return f"{round(value, 8):.6g}"


def places(count: int) -> list[float]:
    """Return how far to the right each of the chunks lies.

    >>> places(3), places(1)
    ([45.0, 177.0, 309.0], [177.0])
    """
    if count == 1:
        return [(LEFT + RIGHT) / 2]
    first, last = LEFT + 3, RIGHT - 3
    return [round(first + at * (last - first) / (count - 1), 1) for at in range(count)]
