"""How predictions follow a column: partial dependence, and how single rows part from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.table.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mlpipe.explain.explained import Explained
    from mlpipe.metrics.arrays import Array

__all__ = ["curve", "grid"]

_POINTS = 12
_LEVELS = 8
_BARS = 24
_CLASSES = 5
_LOW, _HIGH = 0.1, 0.9
"""Of the curves of single rows, the band shows the quantiles between these."""

ROWS = 200
"""So many rows are asked for each value of a column."""


def curve(
    model: Explained,
    rows: pd.DataFrame,
    values: pd.Series[Any],
    kind: str,
    classes: Sequence[Any] = (),
) -> dict[str, Any]:
    """Return the partial dependence of predictions on a column (Friedman 2001).

    All rows are given each value in turn, through everything that is made of the column in the
    row; the curve is the mean of their predictions, the band the middle 80 % of the curves of
    single rows (Goldstein et al. 2015).

    Parameters
    ----------
    model : Explained
    rows : DataFrame
        What is asked; `ROWS` of them are enough.
    values : Series
        The column as the data has it; its name is that of the column.
    kind : str
        ``number``, ``date``, ``boolean`` or ``category``.
    classes : sequence
        Of a task with many: the curves are of those that are likeliest in the mean.

    Returns
    -------
    dict
        ``column``, ``kind``, ``at`` (values), ``lines``: of each ``of`` (a class, or None),
        ``mean``, and where there is one line ``low`` and ``high``; and how the data lies:
        ``edges`` and ``counts`` of a number or date, ``shares`` of levels.
    """
    import numpy as np
    import pandas as pd

    column = str(values.name)
    places = grid(values, kind)
    if not places:
        return {"column": column, "kind": kind, "at": [], "lines": []}
    given = [model.with_value(rows, column, values.iloc[[place]]) for place in places]
    scores = model.scores(pd.concat(given, ignore_index=True))
    said = scores.reshape(len(places), len(rows), *scores.shape[1:])
    shown: Any = values.iloc[places]
    if kind == "date":
        shown = _back(_numbers(values)[places], kind)
    levels = kind in ("category", "boolean")
    spread = _shares(values, places) if levels else _bars(values, places, kind)
    if said.ndim == 2:
        low, high = np.quantile(said, [_LOW, _HIGH], axis=1)
        lines = [{"of": None, "mean": _list(said.mean(axis=1)), "low": _list(low),
                  "high": _list(high)}]  # fmt: skip
    else:
        likely = np.argsort(-said.mean(axis=(0, 1)), kind="stable")[:_CLASSES]
        lines = [
            {"of": plain(classes[code]), "mean": _list(said[:, :, code].mean(axis=1))}
            for code in likely
        ]
    return {"column": column, "kind": kind, "at": [*map(plain, shown)], "lines": lines, **spread}


def grid(values: pd.Series[Any], kind: str) -> list[int]:
    """Return where in the column the values stand that a curve is drawn over, in order.

    Of numbers and dates the quantiles from 5 to 95 %, each a value that is there; of levels the
    most frequent ones, a missing value among them.
    """
    import numpy as np
    import pandas as pd

    codes, distinct = pd.factorize(values, use_na_sentinel=False)
    first = pd.Series(codes).drop_duplicates()
    place = dict(zip(first, first.index, strict=True))
    if kind in ("category", "boolean"):
        frequent = pd.Series(codes).value_counts(sort=False)
        levels = sorted(frequent.index, key=lambda code: (-frequent[code], code))[:_LEVELS]
        return [int(place[code]) for code in levels]
    numbers = _numbers(values)
    order = np.argsort(numbers, kind="stable")[: int(np.isfinite(numbers).sum())]
    if not len(order):
        return []
    if len(distinct) > _POINTS:
        ranks = np.quantile(np.arange(len(order)), np.linspace(0.05, 0.95, _POINTS))
        order = order[ranks.round().astype(int)]
    return list(dict.fromkeys(int(place[codes[at]]) for at in order))


def _shares(values: pd.Series[Any], places: Sequence[int]) -> dict[str, Any]:
    return {"shares": [float(_same(values, place).mean()) for place in places]}


def _same(values: pd.Series[Any], place: int) -> Any:
    one = values.iloc[place]
    return values.isna() if one is None or one != one else values == one  # noqa: PLR0124


def _bars(values: pd.Series[Any], places: Sequence[int], kind: str) -> dict[str, Any]:
    """Count the rows over the range of the curve: where there are few, it is a guess."""
    import numpy as np

    numbers = _numbers(values)
    low, high = numbers[places[0]], numbers[places[-1]]
    inside = numbers[(numbers >= low) & (numbers <= high)]
    counts, edges = np.histogram(inside, bins=_BARS, range=(low, high if high > low else low + 1))
    return {
        "edges": [plain(each) for each in _back(edges, kind)],
        "counts": [int(count) for count in counts],
    }


def _back(numbers: Array, kind: str) -> Array:
    """Return numbers as the values that `_numbers` made them of: of seconds the times in UTC."""
    import numpy as np

    if kind != "date":
        return numbers
    return np.datetime_as_string(numbers.round().astype("int64").astype("datetime64[s]"))


def _numbers(values: pd.Series[Any]) -> Array:
    """Return numbers as they are and times in seconds; what is missing or endless is NaN or ∞."""
    import numpy as np
    import pandas as pd

    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.to_numpy(float, na_value=np.nan)
    if values.dtype.kind == "O" and all(hasattr(v, "as_tuple") for v in values.dropna()):
        return values.astype(float).to_numpy()  # decimals
    times = pd.to_datetime(values, utc=True).dt.tz_localize(None)
    seconds = times.to_numpy("datetime64[s]").astype("int64").astype(float)
    return np.where(times.isna(), np.nan, seconds)


def _list(values: Array) -> list[float]:
    return [float(value) for value in values]
