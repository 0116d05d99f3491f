"""Each row's place among the values of a column: the values themselves, bins, or months."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.evaluate.slices.cut import Cut
from mlpipe.table.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mlpipe.evaluate.slices.cut import Axis
    from mlpipe.metrics.arrays import Array

__all__ = ["Column", "column_for", "combinations"]

_FEW = 20
"""A number or date with no more values than this is sliced by its values."""
_MONTHS = 50
_DAYS = 60


@dataclass(frozen=True)
class Column:
    """A column and how its values become codes, decided once: the parts share the bins.

    Attributes
    ----------
    name : str
    edges : tuple of float
        Of numbers that are cut; a bin holds its lower edge and not its upper one.
    by : str
        Of dates that are cut: the part of the calendar.
    note : str
        What was decided here, where the spec did not.
    """

    name: str
    edges: tuple[float, ...] = ()
    by: str = ""
    note: str = ""

    @property
    def ordered(self) -> bool:
        """Whether the slices have an order of their own."""
        return bool(self.edges or self.by)

    def codes(self, frame: pd.DataFrame) -> tuple[Array, list[Any]]:
        """Return each row's code and the values that the codes stand for; null is None, last."""
        import numpy as np
        import pandas as pd

        values = frame[self.name]
        if self.edges:
            return _binned(pd.to_numeric(values).to_numpy(float, na_value=np.nan), self.edges)
        if self.by:
            return _by_calendar(pd.to_datetime(values), self.by)
        codes, distinct = pd.factorize(values)
        found = [plain(value) for value in distinct.tolist()]
        return np.where(codes < 0, len(found), codes), [*found, None]


def column_for(axis: Axis, every: pd.DataFrame) -> Column:
    """Decide how a column is cut.

    Parameters
    ----------
    axis : str or Cut
    every : DataFrame
        All rows of all parts; edges are those of the train rows where there are any.
    """
    from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

    if isinstance(axis, Cut):
        if axis.by:
            return Column(axis.column, by=axis.by)
        edges = axis.bins if isinstance(axis.bins, tuple) else ()
        return Column(axis.column, edges or _quantiles(every, axis.column, int(axis.bins or 4)))  # type: ignore[arg-type]
    values = every[axis]
    number = is_numeric_dtype(values.dtype) and not is_bool_dtype(values.dtype)
    if not (number or is_datetime64_any_dtype(values.dtype)) or values.nunique() <= _FEW:
        return Column(axis)
    if number:
        edges = _quantiles(every, axis, 4)
        shown = ", ".join(_text(edge) for edge in edges)
        note = f"{axis} is cut at its quartiles of train: {shown}; bins: sets others"
        return Column(axis, edges, note=note) if edges else Column(axis)
    by = _scale(values)
    return Column(axis, by=by, note=f"{axis} is cut by {by}; by: sets another part of the calendar")


def combinations(frame: pd.DataFrame, columns: Sequence[Column]) -> tuple[Array, list[Any]]:
    """Return each row's code and the combinations that the codes stand for, as JSON values."""
    import numpy as np

    codes, found = np.zeros(len(frame), np.int64), [()]
    for each in columns:
        column, values = each.codes(frame)
        distinct, codes = np.unique(codes * len(values) + column, return_inverse=True)
        found = [
            (*found[code // len(values)], values[code % len(values)]) for code in distinct.tolist()
        ]
    return codes, found


def _quantiles(every: pd.DataFrame, name: str, count: int) -> tuple[float, ...]:
    """Return the edges of bins of about as many rows; they are values of the column itself."""
    import numpy as np
    import pandas as pd

    rows = every[every["part"] == "train"] if "part" in every else every
    numbers = pd.to_numeric((rows if len(rows) else every)[name]).to_numpy(float, na_value=np.nan)
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return ()
    at = np.quantile(known, np.arange(1, count) / count, method="inverted_cdf")
    return tuple(float(edge) for edge in np.unique(at) if edge > known.min())


def _binned(numbers: Array, edges: Sequence[float]) -> tuple[Array, list[Any]]:
    import numpy as np

    texts = [_text(edge) for edge in edges]
    between = [f"{low} to < {high}" for low, high in itertools.pairwise(texts)]
    values = [f"< {texts[0]}", *between, f">= {texts[-1]}", None]
    codes = np.searchsorted(np.asarray(edges), numbers, side="right")
    return np.where(np.isnan(numbers), len(values) - 1, codes), values


def _text(number: float) -> str:
    return f"{number:.12g}"


_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _by_calendar(times: pd.Series[Any], by: str) -> tuple[Array, list[Any]]:
    import numpy as np

    known = times.notna().to_numpy()
    parts = _calendar_numbers(times[known], by)
    distinct, place = np.unique(parts, return_inverse=True)
    codes = np.full(len(times), len(distinct))
    codes[known] = place
    return codes, [*(_calendar_text(int(part), by) for part in distinct), None]


def _calendar_numbers(times: pd.Series[Any], by: str) -> Array:
    """Return a number for the part of the calendar, in its order."""
    at = times.dt
    whole = {
        "year": lambda: at.year,
        "quarter": lambda: at.year * 4 + at.quarter - 1,
        "month": lambda: at.year * 12 + at.month - 1,
        "weekday": lambda: at.day_of_week,
        "hour": lambda: at.hour,
        "day": lambda: at.year * 10000 + at.month * 100 + at.day,
    }
    numbers: Array = whole[by]().to_numpy(int)
    return numbers


def _calendar_text(part: int, by: str) -> str:
    texts = {
        "quarter": lambda: f"{part // 4}-Q{part % 4 + 1}",
        "month": lambda: f"{part // 12}-{part % 12 + 1:02d}",
        "weekday": lambda: _WEEKDAYS[part],
        "hour": lambda: f"{part:02d}:00",
        "day": lambda: f"{part // 10000}-{part // 100 % 100:02d}-{part % 100:02d}",
    }
    return texts[by]() if by in texts else str(part)


def _scale(times: pd.Series[Any]) -> str:
    """Return the finest part of the calendar that makes few slices."""
    days = (times.max() - times.min()).days
    if days <= _DAYS:
        return "day" if days >= 1 else "hour"
    return "month" if days <= 31 * _MONTHS else "year"
