"""Metrics of regression in the target's unit: how far off predictions are.

``weight`` may carry leading axes, one answer for each resample; undefined values are NaN.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mlpipe.metrics.arrays import share, total
from mlpipe.metrics.family import Family, Parameter
from mlpipe.metrics.metric import NO_ROWS, NUMBERS, Metric

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = ["RESIDUAL", "bias", "mae", "max_error", "median_ae", "pinball", "rmse"]


def mae(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Mean absolute error, in the target's unit."""
    return _mean(abs(pred - y), weight)


def rmse(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Root of the mean squared error, in the target's unit."""
    import numpy as np

    return np.asarray(np.sqrt(_mean((pred - y) ** 2, weight)))


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


def max_error(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Greatest absolute error of all rows."""
    import numpy as np

    errors = np.abs(pred - y)
    if not len(errors):
        return np.full(weight.shape[:-1], np.nan)
    order = np.argsort(-errors, kind="stable")
    there = weight[..., order] > 0
    return np.where(there.any(axis=-1), errors[order][there.argmax(axis=-1)], np.nan)


def pinball(
    y: Array,
    pred: Array,
    score: Array | None,  # noqa: ARG001
    weight: Array,
    *,
    quantile: float,
) -> Array:
    """Mean loss of a predicted quantile: too low costs the quantile, too high the rest of 1."""
    import numpy as np

    off = y - pred
    return _mean(np.maximum(quantile * off, (quantile - 1) * off), weight)


def bias(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Mean of prediction minus truth: above 0 predicts too much."""
    return _mean(pred - y, weight)


def _mean(term: Array, weight: Array) -> Array:
    return share(total(weight, term), weight.sum(axis=-1))


def _pinball_row(name: str, quantile: float) -> Metric:
    return Metric(
        name,
        NUMBERS,
        "value",
        False,
        f"mean loss of a prediction of the {quantile:g} quantile",
        partial(pinball, quantile=quantile),
        NO_ROWS,
    )


RESIDUAL: tuple[Metric | Family, ...] = (
    Metric("mae", NUMBERS, "value", False, "mean absolute error", mae, NO_ROWS),
    Metric("rmse", NUMBERS, "value", False, "root mean squared error", rmse, NO_ROWS),
    Metric("median_ae", NUMBERS, "value", False, "median absolute error", median_ae, NO_ROWS),
    Metric(
        "max_error",
        NUMBERS,
        "value",
        False,
        "greatest absolute error",
        max_error,
        NO_ROWS,
        unsure="the greatest of some rows says little on that of others: it has no interval",
    ),
    Metric(
        "bias",
        NUMBERS,
        "value",
        None,
        "mean of prediction minus truth",
        bias,
        NO_ROWS,
        least=-float("inf"),
    ),
    Family("pinball", (Parameter("quantile", most=1),), _pinball_row, "0.9"),
)
