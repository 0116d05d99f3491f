"""Many rows as few cells, so that a resample is a count for each cell instead of each row.

How often the rows of a cell are drawn is all that a weighted formula sees of them, if they are
alike. Rows that are equal in every array are exactly so. Of numbers, rows of neighbouring ranks
are put together: the body in bins of about a thousandth of the rows, both ends in bins that
narrow with their distance from the end, down to single rows. What is rare or extreme, and drives
an interval, so stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.arrays import Array

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Cells", "alike", "grid", "line", "middle"]

_FEW = 4096
"""Distinct rows up to which each is a cell."""
_LINE = (1000, 20)
"""Of one number: a bin has at most 1/1000 of the rows, and at most 1/20 of its rank."""
_FIRST = (64, 4)
"""Of the first of two numbers."""
_SECOND = (32, 4)
"""Of the second, in each bin of the first."""


@dataclass(frozen=True)
class Cells:
    """Which rows are counted together.

    Attributes
    ----------
    place : array of int, shape (rows,)
        The cell of each row.
    firsts : array of int, shape (cells,)
        One row of each cell.
    exact : bool
        Whether the rows of a cell are equal.
    bins : array of int, shape (rows,), or None
        Where numbers are those of a wider bin: what it stands for, whatever cell the row is in.
        Rows that differ in their label alone then stay ties.
    """

    place: Array
    firsts: Array
    exact: bool = False
    bins: Array | None = None

    @classmethod
    def of(cls, codes: Array, *, exact: bool = False, bins: Array | None = None) -> Cells:
        """Make a cell of each code, in their order."""
        import numpy as np

        _, firsts, place = np.unique(codes, return_index=True, return_inverse=True)
        return cls(place, firsts, exact, bins)

    def __len__(self) -> int:
        """Count the cells."""
        return len(self.firsts)

    @property
    def sizes(self) -> Array:
        """How many rows each cell has."""
        import numpy as np

        return np.bincount(self.place, minlength=len(self))

    def values(self, array: Array) -> Array:
        """Return what stands for each cell: the mean of numbers, and the one code of codes."""
        import numpy as np

        if self.exact or array.dtype.kind != "f":
            return np.asarray(array[self.firsts])
        if self.bins is None:
            return _means(array, self.place, self.firsts)
        _, firsts = np.unique(self.bins, return_index=True)
        return np.asarray(_means(array, self.bins, firsts)[self.bins[self.firsts]])


def alike(arrays: Sequence[Array | None]) -> Cells | None:
    """Put rows together that are equal in every array; None where too many differ.

    Parameters
    ----------
    arrays : sequence of array, shape (n,) or (n, k), or None
    """
    import numpy as np
    import pandas as pd

    known = [each for each in arrays if each is not None]
    if any(each.ndim > 1 for each in known):
        return None
    codes: Any = np.zeros(len(known[0]), np.int64)
    for each in known:
        if each.dtype.kind == "f" and _varied(each):
            return None
        found, values = pd.factorize(each, use_na_sentinel=False)
        codes, distinct = pd.factorize(codes * len(values) + found)
        if len(distinct) > _FEW:
            return None
    return Cells.of(codes, exact=True)


def line(number: Array, codes: Sequence[Array]) -> Cells:
    """Put rows together that have equal codes and about the same number, the greatest first.

    Equal numbers are never parted, and a number that many rows have is a bin of its own.

    Parameters
    ----------
    number : array of float, shape (n,)
    codes : sequence of array of int, shape (n,)
    """
    import numpy as np

    bins = _split(np.zeros(len(number), np.int64), -number, *_LINE, few=_FEW // 2)
    return Cells.of(_joined([bins, *codes]), bins=bins)


def grid(first: Array, second: Array, codes: Sequence[Array]) -> Cells:
    """Put rows together that have equal codes and about the same two numbers.

    Parameters
    ----------
    first, second : array of float, shape (n,)
    codes : sequence of array of int, shape (n,)
    """
    outer = _split(_joined(codes), first, *_FIRST)
    return Cells.of(_split(outer, second, *_SECOND, of_group=True))


def middle(number: Array, codes: Sequence[Array], weight: Array | None) -> Cells:
    """Put rows together for a median: the wider, the farther from it; close by, row by row.

    Parameters
    ----------
    number : array of float, shape (n,)
        What the median is of.
    codes : sequence of array of int, shape (n,)
    weight : array, shape (n,), or None
    """
    import numpy as np

    order = np.argsort(number, kind="stable")
    mass = np.cumsum(np.ones(len(number)) if weight is None else weight[order])
    apart = np.empty(len(number))
    apart[order] = (mass / mass[-1] - 0.5) * len(number)
    bins = np.searchsorted(_edges(len(number), len(number), 64), np.abs(apart), side="right")
    return Cells.of(_joined([bins * np.sign(apart).astype(int), *codes]))


def _split(
    codes: Array, number: Array, most: int, slope: int, *, few: int = 0, of_group: bool = False
) -> Array:
    """Split each code into bins of the number; codes from 0, in the order of both."""
    import numpy as np

    order = np.lexsort((number, codes)) if codes.any() else np.argsort(number, kind="stable")
    ordered, numbers = codes[order], number[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    begins = np.zeros(len(codes), bool)
    for a, b in zip(starts, np.r_[starts[1:], len(codes)], strict=True):
        widest = max(1, ((b - a) if of_group else len(codes)) // most)
        begins[a:b] = _begins(numbers[a:b], int(widest), slope, few)
    found = np.empty(len(codes), np.int64)
    found[order] = np.cumsum(begins) - 1
    return found


def _begins(ordered: Array, widest: int, slope: int, few: int) -> Array:
    """Return at which of the sorted numbers a bin begins, a bool for each."""
    import numpy as np

    rows = len(ordered)
    distinct = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    begins = np.zeros(rows, bool)
    edges = _edges(rows, widest, slope)
    if len(distinct) <= max(few, len(edges)):
        begins[distinct] = True
        return begins
    inside = np.searchsorted(edges, distinct, side="right") - 1
    width = np.diff(np.r_[edges, rows])[inside]
    many = 2 * np.diff(np.r_[distinct, rows]) > width
    new = np.r_[True, (inside[1:] != inside[:-1]) | many[:-1]] | many
    begins[distinct[new]] = True
    return begins


@lru_cache(maxsize=1024)
def _edges(rows: int, widest: int, slope: int) -> Array:
    """Return the ranks at which bins begin, widening from both ends to the middle."""
    import numpy as np

    half, edges = rows // 2, [0]
    while edges[-1] < half:
        edges.append(edges[-1] + max(1, min(widest, edges[-1] // slope)))
    low = [edge for edge in edges if edge <= half]
    return np.unique(np.r_[low, rows - np.array(low[1:], int)])


def _means(array: Array, place: Array, firsts: Array) -> Array:
    """Mean of each cell; of equal values, exactly the value."""
    import numpy as np

    first = array[firsts]
    apart = np.bincount(place, weights=array - first[place], minlength=len(firsts))
    return np.asarray(first + apart / np.bincount(place, minlength=len(firsts)))


def _joined(codes: Sequence[Array]) -> Array:
    """Return one code for each combination, in the order of the first, then of the second."""
    import numpy as np

    joined: Any = codes[0]
    for each in codes[1:]:
        least = int(each.min())
        joined = joined.astype(np.int64) * (int(each.max()) - least + 1) + (each - least)
    return np.asarray(joined, np.int64)


def _varied(numbers: Array) -> bool:
    """Whether a few rows already have more values than there may be cells."""
    import numpy as np

    step = max(1, len(numbers) // (2 * _FEW))
    return len(np.unique(numbers[::step])) > _FEW
