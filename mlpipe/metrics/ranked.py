"""Metrics of an order: how well the scores put positives before negatives.

Ties count as what a random order among them would give on average, exactly. ``weight`` may carry
leading axes, one answer for each resample; undefined values are NaN.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mlpipe.metrics.arrays import share, total
from mlpipe.metrics.family import Family, Parameter
from mlpipe.metrics.metric import BINARY, MULTICLASS, NO_POSITIVE, NO_ROWS, ONE_CLASS, Metric

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = [
    "RANKED",
    "average_precision",
    "cumulated",
    "recall_at_fpr",
    "roc_auc",
    "roc_auc_ovo",
    "roc_auc_ovr",
    "top_k_accuracy",
]


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


def roc_auc_ovo(y: Array, pred: Array | None, score: Array, weight: Array) -> Array:
    """Mean over the pairs of classes of the area under the curve (Hand and Till 2001)."""
    import numpy as np

    each = []
    for one in range(score.shape[1]):
        # Sorted once for each class, so that no pair has to be.
        order = np.argsort(-score[:, one], kind="stable")
        falling, true, rows = score[order, one], y[order], weight[..., order]
        for other in range(score.shape[1]):
            pair = (true == one) | (true == other)
            if one != other and pair.any():
                told = falling[pair], rows[..., pair]
                each.append(roc_auc((true[pair] == one).astype(float), pred, *told))
            elif one != other:
                each.append(np.full(weight.shape[:-1], np.nan))
    return np.asarray(np.mean(np.stack(each, axis=0), axis=0))


def average_precision(y: Array, pred: Array | None, score: Array, weight: Array) -> Array:  # noqa: ARG001
    """Mean of the precisions at each threshold, weighted by the recall it adds."""
    import numpy as np

    positives, rows, _ = cumulated(y, score, weight)
    precision = np.divide(positives, rows, out=np.zeros_like(positives), where=rows > 0)
    return share((_steps(positives) * precision).sum(axis=-1), positives[..., -1])


def recall_at_fpr(
    y: Array,
    pred: Array | None,  # noqa: ARG001
    score: Array,
    weight: Array,
    *,
    fpr: float,
) -> Array:
    """Share of the positives found where that share of the negatives is flagged as well.

    Equal scores are flagged in part, as a rule would do that draws among them: the ROC curve is
    straight between its corners.
    """
    import numpy as np

    positives, rows, _ = cumulated(y, score, weight)
    negatives = rows - positives
    # A hair more: 0.29 of 100 are 29, though the product is less.
    allowed = fpr * negatives[..., -1:] * (1 + 1e-12)
    corner = np.zeros((*weight.shape[:-1], 1))
    positives = np.concatenate([corner, positives], axis=-1)
    negatives = np.concatenate([corner, negatives], axis=-1)
    at = (negatives <= allowed).sum(axis=-1, keepdims=True) - 1
    after = np.minimum(at + 1, negatives.shape[-1] - 1)
    (found, more), (before, there) = (
        (np.take_along_axis(each, at, axis=-1), np.take_along_axis(each, after, axis=-1))
        for each in (positives, negatives)
    )
    step = there - before
    inside = np.divide(allowed - before, step, out=np.zeros_like(step), where=step > 0)
    found = np.where(negatives[..., -1:] > 0, found + (more - found) * inside, np.nan)
    return share(found[..., 0], positives[..., -1])


def top_k_accuracy(
    y: Array,
    pred: Array | None,  # noqa: ARG001
    score: Array,
    weight: Array,
    *,
    k: int,
) -> Array:
    """Share of the rows whose class is among the k likeliest; ties at the k-th in part."""
    import numpy as np

    own = np.take_along_axis(score, y.astype(np.int64)[:, None], axis=1)
    above, tied = (score > own).sum(axis=1), (score == own).sum(axis=1)
    return share(total(weight, np.clip((k - above) / tied, 0.0, 1.0)), weight.sum(axis=-1))


def _steps(total: Array) -> Array:
    import numpy as np

    return np.diff(total, axis=-1, prepend=0.0)


def _recall_row(name: str, fpr: float) -> Metric:
    return Metric(
        name,
        BINARY,
        "score",
        True,
        f"share of positives found at a false positive rate of {fpr:g}",
        partial(recall_at_fpr, fpr=fpr),
        ONE_CLASS,
        most=1,
    )


def _top_k_row(name: str, k: float) -> Metric:
    return Metric(
        name,
        MULTICLASS,
        "score",
        True,
        f"share of rows whose class is among the {k} likeliest",
        partial(top_k_accuracy, k=int(k)),
        NO_ROWS,
        most=1,
    )


RANKED: tuple[Metric | Family, ...] = (
    Metric(
        "roc_auc",
        BINARY,
        "score",
        True,
        "probability that a positive scores above a negative",
        roc_auc,
        ONE_CLASS,
        most=1,
    ),
    Metric(
        "average_precision",
        BINARY,
        "score",
        True,
        "area under precision against recall",
        average_precision,
        NO_POSITIVE,
        most=1,
        log_odds=True,
    ),
    Metric(
        "roc_auc_ovr",
        MULTICLASS,
        "score",
        True,
        "mean area under the curve, each class against the rest",
        roc_auc_ovr,
        "a class has no rows, or all of them",
        most=1,
    ),
    Metric(
        "roc_auc_ovo",
        MULTICLASS,
        "score",
        True,
        "mean area under the curve, each class against each other",
        roc_auc_ovo,
        "a class has no rows",
        most=1,
    ),
    Family("recall_at_fpr", (Parameter("fpr", most=1),), _recall_row, "0.05"),
    Family("top_k_accuracy", (Parameter("k", whole=True, least=1),), _top_k_row, "3"),
)
