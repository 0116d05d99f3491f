"""The rows of a behaviour test, before and after."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlpipe.metrics.arrays import Array

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Tried"]


@dataclass
class Tried:
    """The rows of a test, before and after.

    Attributes
    ----------
    rows, said : DataFrame
        The rows as they were, and what was said of them.
    changed, answer : DataFrame
        The version of each row that is furthest off, and what was said of it.
    off : array, shape (n,)
        By how much it is off; above 0 where the row fails.
    touched : array of bool, shape (n,)
        Whether any version differs from the row.
    """

    rows: "pd.DataFrame"
    said: "pd.DataFrame"
    changed: "pd.DataFrame"
    answer: "pd.DataFrame"
    off: Array
    touched: Array
