"""Metrics of an order: how well the scores put positives before negatives.

Ties count as what a random order among them would give on average, exactly. ``weight`` may carry
leading axes, one answer for each resample; undefined values are NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.metrics.arrays import share

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = ["average_precision", "cumulated", "lift_at_10", "roc_auc", "roc_auc_ovr"]


def cumulated(y: Array, score: Array, weight: Array) -> tuple[Array, Array, Array]:
    """Weighted positives and rows at or above each threshold, the highest first.

    Each distinct score of a positive is a threshold. Between two of them the positives stand
    still and the curves are straight, so that the scores in between share one.

    Returns
    -------
    positives, rows : array, shape (..., thresholds)
    thresholds : array, shape (thresholds,)
    """
    import numpy as np

    # Rows that come sorted (see `estimate`) are spared a sort and a copy of every resample.
    falling = bool((score[:-1] >= score[1:]).all())
    order = slice(None) if falling else np.argsort(-score, kind="stable")
    ordered, positive, rows = score[order], y[order] == 1, weight[..., order]
    ties = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    has = np.logical_or.reduceat(positive, ties)
    starts = ties[np.r_[True, has[1:] | has[:-1]]]
    holds = np.logical_or.reduceat(positive, starts)
    thresholds = ordered[np.r_[starts[1:], len(ordered)] - 1]
    found = np.zeros((*weight.shape[:-1], len(starts)))
    # Of the rows, only the positives are looked at twice.
    places = np.flatnonzero(positive)
    if len(places):
        firsts = np.searchsorted(places, starts[holds])
        found[..., holds] = np.add.reduceat(rows[..., places], firsts, axis=-1)
    rows = np.add.reduceat(rows, starts, axis=-1)
    return found.cumsum(axis=-1), rows.cumsum(axis=-1), thresholds


def roc_auc(y: Array, pred: Array | None, score: Array, weight: Array) -> Array:  # noqa: ARG001
    """Probability that a positive scores higher than a negative; ties count half."""
    positives, rows, _ = cumulated(y, score, weight)
    negatives = rows - positives
    # Trapezoids under the curve, from (0, 0): each step's negatives times the mean height.
    area = _steps(negatives) * (positives - _steps(positives) / 2)
    return share(area.sum(axis=-1), positives[..., -1] * negatives[..., -1])


def roc_auc_ovr(y: Array, pred: Array | None, score: Array, weight: Array) -> Array:
    """Mean over the classes of the area under the curve of that class against the rest."""
    import numpy as np

    each = [
        roc_auc((y == k).astype(float), pred, score[:, k], weight) for k in range(score.shape[1])
    ]
    return np.asarray(np.mean(np.stack(each, axis=0), axis=0))


def average_precision(y: Array, pred: Array | None, score: Array, weight: Array) -> Array:  # noqa: ARG001
    """Mean of the precisions at each threshold, weighted by the recall it adds."""
    import numpy as np

    positives, rows, _ = cumulated(y, score, weight)
    precision = np.divide(positives, rows, out=np.zeros_like(positives), where=rows > 0)
    return share((_steps(positives) * precision).sum(axis=-1), positives[..., -1])


def lift_at_10(y: Array, pred: Array | None, score: Array, weight: Array) -> Array:  # noqa: ARG001
    """Share of positives in the best-scored tenth, over their share in all rows."""
    import numpy as np

    positives, rows, _ = cumulated(y, score, weight)
    tenth = 0.1 * rows[..., -1:]
    at = (rows < tenth).sum(axis=-1, keepdims=True).clip(max=rows.shape[-1] - 1)
    first = at == 0
    before = np.maximum(at - 1, 0)
    rows_before = np.where(first, 0.0, np.take_along_axis(rows, before, axis=-1))
    found_before = np.where(first, 0.0, np.take_along_axis(positives, before, axis=-1))
    step = np.take_along_axis(rows, at, axis=-1) - rows_before
    gain = np.take_along_axis(positives, at, axis=-1) - found_before
    inside = np.divide(tenth - rows_before, step, out=np.zeros_like(step), where=step > 0)
    return share((found_before + gain * inside)[..., 0], 0.1 * positives[..., -1])


def _steps(total: Array) -> Array:
    import numpy as np

    return np.diff(total, axis=-1, prepend=0.0)
