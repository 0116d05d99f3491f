"""What was true and what was said, as the metrics take it."""

from dataclasses import dataclass

from mlpipe.metrics.arrays import Array

__all__ = ["Outcomes"]


@dataclass(frozen=True)
class Outcomes:
    """What was true and what was said, row by row; encoded as `Metric` describes.

    Attributes
    ----------
    y : array, shape (n,)
        Class codes from 0 (binary: 1 is the positive class), or numbers.
    pred : array, shape (n,)
        Predicted codes or numbers.
    score : array, shape (n,) or (n, classes), or None
        Probabilities; None for regression.
    weight : array, shape (n,), or None
    groups : array of int, shape (n,), or None
        Codes from 0 of the rows that are resampled together.
    """

    y: Array
    pred: Array
    score: Array | None = None
    weight: Array | None = None
    groups: Array | None = None

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.y)

    def take(self, rows: Array) -> "Outcomes":
        """Return some rows, chosen by a mask or by positions; groups are numbered anew."""
        import numpy as np

        groups = None if self.groups is None else self.groups[rows]
        return Outcomes(
            y=self.y[rows],
            pred=self.pred[rows],
            score=None if self.score is None else self.score[rows],
            weight=None if self.weight is None else self.weight[rows],
            groups=None if groups is None else np.unique(groups, return_inverse=True)[1],
        )

    @property
    def independent(self) -> bool:
        """Whether every row counts once and for itself, as Wilson and DeLong suppose."""
        return self.weight is None and self.groups is None

    @property
    def trials(self) -> int:
        """How many trials they are worth where none fails: the rows of the rarest class.

        Of numbers, all rows; of rows that belong together, at most their groups.
        """
        import numpy as np

        rows = len(self.y)
        if np.issubdtype(self.y.dtype, np.integer) and rows:
            rows = int(np.unique(self.y, return_counts=True)[1].min())
        return rows if self.groups is None else min(rows, len(np.unique(self.groups)))
