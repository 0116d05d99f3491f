"""Policies: ways to decide, and what the rows are worth under each."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, Self

from mlpipe.metrics.arrays import Array, total

__all__ = ["Best", "Fixed", "Policy", "wanted"]


class Policy(Protocol):
    """A way to decide over rows."""

    @property
    def arrays(self) -> tuple[Array, ...]:
        """What it knows of each row, arrays of shape (n,)."""

    def take(self, rows: Array) -> Self:
        """Return it over some of the rows."""

    def over(self, *arrays: Array) -> Self:
        """Return it over rows that stand for these, with the same share of them acted on."""

    def totals(self, weight: Array) -> Array:
        """Return what the rows are worth, weights of shape (..., n) giving (...)."""


@dataclass(frozen=True)
class Fixed:
    """A policy that decides row by row.

    Attributes
    ----------
    values : array, shape (n,)
        What each row is worth under it.
    """

    values: Array

    @property
    def arrays(self) -> tuple[Array, ...]:
        """What each row is worth."""
        return (self.values,)

    def take(self, rows: Array) -> "Fixed":
        """Return it over some of the rows."""
        return Fixed(self.values[rows])

    def over(self, *arrays: Array) -> "Fixed":
        """Return it over rows that stand for these."""
        return Fixed(*arrays)

    def totals(self, weight: Array) -> Array:
        """Return what the rows are worth, weights of shape (..., n) giving (...)."""
        return total(weight, self.values)


@dataclass(frozen=True)
class Best:
    """The policy of acting on the best-scored rows, as many as there is capacity for.

    Where the last place is shared by equal scores, each of these has the same chance of a place:
    the value is the expected one. In a resample the capacity is the same share of the rows.

    Attributes
    ----------
    acted, left : array, shape (n,)
        What each row is worth when acted on, and when left alone.
    score : array, shape (n,)
    capacity : int or float
        Rows, or their share below 1.
    share : float or None
        The share of the rows that there is capacity for, where other rows stand for them.
    """

    acted: Array
    left: Array
    score: Array
    capacity: int | float
    share: float | None = None

    @property
    def arrays(self) -> tuple[Array, ...]:
        """What each row is worth either way, and its score."""
        return self.acted, self.left, self.score

    def over(self, *arrays: Array) -> "Best":
        """Return it over rows that stand for these, with the same share of them acted on."""
        acted, left, score = arrays
        share = wanted(self.capacity, len(self.score)) / max(1, len(self.score))
        return Best(acted, left, score, self.capacity, share)

    def take(self, rows: Array) -> "Best":
        """Return it over some of the rows, with the same capacity."""
        return replace(self, acted=self.acted[rows], left=self.left[rows], score=self.score[rows])

    def totals(self, weight: Array) -> Array:
        """Return what the rows are worth, weights of shape (..., n) giving (...)."""
        import numpy as np

        order = self._ordered[0]
        rows = weight.reshape(-1, len(order))
        gains = np.array([self._gained(each[order]) for each in rows])
        return np.asarray(total(weight, self.left) + gains.reshape(weight.shape[:-1]))

    def _gained(self, weight: Array) -> float:
        """Return what acting gains over leaving all alone, weights in the order of the scores.

        Scores above that of the last place are acted on; those that share it, by chance.
        """
        import numpy as np

        order, first, last, gain = self._ordered
        ends = weight.cumsum()
        share = self.share or wanted(self.capacity, len(order)) / len(order)
        places = ends[-1] * share
        at = min(int(np.searchsorted(ends, places)), len(order) - 1)
        start, stop = int(first[at]), int(last[at])
        before = float(ends[start - 1]) if start else 0.0
        tied = float(ends[stop - 1]) - before
        chance = min(1.0, (places - before) / tied) if tied > 0 else 0.0
        above = total(weight[:start], gain[:start])
        return float(above + chance * total(weight[start:stop], gain[start:stop]))

    @cached_property
    def _ordered(self) -> tuple[Array, Array, Array, Array]:
        """Return the order of the rows, where each one's score begins and ends, and its gain."""
        import numpy as np

        order = np.argsort(-self.score, kind="stable")
        score = self.score[order]
        starts = np.flatnonzero(np.r_[True, score[1:] != score[:-1]])
        ends = np.r_[starts[1:], len(score)]
        first, last = (np.repeat(each, ends - starts) for each in (starts, ends))
        return order, first, last, (self.acted - self.left)[order]


def wanted(capacity: int | float, rows: int) -> int:
    """Return a capacity in rows, at most all; a share of rows is rounded down, but not to none.

    >>> wanted(500, 2000), wanted(500, 20), wanted(0.29, 100), wanted(0.1, 4)
    (500, 20, 29, 1)
    """
    if isinstance(capacity, int):
        return min(capacity, rows)
    return max(1, int(capacity * rows + 1e-9))
