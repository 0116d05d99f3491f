"""Bounds that let in what was seen, and no more than a sensible rounding beyond it."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["outward", "passing_share", "widened"]

_DIGITS = 4
_WHOLE = 2.0**53  # from here on every float is a whole number


def outward(value: Any, *, down: bool) -> Any:
    """Round a bound away from the values that it lets in; whole numbers and texts stay.

    >>> outward(3.14159, down=True), outward(3.14159, down=False), outward(-7, down=True)
    (3.141, 3.142, -7)
    """
    if not isinstance(value, float) or abs(value) >= _WHOLE:
        return value
    exact = Decimal(repr(value))
    if not exact:
        return 0
    step = Decimal(1).scaleb(min(exact.adjusted() - _DIGITS + 1, 0))
    rounded = exact.quantize(step, rounding=ROUND_FLOOR if down else ROUND_CEILING)
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)


def passing_share(failing: float) -> float:
    """Return the share of passing rows, rounded down to three digits.

    >>> passing_share(1 / 3), passing_share(1e-9)
    (0.666, 0.999)
    """
    return math.floor((1 - failing) * 1000 + 1e-9) / 1000


def widened(expected: Any, seen: Any) -> Iterator[tuple[str, Any]]:
    """Yield the ends of a range that shut out what was seen, each with its new value.

    A bound with a point stays one: it is a share, and without the point it would be a count.

    Parameters
    ----------
    expected : dict
        ``{min, max}``.
    seen : number
        What was measured.

    >>> list(widened({"min": 10, "max": 20}, 7)), list(widened({"max": 0.5}, 1.0))
    ([('min', 7)], [('max', 1.0)])
    """
    if (
        not isinstance(expected, dict)
        or isinstance(seen, bool)
        or not isinstance(seen, int | float)
    ):
        return
    low, high = expected.get("min"), expected.get("max")
    if isinstance(low, int | float) and seen < low:
        yield "min", _alike(outward(seen, down=True), low)
    if isinstance(high, int | float) and seen > high:
        yield "max", _alike(outward(seen, down=False), high)


def _alike(bound: Any, before: float) -> Any:
    return float(bound) if isinstance(before, float) else bound
