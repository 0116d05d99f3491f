"""A 64-bit number for what a row holds in some columns, so that equal rows are found by sorting."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.metrics.arrays import Array
    from mlpipe.validate.doctor.column import Column

__all__ = ["distinct", "fingerprints", "is_among", "mixed", "of_codes"]


def fingerprints(columns: Sequence[Column]) -> Array:
    """Return a number a row, uint64: equal rows have equal ones, a missing value is a value.

    Two of 200,000 different rows collide once in a billion tables.
    """
    return of_codes([column.codes for column in columns])


def of_codes(codes: Sequence[Array]) -> Array:
    """Return the number of each row from the codes (n,) of its columns."""
    import numpy as np

    found = np.zeros(len(codes[0]) if codes else 0, np.uint64)
    for place, each in enumerate(codes):
        found = mixed(found + each.astype(np.uint64) + np.uint64(place + 1))
    return found


def distinct(prints: Array) -> Array:
    """Return the different numbers, ascending; quicker than numpy's own for 64 bits."""
    import numpy as np

    ordered = np.sort(prints)
    first = np.ones(len(ordered), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return np.asarray(ordered[first])


def is_among(prints: Array, known: Array) -> Array:
    """Return which numbers are among the known ones, which are `distinct`."""
    import numpy as np

    if not len(known):
        return np.zeros(len(prints), bool)
    place = np.minimum(np.searchsorted(known, prints), len(known) - 1)
    return np.asarray(known[place] == prints)


def mixed(values: Array) -> Array:
    """Scatter 64-bit integers: the finalizer of SplitMix64 (Steele, Lea and Flood 2014)."""
    import numpy as np

    with np.errstate(over="ignore"):
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(values ^ (values >> np.uint64(31)))
