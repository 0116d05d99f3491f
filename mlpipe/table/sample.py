"""A sample of rows that is always the same, taken from a few places so that little is read."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from mlpipe.table.columns import ROW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["PLACES", "STRETCH", "holding", "picked", "scattered", "spread", "within"]

STRETCH = 122_880
"""Rows of a stretch: those of a row group as we write it. No other group is opened for them."""

PLACES = 8
"""Stretches that are looked into where there are more: a file costs what is decoded of it."""


def holding(counts: Mapping[int, int], wanted: int, places: int = PLACES) -> list[int]:
    """Return stretches that lie evenly among all and hold twice the rows that are wanted.

    Twice, so that rows can be picked out of each of them. Those of 8 places are among those of 16.

    Parameters
    ----------
    counts : mapping of int to int
        How many rows each stretch holds.
    wanted : int
        How many rows are needed.
    places : int
        As many stretches at least, where there are as many; a power of two.

    Examples
    --------
    >>> holding({at: 10 for at in range(100)}, wanted=10, places=4)
    [0, 25, 50, 75]
    >>> holding({3: 10, 5: 10}, wanted=10, places=4)
    [3, 5]
    """
    there = sorted(counts)
    while places < len(there):
        chosen = [there[at * len(there) // places] for at in range(places)]
        if sum(counts[each] for each in chosen) >= 2 * wanted:
            return chosen
        places *= 2
    return there


def within(stretches: Iterable[int], row: str = ROW) -> str:
    """Return a SQL condition: a row lies in one of the stretches.

    It is made of bounds alone, which the engine compares with those of a row group before it
    opens it.

    >>> within([0, 1, 5])
    '(_row BETWEEN 0 AND 245759 OR _row BETWEEN 614400 AND 737279)'
    """
    there = sorted(set(stretches))
    breaks = [at for at, (one, next_) in enumerate(pairwise(there), 1) if next_ > one + 1]
    runs = [there[start:end] for start, end in pairwise([0, *breaks, len(there)])]
    listed = (f"{row} BETWEEN {run[0] * STRETCH} AND {(run[-1] + 1) * STRETCH - 1}" for run in runs)
    return f"({' OR '.join(listed)})"


def picked(share: float, row: str = ROW) -> str:
    """Return a SQL condition that picks a share of the rows by their position."""
    return f"{scattered(row)} < {int(share * 2**32)}"


def scattered(row: str = ROW) -> str:
    """Return SQL of a number from 0 to 2^32 for a position: rows side by side are far apart.

    Through a multiplier that follows no period of the data (Knuth's multiplicative hash).
    """
    return f"(({row} % 2147483648 * 2654435761) & 4294967295)"


def spread(rows: int, wanted: int) -> str:
    """Return a SQL condition on ``_row`` that picks some of the rows, about as many as wanted.

    Which ones depends on the number of rows alone.

    Parameters
    ----------
    rows : int
        Rows of the table, at positions 0, 1, 2, ….
    wanted : int
        How many are to be picked.
    """
    counts = _counts(rows)
    chosen: Sequence[int] = holding(counts, wanted)
    share = min(1.0, wanted / max(1, sum(counts[each] for each in chosen)))
    return f"{within(chosen)} AND {picked(share)}" if chosen else "true"


def _counts(rows: int) -> dict[int, int]:
    whole, rest = divmod(rows, STRETCH)
    counts = dict.fromkeys(range(whole), STRETCH)
    return {**counts, whole: rest} if rest else counts
