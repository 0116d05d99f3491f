"""Metrics of regression without a unit, or on the scale of the target: relative errors, deviances.

``weight`` may carry leading axes, one answer for each resample; undefined values are NaN.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlpipe.metrics.arrays import share, total
from mlpipe.metrics.metric import NO_ROWS, NUMBERS, Metric
from mlpipe.metrics.residual import mae

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = [
    "RELATIVE",
    "gamma_deviance",
    "mape",
    "poisson_deviance",
    "rmsle",
    "scaled",
    "smape",
    "wape",
]

_NO_SCALE = "it is scaled by the baseline's error on the training rows, which is 0 or unknown"


def rmsle(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Root mean squared error of log(1 + value): relative error for counts and amounts."""
    import numpy as np

    if min(y.min(initial=0), pred.min(initial=0)) < 0:
        return np.full(weight.shape[:-1], np.nan)
    return np.asarray(np.sqrt(_mean((np.log1p(pred) - np.log1p(y)) ** 2, weight)))


def mape(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Mean of the errors relative to the truth; undefined where a true value is 0."""
    import numpy as np

    if (y == 0).any():
        return np.full(weight.shape[:-1], np.nan)
    return _mean(np.abs((pred - y) / y), weight)


def smape(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Mean error relative to the mean size of truth and prediction, 0 to 2; 0 where both are 0."""
    import numpy as np

    size = (np.abs(y) + np.abs(pred)) / 2
    error = np.abs(pred - y)
    return _mean(np.divide(error, size, out=np.zeros_like(size), where=size > 0), weight)


def wape(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Sum of the absolute errors over the sum of the absolute true values."""
    return share(total(weight, abs(pred - y)), total(weight, abs(y)))


def poisson_deviance(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Mean deviance of counts, whose variance grows like their mean."""
    import numpy as np
    from scipy.special import xlogy

    if (y < 0).any() or (pred <= 0).any():
        return np.full(weight.shape[:-1], np.nan)
    return _mean(2 * (xlogy(y, y / pred) - y + pred), weight)


def gamma_deviance(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Mean deviance of amounts, whose spread grows like their mean."""
    import numpy as np

    if (y <= 0).any() or (pred <= 0).any():
        return np.full(weight.shape[:-1], np.nan)
    return _mean(2 * (np.log(pred / y) + y / pred - 1), weight)


def scaled(metric: Metric, scale: float | None) -> Metric:
    """Return a scaled metric for a known scale: the error that counts as 1.

    Parameters
    ----------
    metric : Metric
        One that is `scaled`, i.e. ``mase`` (Hyndman and Koehler 2006).
    scale : float or None
        Mean absolute error of the naive baseline on the training rows; None where unknown.
    """
    if not scale:
        return metric

    def formula(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:
        return mae(y, pred, score, weight) / scale

    return replace(metric, formula=formula, undefined=NO_ROWS)


def _unscaled(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    import numpy as np

    return np.full(weight.shape[:-1], np.nan)


def _mean(term: Array, weight: Array) -> Array:
    return share(total(weight, term), weight.sum(axis=-1))


RELATIVE: tuple[Metric, ...] = (
    Metric(
        "rmsle",
        NUMBERS,
        "value",
        False,
        "root mean squared error of log(1 + value)",
        rmsle,
        "a true or predicted value is negative",
    ),
    Metric(
        "mape",
        NUMBERS,
        "value",
        False,
        "mean error relative to the true value",
        mape,
        "a true value is 0; wape stays defined",
    ),
    Metric(
        "smape",
        NUMBERS,
        "value",
        False,
        "mean error relative to the mean of true and predicted value",
        smape,
        NO_ROWS,
        most=2,
    ),
    Metric(
        "wape",
        NUMBERS,
        "value",
        False,
        "summed absolute error over summed true values",
        wape,
        "all true values are 0",
    ),
    Metric(
        "mase",
        NUMBERS,
        "value",
        False,
        "mean absolute error over that of the naive baseline on the training rows",
        _unscaled,
        _NO_SCALE,
        scaled=True,
    ),
    Metric(
        "poisson_deviance",
        NUMBERS,
        "value",
        False,
        "mean deviance of counts",
        poisson_deviance,
        "a true value is negative, or a predicted one not above 0",
    ),
    Metric(
        "gamma_deviance",
        NUMBERS,
        "value",
        False,
        "mean deviance of amounts above 0",
        gamma_deviance,
        "a true or predicted value is not above 0",
    ),
)
