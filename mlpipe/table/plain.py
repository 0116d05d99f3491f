"""Values of the engine as plain JSON values."""

from __future__ import annotations

import math
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

__all__ = ["plain"]


def plain(value: Any) -> Any:
    """Return a JSON-safe value: dates as ISO text, NaN as None, infinities as text.

    Scalars of numpy are what they hold.

    >>> plain(float("nan")) is None, plain(date(2026, 1, 31)), plain(Decimal("1.50"))
    (True, '2026-01-31', 1.5)
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | Decimal):
        return _number(float(value))
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        return plain(value.item())
    return value.isoformat() if isinstance(value, date | datetime | time) else str(value)


def _number(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else ("inf" if value > 0 else "-inf")
