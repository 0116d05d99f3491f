"""Policies: ways to decide, and what the rows are worth under each."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, Self

from mlpipe.metrics.arrays import Array, total

__all__ = ["Best", "Fixed", "Policy", "wanted"]


class Policy(Protocol):
    """A way to decide over rows."""

    def take(self, rows: Array) -> Self:
        """Return it over some of the rows."""

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

    def take(self, rows: Array) -> "Fixed":
        """Return it over some of the rows."""
        return Fixed(self.values[rows])

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
    """

    acted: Array
    left: Array
    score: Array
    capacity: int | float

    def take(self, rows: Array) -> "Best":
        """Return it over some of the rows, with the same capacity."""
        return replace(self, acted=self.acted[rows], left=self.left[rows], score=self.score[rows])

    def totals(self, weight: Array) -> Array:
        """Return what the rows are worth, weights of shape (..., n) giving (...)."""
        import numpy as np

        order, starts, gain = self._ordered
        ordered = weight[..., order]
        rows = np.add.reduceat(ordered, starts, axis=-1)
        gains = np.add.reduceat(ordered * gain, starts, axis=-1)
        ends = rows.cumsum(axis=-1)
        places = ends[..., -1:] * wanted(self.capacity, len(order)) / len(order)
        free = np.clip(places - (ends - rows), 0, rows)
        chance = np.divide(free, rows, out=np.zeros_like(rows), where=rows > 0)
        return np.asarray(total(weight, self.left) + (chance * gains).sum(axis=-1))

    @cached_property
    def _ordered(self) -> tuple[Array, Array, Array]:
        """Return the order of the rows, where each score begins in it, and what acting gains."""
        import numpy as np

        order = np.argsort(-self.score, kind="stable")
        score = self.score[order]
        starts = np.flatnonzero(np.r_[True, score[1:] != score[:-1]])
        return order, starts, (self.acted - self.left)[order]


def wanted(capacity: int | float, rows: int) -> int:
    """Return a capacity in rows, at most all; a share of rows is rounded down, but not to none.

    >>> wanted(500, 2000), wanted(500, 20), wanted(0.29, 100), wanted(0.1, 4)
    (500, 20, 29, 1)
    """
    if isinstance(capacity, int):
        return min(capacity, rows)
    return max(1, int(capacity * rows + 1e-9))
