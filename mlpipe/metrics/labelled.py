"""Metrics of predicted labels: all of them functions of the weighted confusion matrix.

As in every formula of this room, ``weight`` may carry leading axes (``(resamples, rows)``), and
the answer then has one value for each resample. Undefined values are NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.metrics.arrays import share, total

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = [
    "accuracy",
    "balanced_accuracy",
    "confusion",
    "f1",
    "f1_macro",
    "f1_weighted",
    "matthews",
    "precision",
    "precision_counts",
    "recall",
    "recall_counts",
    "right_counts",
    "specificity",
    "specificity_counts",
]


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


def accuracy(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Share of rows whose label is right."""
    return share(total(weight, y == pred), weight.sum(axis=-1))


def balanced_accuracy(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Mean of the recalls of the classes that occur."""
    matrix = confusion(y, pred, weight)
    return _mean_where(_diagonal(matrix), matrix.sum(axis=-1))


def precision(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Share of the predicted positives that are positive."""
    cells = confusion(y, pred, weight, 2)
    return share(cells[..., 1, 1], cells[..., :, 1].sum(axis=-1))


def recall(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Share of the positives that are found."""
    cells = confusion(y, pred, weight, 2)
    return share(cells[..., 1, 1], cells[..., 1, :].sum(axis=-1))


def specificity(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Share of the negatives that are left alone."""
    cells = confusion(y, pred, weight, 2)
    return share(cells[..., 0, 0], cells[..., 0, :].sum(axis=-1))


def f1(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Harmonic mean of precision and recall of the positive class."""
    cells = confusion(y, pred, weight, 2)
    both = 2 * cells[..., 1, 1]
    return share(both, both + cells[..., 0, 1] + cells[..., 1, 0])


def f1_macro(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Mean F1 of the classes that occur or are predicted."""
    both, size, _ = _f1_parts(confusion(y, pred, weight))
    return _mean_where(both, size)


def f1_weighted(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Mean F1 of the classes, each weighted by its true rows."""
    import numpy as np

    both, size, rows = _f1_parts(confusion(y, pred, weight))
    each = np.divide(both, size, out=np.zeros_like(both), where=size > 0)
    return share((each * rows).sum(axis=-1), rows.sum(axis=-1))


def matthews(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Correlation between the true and the predicted labels; 0 where either is constant."""
    import numpy as np

    matrix = confusion(y, pred, weight)
    true, said, rows = matrix.sum(axis=-1), matrix.sum(axis=-2), matrix.sum(axis=(-1, -2))
    above = _diagonal(matrix).sum(axis=-1) * rows - (true * said).sum(axis=-1)
    spread = (rows**2 - (true**2).sum(axis=-1)) * (rows**2 - (said**2).sum(axis=-1))
    below = np.sqrt(np.maximum(spread, 0.0))
    value = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return np.where(rows > 0, value, np.nan)


def right_counts(y: Array, pred: Array) -> tuple[int, int]:
    """Count the right labels, of the rows."""
    return int((y == pred).sum()), len(y)


def precision_counts(y: Array, pred: Array) -> tuple[int, int]:
    """Count the true positives, of the predicted positives."""
    return int(((y == 1) & (pred == 1)).sum()), int((pred == 1).sum())


def recall_counts(y: Array, pred: Array) -> tuple[int, int]:
    """Count the true positives, of the positives."""
    return int(((y == 1) & (pred == 1)).sum()), int((y == 1).sum())


def specificity_counts(y: Array, pred: Array) -> tuple[int, int]:
    """Count the true negatives, of the negatives."""
    return int(((y == 0) & (pred == 0)).sum()), int((y == 0).sum())


def _diagonal(matrix: Array) -> Array:
    return matrix.diagonal(axis1=-2, axis2=-1)


def _f1_parts(matrix: Array) -> tuple[Array, Array, Array]:
    both, rows = 2 * _diagonal(matrix), matrix.sum(axis=-1)
    return both, rows + matrix.sum(axis=-2), rows


def _mean_where(part: Array, whole: Array) -> Array:
    """Mean over the last axis of part / whole, of the classes whose whole is not empty."""
    import numpy as np

    each = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
    return share(each.sum(axis=-1), (whole > 0).sum(axis=-1))
