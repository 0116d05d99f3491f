"""Metrics of regression: all of them of the residual, prediction minus truth.

``weight`` may carry leading axes, one answer for each resample; undefined values are NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.metrics.arrays import share, total

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = ["bias", "mae", "mape", "median_ae", "r2", "rmse", "rmsle", "wape"]


def mae(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Mean absolute error, in the target's unit."""
    return _ratio(abs(pred - y), None, weight)


def rmse(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Root of the mean squared error, in the target's unit."""
    import numpy as np

    return np.asarray(np.sqrt(_ratio((pred - y) ** 2, None, weight)))


def rmsle(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Root mean squared error of log(1 + value): relative error for counts and amounts."""
    import numpy as np

    if min(y.min(initial=0), pred.min(initial=0)) < 0:
        return np.full(weight.shape[:-1], np.nan)
    return np.asarray(np.sqrt(_ratio((np.log1p(pred) - np.log1p(y)) ** 2, None, weight)))


def median_ae(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Median absolute error: what a typical row is off by."""
    import numpy as np

    errors = np.abs(pred - y)
    if not len(errors):
        return np.full(weight.shape[:-1], np.nan)
    order = np.argsort(errors, kind="stable")
    rows = weight[..., order].cumsum(axis=-1)
    half, last = rows[..., -1:] / 2, len(errors) - 1
    lower = (rows < half).sum(axis=-1).clip(max=last)
    upper = (rows <= half).sum(axis=-1).clip(max=last)
    middle = (errors[order][lower] + errors[order][upper]) / 2
    return np.where(half[..., 0] > 0, middle, np.nan)


def mape(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Mean of the errors relative to the truth; undefined where a true value is 0."""
    import numpy as np

    if (y == 0).any():
        return np.full(weight.shape[:-1], np.nan)
    return _ratio(np.abs((pred - y) / y), None, weight)


def wape(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Sum of the absolute errors over the sum of the absolute true values."""
    return _ratio(abs(pred - y), abs(y), weight)


def r2(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Share of the variance that is explained; negative is worse than the mean."""
    import numpy as np

    rows = weight.sum(axis=-1)
    centre = float(y.mean()) if len(y) else 0.0
    # Around the mean of all rows first: the textbook form loses digits where values are large.
    shift = _ratio(y - centre, None, weight)
    around = total(weight, (y - centre) ** 2)
    squares = around - rows * shift**2
    rounding = 1e-12 * around + rows * (1e-15 * centre) ** 2
    return 1 - share(total(weight, (pred - y) ** 2), np.where(squares > rounding, squares, 0.0))


def bias(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Mean of prediction minus truth: above 0 predicts too much."""
    return _ratio(pred - y, None, weight)


def _ratio(term: Array, over: Array | None, weight: Array) -> Array:
    """Weighted sum of ``term`` over that of ``over`` (by default, over the weights)."""
    return share(total(weight, term), weight.sum(axis=-1) if over is None else total(weight, over))
