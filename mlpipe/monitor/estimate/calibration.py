"""A calibration map of scores: isotonic blocks, a few hundred numbers that a bundle can carry.

Isotonic regression (Zadrozny and Elkan 2002) pools scores into blocks of one rate each. A block
keeps how many rows it stands on, so that the doubt about its rate is known where the rows are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.metrics.arrays import Array

__all__ = ["calibrated", "calibration", "classwise", "redrawn"]

MOST_BLOCKS = 300
"""More are joined with their neighbours; isotonic regression of n rows has some n^(1/3)."""


def calibration(score: Array, truth: Array, weight: Array | None = None) -> dict[str, Any]:
    """Return the isotonic map from scores to rates, learned on rows the model had not seen.

    Parameters
    ----------
    score : array, shape (n,)
        At least one.
    truth : array of 0 and 1, shape (n,)
    weight : array, shape (n,), optional

    Returns
    -------
    dict
        JSON-safe blocks from low to high scores: ``low`` and ``high`` (their least and greatest
        score), ``rate`` and ``rows``.
    """
    import numpy as np
    from sklearn.isotonic import IsotonicRegression

    order = np.argsort(score, kind="stable")
    score, truth = score[order], truth[order].astype(float)
    weight = np.ones(len(score)) if weight is None else weight[order]
    fitted = IsotonicRegression(y_min=0, y_max=1).fit_transform(score, truth, sample_weight=weight)
    starts = np.flatnonzero(np.r_[True, np.diff(fitted) > 0])
    if len(starts) > MOST_BLOCKS:
        starts = starts[np.linspace(0, len(starts) - 1, MOST_BLOCKS).astype(int)]
    ends = np.r_[starts[1:], len(score)]
    mass = np.add.reduceat(weight, starts)
    hits = np.add.reduceat(weight * truth, starts)
    rate = np.divide(hits, mass, out=np.zeros_like(hits), where=mass > 0)
    return {
        "low": score[starts].tolist(),
        "high": score[ends - 1].tolist(),
        "rate": rate.tolist(),
        "rows": (ends - starts).tolist(),
    }


def calibrated(blocks: Mapping[str, Sequence[float]], score: Array) -> Array:
    """Return the rate of each score; between two blocks it is interpolated.

    >>> blocks = {"low": [0.1, 0.6], "high": [0.2, 0.8], "rate": [0.0, 0.5], "rows": [9, 9]}
    >>> calibrated(blocks, [0.0, 0.15, 0.4, 0.7, 1.0]).tolist()
    [0.0, 0.0, 0.25, 0.5, 0.5]
    """
    import numpy as np

    at = np.column_stack([blocks["low"], blocks["high"]]).ravel()
    return np.asarray(np.interp(score, at, np.repeat(blocks["rate"], 2)))


def redrawn(blocks: Mapping[str, Any], rng: Any) -> dict[str, Any]:
    """Return the map as other reference rows might have made it.

    The rate of a block is drawn from its Jeffreys posterior, Beta(k + 1/2, n - k + 1/2), and the
    rates are put in order again. Blocks without positives are as doubtful as others.
    """
    import numpy as np

    rows, rate = np.asarray(blocks["rows"], float), np.asarray(blocks["rate"], float)
    drawn = rng.beta(rows * rate + 0.5, rows * (1 - rate) + 0.5)
    return {**blocks, "rate": np.sort(drawn)}


def classwise(maps: Sequence[Mapping[str, Any]], score: Array) -> Array:
    """Return the chance of each class, shape (n, classes).

    Of two classes there is one map, that of the positive one. Of several there is one map a class
    against the rest; the chances of a row are scaled to sum to 1, and are its scores where no
    class has any.
    """
    import numpy as np

    if score.ndim == 1:
        rate = calibrated(maps[0], score)
        return np.column_stack([1 - rate, rate])
    rates = np.column_stack([calibrated(each, score[:, at]) for at, each in enumerate(maps)])
    rates = np.where(rates.sum(axis=1, keepdims=True) > 0, rates, score)
    return np.asarray(rates / rates.sum(axis=1, keepdims=True))
