"""Business value and fairness as quantities of a chunk, estimated and realised alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.metrics.arrays import share
from mlpipe.metrics.business import amounts_in
from mlpipe.metrics.fairness import DISPARITIES, group_rates
from mlpipe.monitor.estimate.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd

    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.business import Business

__all__ = ["LEAST_GROUP", "gaps", "worths"]

LEAST_GROUP = 100
"""Fewest rows of a group that is compared."""

_CELLS = ("value", "matrix")
"""Kinds of business metrics that are sums over cells; a capacity or a cost is not."""


def worths(
    business: Mapping[str, Business], frame: pd.DataFrame, pred: Array, classes: Sequence[Any]
) -> Iterator[Quantity]:
    """Yield the value of a thousand predictions by each business metric of cells.

    Parameters
    ----------
    business : mapping of str to Business
    frame : DataFrame, n rows
        With the columns that the values read.
    pred : array of int, shape (n,)
    classes : sequence
        In the order of their codes.

    Raises
    ------
    DataError
        A column holds no numbers, or a matrix names a class that there is not.
    """
    for name, each in business.items():
        if each.kind not in _CELLS or not set(each.columns) <= set(frame):
            continue
        columns = amounts_in(frame, each.columns)
        table = _by_truth(each, columns, pred, classes)
        unit = f"{each.currency or 'value'} a 1,000"
        yield Quantity(name, "business", True, _mean_of(table), unit=unit)


def gaps(
    names: Sequence[str], column: str, groups: pd.Series[Any], pred: Array
) -> Iterator[Quantity]:
    """Yield how far the groups of a column are apart by each fairness metric.

    Groups of fewer than 100 rows are left out, as in evaluate; of fewer than two, nothing is said.
    """
    import numpy as np

    counts = groups.value_counts()
    kept = sorted(counts.index[counts >= LEAST_GROUP], key=str)
    if len(kept) < 2:
        return
    place = {value: code for code, value in enumerate(kept)}
    codes = np.array([place.get(value, -1) for value in groups])
    for name in names:
        disparity = DISPARITIES[name]
        if "binary" not in disparity.tasks:
            continue

        def formula(
            y: Array, rows: Array, score: Array, weight: Array, disparity: Any = disparity
        ) -> Array:
            rates = group_rates(
                disparity.rates,
                y,
                pred[rows],
                score,
                codes=codes[rows],
                count=len(kept),
                weight=weight,
            )
            return np.asarray(disparity.value(rates))

        yield Quantity(f"{name} across {column}", "fairness", disparity.ratio, formula, 0.0, 1.0)


def _by_truth(
    business: Business, columns: Mapping[str, Array], pred: Array, classes: Sequence[Any]
) -> Array:
    """Return what each row is worth by what turns out to be true of it, shape (n, classes)."""
    import numpy as np

    rows = np.arange(len(pred))
    each = [
        business.choices(np.full(len(pred), code), columns, classes)[rows, pred]
        for code in range(len(classes))
    ]
    return np.column_stack(each)


def _mean_of(table: Array) -> Callable[..., Array]:
    """Return the formula of a thousand times the mean; rows without a value do not count."""
    import numpy as np

    def formula(y: Array, rows: Array, _: Array, weight: Array) -> Array:
        # A class that the model never saw is worth nothing.
        known = np.column_stack([table, np.zeros(len(table))])
        worth = known[rows, y]
        counts = np.isfinite(worth)
        mass = (weight * counts).sum(axis=-1)
        return 1000 * share((weight * np.where(counts, worth, 0.0)).sum(axis=-1), mass)

    return formula
