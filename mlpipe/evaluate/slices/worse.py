"""Whether a slice does worse than the rest, by the losses of its rows.

Welch's test, one-sided, as in Slice Finder (Chung et al. 2019), with two changes that keep its
error where it belongs when thousands of small slices are looked at. The variance inside a slice is
taken as at least that of the rest: a hundred rows that are all wrong have none of their own. And
the degrees of freedom are those of the slice alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mlpipe.evaluate.slices.candidates import Candidates
    from mlpipe.metrics.arrays import Array

__all__ = ["Compared", "Sums", "less", "robust", "sums_of", "tail_of", "welch"]


class Sums(NamedTuple):
    """Sums over rows, as `Candidates` has them; numbers or arrays of shape (m,)."""

    rows: Array
    weight: Array
    weights2: Array
    loss: Array
    moment: Array
    square: Array


class Compared(NamedTuple):
    """What came of the comparison, each of shape (m,).

    Attributes
    ----------
    inside, outside : array
        Mean losses.
    error : array
        The standard error of their difference.
    p : array
        One-sided: of the slice not being worse.
    """

    inside: Array
    outside: Array
    error: Array
    p: Array


def sums_of(each: Candidates) -> Sums:
    """Return the sums of the slices."""
    return Sums(*(getattr(each, name) for name in Sums._fields))


def less(whole: Sums, part: Sums) -> Sums:
    """Return the sums of the rows that are in the first and not in the second."""
    return Sums(*(one - other for one, other in zip(whole, part, strict=True)))


def welch(inside: Sums, outside: Sums) -> Compared:
    """Compare the mean loss inside with that outside."""
    import numpy as np

    mean, rest = inside.loss / inside.weight, outside.loss / outside.weight
    around = _variance(outside)
    floor = around * outside.weight**2 / outside.weights2 * inside.weights2 / inside.weight**2
    error = np.sqrt(np.maximum(_variance(inside), floor) + around)
    return Compared(mean, rest, error, _tail(mean - rest, error, inside.rows))


def robust(loss: Array, weight: Array | None, mask: Array, groups: Array) -> float:
    """Return the standard error of the difference where rows belong together.

    The rows of a group may all be off by the same: what varies freely are the sums over groups
    (Liang and Zeger 1986).

    Parameters
    ----------
    loss : array, shape (n,)
    weight : array, shape (n,), or None
    mask : array of bool, shape (n,)
        The rows of the slice.
    groups : array of int, shape (n,)
    """
    import numpy as np

    whole = np.ones(len(loss)) if weight is None else weight
    pull = np.zeros(len(loss))
    for rows, sign in ((mask, 1.0), (~mask, -1.0)):
        total = whole[rows].sum()
        centre = (whole[rows] * loss[rows]).sum() / total
        pull[rows] = sign * whole[rows] * (loss[rows] - centre) / total
    return float(np.sqrt((np.bincount(groups, pull) ** 2).sum()))


def tail_of(difference: float, error: float, units: int) -> float:
    """Return the one-sided p-value of a difference with the standard error of `robust`."""
    import numpy as np

    return float(_tail(np.asarray(difference), np.asarray(error), np.asarray(units)))


def _variance(sums: Sums) -> Array:
    """Return the variance of the mean loss."""
    import numpy as np

    mean = sums.loss / sums.weight
    squares = sums.square - 2 * mean * sums.moment + mean**2 * sums.weights2
    sample = sums.rows / np.maximum(sums.rows - 1, 1)
    return np.asarray(np.maximum(squares, 0.0) / sums.weight**2 * sample)


def _tail(difference: Array, error: Array, units: Array) -> Array:
    import numpy as np
    from scipy.stats import t

    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where(error > 0, difference / error, 0.0)
    return np.asarray(t.sf(size, np.maximum(units - 1, 1)))
