"""What a decision is worth: a value for each cell of the confusion matrix, row by row."""

from typing import TYPE_CHECKING

from mlpipe.metrics.expression import Amount, expression
from mlpipe.spec.part import Part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlpipe.metrics.arrays import Array

__all__ = ["Business", "CellValues"]


class CellValues(Part):
    """What one row is worth in each cell: a number, or arithmetic over columns."""

    tp: Amount = 0.0
    """A positive that is acted on."""
    fp: Amount = 0.0
    """A negative that is acted on."""
    fn: Amount = 0.0
    """A positive that is left alone."""
    tn: Amount = 0.0
    """A negative that is left alone."""


class Business(Part):
    """A business metric: the value of acting on the rows predicted positive."""

    value: CellValues
    """What each cell of the confusion matrix is worth."""
    currency: str | None = None
    """The unit of the values, for reports."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the values read, in order of appearance."""
        found = [
            name
            for cell in self._cells().values()
            if isinstance(cell, str)
            for name in expression(cell).columns
        ]
        return tuple(dict.fromkeys(found))

    def acting(self, y: "Array", columns: "Mapping[str, Array]") -> "tuple[Array, Array]":
        """Return what each row is worth when acted on, and when left alone.

        The value of a policy is the sum of the first over the rows it acts on and of the second
        over the others; thresholds can be swept with two cumulated sums.

        Parameters
        ----------
        y : array of 0 and 1, shape (n,)
        columns : mapping of str to array, shape (n,)
            At least `columns`; NaN for null.

        Returns
        -------
        acted, left : array, shape (n,)
            NaN where a column that the cell needs is null.
        """
        import numpy as np

        of = {name: _values(cell, columns, len(y)) for name, cell in self._cells().items()}
        positive = y == 1
        return np.where(positive, of["tp"], of["fp"]), np.where(positive, of["fn"], of["tn"])

    def _cells(self) -> dict[str, float | str]:
        return {name: getattr(self.value, name) for name in ("tp", "fp", "fn", "tn")}


def _values(cell: float | str, columns: "Mapping[str, Array]", rows: int) -> "Array":
    import numpy as np

    if isinstance(cell, str):
        return expression(cell).values(columns, rows)
    return np.full(rows, float(cell))
