"""How sure a figure is, by formula: Wilson and DeLong; `resampling` does the rest.

Sources: Wilson 1927; DeLong, DeLong and Clarke-Pearson 1988 in the fast form of Sun and Xu 2014;
the logit interval of an area under the curve after Qin and Hotilovac 2008; Holm 1979.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlpipe.metrics.arrays import Array

__all__ = [
    "FAMILY_ERROR",
    "TWO_SIDED",
    "Area",
    "Difference",
    "delong",
    "delong_paired",
    "delong_with_tail",
    "holm",
    "wilson",
    "wilson_tail",
]

_NORMAL = NormalDist()
TWO_SIDED = 1.959963984540054
"""Standard errors from a normal figure to either end of its 95 % interval."""
FAMILY_ERROR = 0.05
"""The chance that any of several comparisons calls a difference that is not there."""


class Area(NamedTuple):
    """An area under the curve with its interval."""

    auc: float
    low: float
    high: float


class Difference(NamedTuple):
    """A difference with its interval and the two-sided p-value of there being none."""

    difference: float
    low: float
    high: float
    p: float


def wilson(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return the score interval of a proportion; (0, 1) where there are no trials.

    >>> low, high = wilson(8, 10)
    >>> round(low, 4), round(high, 4)
    (0.4902, 0.9433)
    """
    if n == 0:
        return 0.0, 1.0
    return _wilson(successes / n, n, level)


def wilson_tail(share: float, n: int, bound: float) -> float:
    """Return the one-sided p-value of the true share being at least ``bound``.

    The test that the interval inverts: the interval of level 1 − 2p ends at the bound.
    """
    if not 0 < bound < 1:
        return 1.0 if share >= bound or bound <= 0 else 0.0
    return _NORMAL.cdf((share - bound) / math.sqrt(bound * (1 - bound) / n))


def delong(y: Array, score: Array, level: float = 0.95) -> Area:
    """Return the area under the ROC curve and its interval, in O(n log n).

    Parameters
    ----------
    y : array of 0 and 1, shape (n,)
    score : array, shape (n,)
        Greater for likelier positives.
    level : float

    Notes
    -----
    The interval is symmetric on the logit scale, so that it stays inside (0, 1). Perfectly
    separated classes have no variance to estimate; their interval is then Wilson's, with the rows
    of the smaller class as the trials.
    """
    return delong_with_tail(y, score, level)[0]


def delong_with_tail(
    y: Array, score: Array, level: float = 0.95
) -> tuple[Area, Callable[[float], float]]:
    """Return the area with its interval, as `delong` does, and its tail.

    The tail goes from a bound to the one-sided p-value of the area being at least that.
    """
    areas, variances = _areas(y, (score,))
    auc, variance, smaller = float(areas[0]), float(variances[0, 0]), _smaller_class(y)

    def tail(bound: float) -> float:
        if variance <= 0 or not 0 < bound < 1:
            return wilson_tail(auc, smaller, bound)
        error = math.sqrt(variance) / (auc * (1 - auc))
        return _NORMAL.cdf((_logit(auc) - _logit(bound)) / error)

    return _logit_interval(auc, variance, smaller, level), tail


def delong_paired(y: Array, a: Array, b: Array, level: float = 0.95) -> Difference:
    """Return by how much the area of ``a`` exceeds that of ``b`` on the same rows.

    Parameters
    ----------
    y : array of 0 and 1, shape (n,)
    a, b : array, shape (n,)
        The scores of the two models.
    level : float
    """
    auc, variance = _areas(y, (a, b))
    difference = float(auc[0] - auc[1])
    error = math.sqrt(max(0.0, float(variance[0, 0] + variance[1, 1] - 2 * variance[0, 1])))
    half = _quantile(level) * error
    p = 2 * _NORMAL.cdf(-abs(difference) / error) if error else float(difference == 0)
    return Difference(difference, difference - half, difference + half, p)


def holm(p: Sequence[float]) -> list[float]:
    """Return the p-values adjusted so that the family errs as rarely as one test would.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p)), key=lambda place: p[place])
    adjusted, highest = [0.0] * len(p), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p) - rank) * p[place]))
        adjusted[place] = highest
    return adjusted


def _areas(y: Array, scores: Sequence[Array]) -> tuple[Array, Array]:
    """Areas under the curve, shape (k,), and their covariance, shape (k, k)."""
    import numpy as np

    positive = y == 1
    m, n = int(positive.sum()), int((~positive).sum())
    if not m or not n:
        raise ValueError("an area under the curve needs rows of both classes")
    above, below = np.empty((len(scores), m)), np.empty((len(scores), n))
    for place, score in enumerate(scores):
        ranks = _midranks(score)
        above[place] = (ranks[positive] - _midranks(score[positive])) / n
        below[place] = 1 - (ranks[~positive] - _midranks(score[~positive])) / m
    return above.mean(axis=1), _covariance(above) / m + _covariance(below) / n


def _covariance(values: Array) -> Array:
    """Sample covariance of the rows; 0 where there is only one column."""
    import numpy as np

    centred = values - values.mean(axis=1, keepdims=True)
    return np.asarray(np.einsum("in,jn->ij", centred, centred) / max(1, values.shape[1] - 1))


def _midranks(values: Array) -> Array:
    """Ranks from 1; equal values share the mean of theirs."""
    import numpy as np

    order = np.argsort(values, kind="stable")
    ordered, ranks = values[order], np.empty(len(values))
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sizes = np.diff(np.r_[starts, len(values)])
    ranks[order] = np.repeat(starts + (sizes + 1) / 2, sizes)
    return ranks


def _logit_interval(auc: float, variance: float, trials: int, level: float) -> Area:
    if variance <= 0 or not 0 < auc < 1:
        return Area(auc, *_wilson(auc, trials, level))
    half = _quantile(level) * math.sqrt(variance) / (auc * (1 - auc))
    centre = _logit(auc)
    return Area(auc, _unlogit(centre - half), _unlogit(centre + half))


def _wilson(share: float, n: int, level: float) -> tuple[float, float]:
    z = _quantile(level)
    spread = z * z / n
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    low = 0.0 if share == 0 else max(0.0, centre - half)
    high = 1.0 if share == 1 else min(1.0, centre + half)
    return low, high


def _smaller_class(y: Array) -> int:
    positives = int((y == 1).sum())
    return min(positives, len(y) - positives)


def _quantile(level: float) -> float:
    return _NORMAL.inv_cdf((1 + level) / 2)


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _unlogit(value: float) -> float:
    return 1 / (1 + math.exp(-value))
