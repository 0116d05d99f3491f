"""Few of many rows, drawn so that what is rare or extreme is among them.

The bag of little bootstraps (Kleiner, Talwalkar, Sarkar and Jordan 2014): resamples as large as
the data are drawn from subsets of it, as counts, and each is looked at beside its own subset.
Here the chance of a row to be in a subset grows towards the ends of each number and for rare
codes, up to 1; a row stands for as many as its chance is small.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np

    from mlpipe.metrics.arrays import Array

__all__ = ["Subset", "subsets"]

_ROWS = 10_000
"""Rows of a subset, about."""
_UNITS = 1000
"""Units of a subset at least, where rows are drawn in groups."""
_RARE = 2000
"""Rows of a code that are always in, about; of a number, a tenth of that at each end."""


class Subset(NamedTuple):
    """Some rows, and how many each stands for.

    Attributes
    ----------
    rows : array of int, shape (m,)
    units : array of int, shape (m,)
        The place of each row's unit in ``stands_for``.
    stands_for : array, shape (units,)
        Sums to the units of all rows.
    """

    rows: Array
    units: Array
    stands_for: Array


def subsets(
    arrays: Sequence[Array | None],
    count: int,
    generator: np.random.Generator,
    *,
    groups: Array | None = None,
    weight: Array | None = None,
    uniform: bool = False,
) -> Iterator[Subset]:
    """Yield subsets of the rows.

    Parameters
    ----------
    arrays : sequence of array, shape (n,) or (n, k), or None
    count : int
        How many subsets.
    generator : Generator
    groups : array of int, shape (n,), optional
        Codes from 0 of the units that stay whole; each is then as likely as another.
    weight : array, shape (n,), optional
    uniform : bool
        Every row is as likely as another: for formulas that count the rows given.
    """
    import numpy as np

    rows = len(next(each for each in arrays if each is not None))
    if groups is not None:
        yield from _of_groups(groups, count, generator)
        return
    even = np.full(rows, min(1.0, _ROWS / rows))
    chance = even if uniform else _chances([*arrays, weight], even)
    for _ in range(count):
        inside = np.flatnonzero(generator.random(rows) < chance)
        stands_for = 1 / chance[inside]
        yield Subset(inside, np.arange(len(inside)), stands_for * (rows / stands_for.sum()))


def _of_groups(groups: Array, count: int, generator: np.random.Generator) -> Iterator[Subset]:
    import numpy as np

    rows, whole = len(groups), int(groups.max()) + 1
    some = min(whole, max(_UNITS, whole * _ROWS // rows))
    for _ in range(count):
        chosen = np.sort(generator.choice(whole, some, replace=False))
        place = np.full(whole, -1)
        place[chosen] = np.arange(some)
        inside = np.flatnonzero(place[groups] >= 0)
        yield Subset(inside, place[groups[inside]], np.full(some, whole / some))


def _chances(arrays: Sequence[Array | None], even: Array) -> Array:
    """Return each row's chance to be in a subset."""
    import numpy as np

    chance = even
    for each in arrays:
        if each is None:
            continue
        for column in each.T if each.ndim == 2 else [each]:
            find = _of_number if column.dtype.kind == "f" else _of_code
            chance = np.maximum(chance, find(column))
    return chance


def _of_code(codes: Array) -> Array:
    import numpy as np

    _, place, sizes = np.unique(codes, return_inverse=True, return_counts=True)
    return np.asarray(np.minimum(1.0, _RARE / sizes)[place])


def _of_number(number: Array) -> Array:
    """Chance 1 at either end, then falling with the rank from there."""
    import numpy as np

    rank = np.empty(len(number))
    rank[np.argsort(number, kind="stable")] = np.arange(len(number))
    from_end = np.minimum(rank, len(number) - 1 - rank)
    return np.asarray(np.minimum(1.0, _RARE / 10 / (from_end + 1)))
