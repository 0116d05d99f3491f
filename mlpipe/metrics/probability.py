"""Metrics of predicted probabilities: are they right as numbers, not only in order.

``weight`` may carry leading axes, one answer for each resample; undefined values are NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.metrics.arrays import share, total
from mlpipe.metrics.metric import BINARY, CLASSES, NO_ROWS, ONE_CLASS, Metric

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = [
    "PROBABILITY",
    "brier",
    "d2_brier",
    "d2_log_loss",
    "ece",
    "ece_gaps",
    "equal_mass_bins",
    "log_loss",
]


def brier(y: Array, pred: Array | None, score: Array, weight: Array) -> Array:  # noqa: ARG001
    """Mean squared distance between probabilities and outcome.

    Of more than two classes the squares are summed over them (Brier 1950): 0 to 2.
    """
    import numpy as np

    if score.ndim == 1:
        return _mean((score - y) ** 2, weight)
    happened = score[np.arange(len(y)), y.astype(int)]
    return _mean((score**2).sum(axis=1) - 2 * happened + 1, weight)


def d2_brier(y: Array, pred: Array | None, score: Array, weight: Array) -> Array:
    """Share of the Brier score of the class frequencies that the model saves: the skill score."""
    shares = _shares(y, score, weight)
    naive = 1 - (shares**2).sum(axis=-1)
    # Of two classes, the sum over them is twice the score of the positive one.
    found = brier(y, pred, score, weight) * (2 if score.ndim == 1 else 1)
    return 1 - share(found, naive * (naive > 1e-12))


def log_loss(y: Array, pred: Array | None, score: Array, weight: Array) -> Array:  # noqa: ARG001
    """Mean negative log probability of what happened; probabilities are kept off 0 by 2⁻⁵²."""
    import numpy as np

    tiny = np.finfo(np.float64).eps
    if score.ndim == 2:
        happened = score[np.arange(len(y)), y.astype(int)]
    else:
        happened = np.where(y == 1, score, 1 - score)
    return _mean(-np.log(np.clip(happened, tiny, 1 - tiny)), weight)


def d2_log_loss(y: Array, pred: Array | None, score: Array, weight: Array) -> Array:
    """Share of the log loss of the class frequencies that the model saves (McFadden 1974)."""
    from scipy.special import entr

    naive = entr(_shares(y, score, weight)).sum(axis=-1)
    return 1 - share(log_loss(y, pred, score, weight), naive * (naive > 1e-12))


def ece(y: Array, pred: Array | None, score: Array, weight: Array) -> Array:
    """Mean gap between probability and outcome over ten bins of equal mass."""
    import numpy as np

    return np.asarray(np.abs(ece_gaps(y, pred, score, weight)).sum(axis=-1))


def ece_gaps(y: Array, pred: Array | None, score: Array, weight: Array) -> Array:  # noqa: ARG001
    """Signed gaps between probability and outcome in the bins, as shares of all rows.

    The bins are those of the rows as given: a resample keeps them.
    """
    import numpy as np

    bins = equal_mass_bins(score, 10)
    falling = bool((bins[:-1] >= bins[1:]).all())
    order = slice(None) if falling else np.argsort(bins, kind="stable")
    bins, gap, rows = bins[order], (score - y)[order], weight[..., order]
    starts = np.flatnonzero(np.r_[True, bins[1:] != bins[:-1]])
    ends = np.r_[starts[1:], len(bins)]
    sums = [total(rows[..., a:b], gap[a:b]) for a, b in zip(starts, ends, strict=True)]
    return share(np.stack(sums, axis=-1), weight.sum(axis=-1)[..., None])


def equal_mass_bins(score: Array, count: int) -> Array:
    """Bin of each row, from 0: about as many rows in each, equal scores never parted.

    Parameters
    ----------
    score : array, shape (n,)
    count : int
        How many bins at most; ties merge them.
    """
    import numpy as np

    _, place, sizes = np.unique(score, return_inverse=True, return_counts=True)
    middle = np.cumsum(sizes) - (sizes + 1) / 2
    bins = (middle * count // max(1, len(score))).astype(int)
    return np.asarray(np.unique(bins, return_inverse=True)[1][place])


def _mean(term: Array, weight: Array) -> Array:
    return share(total(weight, term), weight.sum(axis=-1))


def _shares(y: Array, score: Array, weight: Array) -> Array:
    """Return the frequencies of the classes, shape (..., classes)."""
    import numpy as np

    classes = 2 if score.ndim == 1 else score.shape[1]
    return np.stack([_mean(y == k, weight) for k in range(classes)], axis=-1)


PROBABILITY: tuple[Metric, ...] = (
    Metric(
        "brier",
        CLASSES,
        "score",
        False,
        "mean squared error of the probabilities; of more than two classes, summed over them",
        brier,
        NO_ROWS,
        most=2,
    ),
    Metric(
        "log_loss",
        CLASSES,
        "score",
        False,
        "mean negative log probability of what happened",
        log_loss,
        NO_ROWS,
    ),
    Metric(
        "d2_brier",
        CLASSES,
        "score",
        True,
        "share of the Brier score of the class frequencies that the model saves",
        d2_brier,
        ONE_CLASS,
        least=-float("inf"),
        most=1,
    ),
    Metric(
        "d2_log_loss",
        CLASSES,
        "score",
        True,
        "share of the log loss of the class frequencies that the model saves",
        d2_log_loss,
        ONE_CLASS,
        least=-float("inf"),
        most=1,
    ),
    Metric(
        "ece",
        BINARY,
        "score",
        False,
        "gap between probability and frequency over ten bins of equal mass",
        ece,
        NO_ROWS,
        gaps=ece_gaps,
        most=1,
    ),
)
