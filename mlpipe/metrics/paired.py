"""By how much one model is better than another on the same rows, by formula.

Every difference is signed so that above 0 the first model is better.

Sources: McNemar 1947, exact by the binomial distribution; its interval is the score interval of
Tango 1998. DeLong, DeLong and Clarke-Pearson 1988. Diebold and Mariano 1995 with the correction
of Harvey, Leybourne and Newbold 1997.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

from mlpipe.metrics.estimated import Estimate
from mlpipe.metrics.intervals import delong_paired

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlpipe.metrics.arrays import Array

__all__ = ["diebold_mariano", "mcnemar", "paired_areas"]

_NORMAL = NormalDist()


def mcnemar(y: Array, pred: Array, other: Array) -> Estimate:
    """Return by how much the accuracy of ``pred`` exceeds that of ``other``.

    Parameters
    ----------
    y, pred, other : array of int, shape (n,)
        Class codes: the truth, and what the two models said.

    Returns
    -------
    Estimate
        Its interval is Tango's, which stays right where few rows differ. But it leaves out 0 only
        where the exact test of McNemar does too, and its tail at 0 is the p-value of that test.
    """
    first = int(((pred == y) & (other != y)).sum())
    second = int(((pred != y) & (other == y)).sum())
    if not len(y):
        return Estimate(None, why="no rows")
    return _tango(first, second, len(y))


def paired_areas(y: Array, score: Array, other: Array) -> Estimate:
    """Return by how much the area under the ROC curve of ``score`` exceeds that of ``other``.

    Parameters
    ----------
    y : array of 0 and 1, shape (n,)
    score, other : array, shape (n,)
        The scores of the two models.

    Raises
    ------
    ValueError
        Only one class among the true values.
    """
    difference, low, high, _ = delong_paired(y, score, other)
    error = (high - low) / (2 * _NORMAL.inv_cdf(0.975))

    def tail(bound: float) -> float:
        if error <= 0:
            return float(difference >= bound)
        return _NORMAL.cdf((difference - bound) / error)

    return Estimate(difference, low, high, "delong", tail=tail)


def diebold_mariano(
    loss: Array,
    other: Array,
    *,
    moments: Array | None = None,
    horizon: int = 1,
    root: bool = False,
) -> Estimate:
    """Return by how much the mean loss of the first forecasts is below that of the other.

    Losses that follow each other are not independent: the variance counts in the covariances over
    ``horizon`` − 1 steps. It is that of the test, corrected for small samples, and the interval
    holds every difference which the test does not reject.

    Parameters
    ----------
    loss, other : array, shape (n,)
        What each row costs by either model: absolute errors, say, or squared ones. Of rows in the
        order of time.
    moments : array, shape (n,), optional
        The time of each row: the rows of a moment are one observation, and need no order.
    horizon : int
        How many steps ahead is forecast: errors overlap over one less.
    root : bool
        Compare the roots of the mean losses: with squared errors, the RMSE.

    Returns
    -------
    Estimate
        With no interval where there are fewer than 8 moments, or not more than twice the horizon.
    """
    from scipy.stats import t

    if not len(loss):
        return Estimate(None, why="no rows")
    means = float(loss.mean()), float(other.mean())
    if root:
        means = math.sqrt(means[0]), math.sqrt(means[1])
    value = means[1] - means[0]
    steps = _steps(loss, other, moments, means if root else None)
    count = len(steps)
    if count < max(8, 2 * horizon + 1):
        return Estimate(value, why=f"{count} moments are too few for a horizon of {horizon}")
    error = math.sqrt(_long_run_variance(steps, horizon) / _effective(count, horizon))
    if error <= 0:
        return Estimate(value, value, value, "diebold_mariano", tail=_certain(value))
    half = float(t.ppf(0.975, count - 1)) * error

    def tail(bound: float) -> float:
        return float(t.cdf((value - bound) / error, count - 1))

    return Estimate(value, value - half, value + half, "diebold_mariano", tail=tail)


def _tango(first: int, second: int, rows: int) -> Estimate:
    """Return Tango's interval of (first − second) / rows, the rows that either alone has right."""
    value, z = (first - second) / rows, _NORMAL.inv_cdf(0.975)
    exact = _sign_test(first, second)

    def tail(bound: float) -> float:
        p = _NORMAL.cdf(_score(first, second, rows, bound))
        if value == 0:
            return p
        at_zero = 1 - exact if value > 0 else exact
        return max(p, at_zero) if bound < 0 else min(p, at_zero) if bound > 0 else at_zero

    low = _solve(lambda bound: _score(first, second, rows, bound) - z, -1.0, value)
    high = _solve(lambda bound: _score(first, second, rows, bound) + z, value, 1.0)
    if exact > 0.025:
        low, high = min(low, 0.0), max(high, 0.0)
    return Estimate(value, low, high, "mcnemar", tail=tail)


def _sign_test(first: int, second: int) -> float:
    """Return the one-sided p-value of so uneven a split, were either side as likely."""
    from scipy.stats import binom

    return min(1.0, float(binom.cdf(min(first, second), first + second, 0.5)))


def _score(first: int, second: int, rows: int, bound: float) -> float:
    """Return the score statistic of the difference being ``bound``: normal where it is."""
    differing = first + second
    b = -differing + (2 * rows - first + second) * bound
    c = -second * bound * (1 - bound)
    least = (math.sqrt(max(0.0, b * b - 8 * rows * c)) - b) / (4 * rows)
    variance = rows * (2 * least + bound * (1 - bound))
    over = first - second - rows * bound
    if variance <= 0:
        return math.copysign(math.inf, over) if over else 0.0
    return over / math.sqrt(variance)


def _solve(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a falling function crosses 0; the outer end where it does not."""
    for _ in range(200):
        middle = (low + high) / 2
        if function(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _steps(
    loss: Array, other: Array, moments: Array | None, roots: tuple[float, float] | None
) -> Array:
    """Return what each moment adds to the difference, around it; shape (moments,)."""
    import numpy as np

    slopes = [1 / (2 * each) if each > 0 else 0.0 for each in roots] if roots else [1.0, 1.0]
    each = slopes[1] * (other - other.mean()) - slopes[0] * (loss - loss.mean())
    if moments is None:
        return np.asarray(each, float)
    _, place = np.unique(moments, return_inverse=True)
    sums = np.bincount(place, weights=each)
    return np.asarray(sums * (len(sums) / len(each)))


def _long_run_variance(steps: Array, horizon: int) -> float:
    """Return the variance with the covariances over horizon − 1 steps.

    Where their sum is not above 0, they are weighted by Bartlett, whose sum is.
    """
    count = len(steps)
    by_lag = [float((steps[lag:] * steps[: count - lag]).sum()) / count for lag in range(horizon)]
    whole = by_lag[0] + 2 * sum(by_lag[1:])
    if whole > 0:
        return whole
    weighted = [(1 - lag / horizon) * each for lag, each in enumerate(by_lag)]
    return max(0.0, weighted[0] + 2 * sum(weighted[1:]))


def _effective(count: int, horizon: int) -> float:
    """Return by what the variance is divided: the moments, fewer by the correction."""
    return count + 1 - 2 * horizon + horizon * (horizon - 1) / count


def _certain(value: float) -> Callable[[float], float]:
    return lambda bound: float(value >= bound)
