"""The area under the ROC curve of a single column, counted in integers, ties exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = ["area", "area_of_codes", "cross_fitted"]


def area(positive: Array, negative: Array) -> float:
    """Return the area from how many rows of each class have each score, ascending.

    >>> import numpy as np
    >>> area(np.array([0, 1, 2]), np.array([3, 1, 0]))
    0.9583333333333334
    """
    below = negative.cumsum() - negative
    twice = int((positive * (2 * below + negative)).sum())
    pairs = int(positive.sum()) * int(negative.sum())
    return twice / (2 * pairs) if pairs else 0.5


def area_of_codes(codes: Array, positive: Array) -> float:
    """Return the area of integer scores, which need not be dense.

    Parameters
    ----------
    codes : array of int64, shape (n,)
        Not below 0.
    positive : array of bool, shape (n,)
    """
    import numpy as np

    length = int(codes.max(initial=0)) + 1
    ones = np.bincount(codes[positive], minlength=length)
    return area(ones, np.bincount(codes, minlength=length) - ones)


def cross_fitted(codes: Array, positive: Array, folds: Array) -> Array:
    """Return for each row the share of positives among rows of its value in the other folds.

    One row of the overall share is added, so that a value which is nowhere else (an id) says
    nothing, and does not look perfect.

    Parameters
    ----------
    codes, positive, folds : array, shape (n,)
        Value, class and fold (0 to 4) of each row.

    Returns
    -------
    array of float, shape (n,)
    """
    import numpy as np

    length = int(codes.max(initial=0)) + 1
    place = codes * 5 + folds
    count = np.bincount(place, minlength=5 * length).reshape(-1, 5)
    ones = np.bincount(place[positive], minlength=5 * length).reshape(-1, 5)
    others = count.sum(axis=1, keepdims=True) - count
    other_ones = ones.sum(axis=1, keepdims=True) - ones
    share = int(positive.sum()) / max(len(codes), 1)
    return np.asarray(((other_ones + share) / (others + 1)).ravel()[place])
