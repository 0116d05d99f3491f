"""How many rows would be equal by chance: where that is many, a repeat says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.metrics.arrays import Array
    from mlpipe.validate.doctor.column import Column

__all__ = ["SURPRISING", "expected_matches", "matters"]

SURPRISING = 0.01
"""Other rows that would equal a row by chance, below which a repeat is no chance."""

FEWEST_ROWS = 5
PER_MILLE = 5
"""Less than 0.5 % of the rows move no score visibly."""


def matters(count: int, whole: int, features: Sequence[Column], codes: Sequence[Array]) -> bool:
    """Whether so many equal rows are enough to speak of, and no chance.

    Parameters
    ----------
    count, whole : int
        How many rows are equal to another, of how many.
    features, codes : sequences
        The columns that are compared, and their codes (n,), −1 for missing.
    """
    if count < FEWEST_ROWS or count * 1000 < PER_MILLE * whole:
        return False
    return expected_matches(features, codes) < SURPRISING


def expected_matches(features: Sequence[Column], codes: Sequence[Array]) -> float:
    """Return how many other rows would equal a row by chance, were the columns independent.

    Free text has no chance to repeat: what is written twice was copied.
    """
    import numpy as np

    if any(column.kind == "text" for column in features):
        return 0.0
    count = len(codes[0])
    chance = float(max(count - 1, 0))
    for each in codes:
        sizes = np.bincount(each + 1)
        chance *= int((sizes * (sizes - 1)).sum()) / max(count * (count - 1), 1)
    return chance
