"""Metrics of regression against the best constant: what share of its loss the model saves.

``weight`` may carry leading axes, one answer for each resample; undefined values are NaN.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mlpipe.metrics.arrays import share, total
from mlpipe.metrics.family import Family, Parameter
from mlpipe.metrics.metric import NUMBERS, Metric
from mlpipe.metrics.residual import pinball

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlpipe.metrics.arrays import Array

__all__ = ["EXPLAINED", "d2_absolute", "d2_pinball", "explained_variance", "r2"]

_CONSTANT = "the true values are constant"
_ROUNDING = 1e-12


def r2(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Share of the variance that is explained; negative is worse than the mean."""
    return 1 - share(total(weight, (pred - y) ** 2), _squares(y, weight))


def explained_variance(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Like r2, but of predictions whose bias has been taken off."""
    error = y - pred
    error = error - (error.mean() if len(error) else 0.0)
    shift = share(total(weight, error), weight.sum(axis=-1))
    left = total(weight, error**2) - weight.sum(axis=-1) * shift**2
    return 1 - share(left, _squares(y, weight))


def d2_absolute(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:
    """Share of the absolute error of the median that is saved."""
    return d2_pinball(y, pred, score, weight, quantile=0.5)


def d2_pinball(
    y: Array, pred: Array, score: Array | None, weight: Array, *, quantile: float
) -> Array:
    """Share of the pinball loss of the true values' own quantile that is saved."""
    naive = _constant_loss(y, weight, quantile)
    return 1 - share(pinball(y, pred, score, weight, quantile=quantile), naive)


def _squares(y: Array, weight: Array) -> Array:
    """Return the weighted sum of squares around the mean; 0 where it is rounding alone."""
    import numpy as np

    rows = weight.sum(axis=-1)
    centre = float(y.mean()) if len(y) else 0.0
    # Around the mean of all rows first: the textbook form loses digits where values are large.
    shift = share(total(weight, y - centre), rows)
    around = total(weight, (y - centre) ** 2)
    squares = around - rows * shift**2
    rounding = _ROUNDING * around + rows * (1e-15 * centre) ** 2
    return np.where(squares > rounding, squares, 0.0)


def _constant_loss(y: Array, weight: Array, quantile: float) -> Array:
    """Return the mean pinball loss of the weighted quantile, the constant that has the least.

    It is summed over the sorted values from running totals, without a pass for each resample.
    """
    import numpy as np

    if not len(y):
        return np.full(weight.shape[:-1], np.nan)
    order = np.argsort(y, kind="stable")
    centre = float(np.median(y))
    values = y[order] - centre
    rows = weight[..., order].cumsum(axis=-1)
    sums = (weight[..., order] * values).cumsum(axis=-1)
    at = (rows < quantile * rows[..., -1:]).sum(axis=-1, keepdims=True).clip(max=len(y) - 1)
    below, under = np.take_along_axis(rows, at, axis=-1), np.take_along_axis(sums, at, axis=-1)
    cut = values[at]
    low, high = cut * below - under, (sums[..., -1:] - under) - cut * (rows[..., -1:] - below)
    loss = share(((1 - quantile) * low + quantile * high)[..., 0], rows[..., -1])
    return np.where(loss > _ROUNDING * np.abs(values).max(initial=0.0), loss, 0.0)


def _pinball_row(name: str, quantile: float) -> Metric:
    what = f"share of the {quantile:g} quantile's pinball loss that the model saves"
    return _row(name, what, partial(d2_pinball, quantile=quantile))


def _row(name: str, what: str, formula: Callable[..., Array]) -> Metric:
    no_end = -float("inf")
    return Metric(name, NUMBERS, "value", True, what, formula, _CONSTANT, least=no_end, most=1)


EXPLAINED: tuple[Metric | Family, ...] = (
    _row("r2", "share of the variance explained", r2),
    _row("explained_variance", "share of the variance explained, bias aside", explained_variance),
    _row("d2_absolute", "share of the median's absolute error that is saved", d2_absolute),
    Family("d2_pinball", (Parameter("quantile", most=1),), _pinball_row, "0.9"),
)
