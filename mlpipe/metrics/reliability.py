"""Reliability: in each bin of scores, how often what was said came true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.metrics.intervals import wilson
from mlpipe.metrics.probability import equal_mass_bins

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = ["reliability"]

_BINS = 10


def reliability(score: Array, positive: Array) -> list[dict[str, Any]]:
    """Return ten bins of equal mass at most, with the share of positives and its interval.

    Parameters
    ----------
    score : array, shape (n,)
        Probabilities.
    positive : array of bool, shape (n,)
        What came true.

    Returns
    -------
    list of {"rows", "score", "positive", "low", "high"}
        ``score`` is the mean of the bin; the interval is Wilson's, at 95 %.
    """
    bins = equal_mass_bins(score, _BINS)
    found = []
    for number in range(int(bins.max(initial=-1)) + 1):
        inside = bins == number
        rows, positives = int(inside.sum()), int(positive[inside].sum())
        low, high = wilson(positives, rows)
        found.append(
            {
                "rows": rows,
                "score": float(score[inside].mean()),
                "positive": positives / rows,
                "low": low,
                "high": high,
            }
        )
    return found
