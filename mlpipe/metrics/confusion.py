"""The weighted confusion matrix, and what the metrics of labels read off it.

As in every formula of this room, ``weight`` may carry leading axes (``(resamples, rows)``), and
the answer then has one value for each resample. Undefined values are NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.metrics.arrays import share, total

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = ["confusion", "diagonal", "mean_where", "parts"]


def confusion(y: Array, pred: Array, weight: Array, classes: int = 0) -> Array:
    """Weighted confusion matrices ``(..., classes, classes)``: true class first, then predicted.

    Parameters
    ----------
    y, pred : array of int, shape (n,)
        Class codes from 0.
    weight : array, shape (..., n)
        Weights, or how often each row was drawn.
    classes : int
        How many classes there are; by default, up to the highest code seen.
    """
    import numpy as np

    k = classes or int(max(y.max(initial=1), pred.max(initial=1))) + 1
    cells = y.astype(np.int64) * k + pred
    if k * k <= 16:
        each = [total(weight, cells == c) for c in range(k * k)]
        return np.stack(each, axis=-1).reshape(*weight.shape[:-1], k, k)
    flat = weight.reshape(-1, len(y))
    places = cells + np.arange(len(flat))[:, None] * k * k
    sums = np.bincount(places.ravel(), weights=flat.ravel(), minlength=len(flat) * k * k)
    return np.asarray(sums).reshape(*weight.shape[:-1], k, k)


def diagonal(matrix: Array) -> Array:
    """Return what is right of each class, shape (..., classes)."""
    return matrix.diagonal(axis1=-2, axis2=-1)


def parts(matrix: Array) -> tuple[Array, Array, Array]:
    """Return of each class what is right, what is true and what is predicted."""
    return diagonal(matrix), matrix.sum(axis=-1), matrix.sum(axis=-2)


def mean_where(part: Array, whole: Array, there: Array) -> Array:
    """Mean over the classes that are there of part / whole; of an empty whole, 0."""
    import numpy as np

    each = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
    return share((each * (there > 0)).sum(axis=-1), (there > 0).sum(axis=-1))
