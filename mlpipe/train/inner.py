"""Folds within the rows of a fit, of the kind that split says: for models that learn of models."""

from dataclasses import dataclass
from typing import TypeAlias

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.metrics.arrays import Array

__all__ = ["InnerFolds"]

Pairs: TypeAlias = list[tuple[Array, Array]]


@dataclass(frozen=True)
class InnerFolds:
    """What the folds within a fit follow from.

    Attributes
    ----------
    kind : {"crossed", "expanding"}
        As split says.
    fold : array of int, shape (n,)
        The fold of each row of train; −1 for rows of valid.
    moment : array of int, shape (n,), or None
        The time of each row in microseconds, for expanding folds.
    gap : int
        So many microseconds before a block of time its rows are not known yet.
    """

    kind: str
    fold: Array
    moment: Array | None = None
    gap: int = 0

    def pairs(self, on: Array, count: int, key: str) -> Pairs:
        """Return ``(fitted on, scored)`` within the rows of a fit, at most ``count`` of them.

        Crossed folds are those of train that the fit is not scored on, so that a group or an
        entity stays on one side here too; a row without a fold is never scored. Expanding folds
        are blocks of the fit's own time.

        Parameters
        ----------
        on : array of int
            The positions that the fit is on.
        count : int
        key : str
            Of the model, for errors.

        Raises
        ------
        SpecError
            If fewer than two folds of train are left.
        DataError
            If the rows hold too few times.
        """
        if self.kind == "expanding" and self.moment is not None:
            return self._expanding(on, self.moment[on], count, key)
        return self._crossed(on, count, key)

    def _crossed(self, on: Array, count: int, key: str) -> Pairs:
        import numpy as np

        fold = self.fold[on]
        known = np.unique(fold[fold >= 0])
        if len(known) < 2:
            raise SpecError(
                Problem(
                    "it learns from folds of train that are not held out, and there are "
                    f"{len(known)}",
                    key=key,
                    hint="train: {folds: 5}; at least 3",
                )
            )
        held = (np.isin(fold, each) for each in np.array_split(known, min(count, len(known))))
        return [(on[~inside], on[inside]) for inside in held]

    def _expanding(self, on: Array, moment: Array, count: int, key: str) -> Pairs:
        import numpy as np

        times, rows = np.unique(moment, return_counts=True)
        before = np.cumsum(rows) - rows
        # As in the folds of train: blocks of about the same count of rows, a time in one block.
        block = np.floor((before + rows / 2) / rows.sum() * (count + 1)).astype(int)
        of_row = block[np.searchsorted(times, moment)]
        found = []
        for each in np.unique(block)[1:]:
            start = times[block == each][0]
            fit = on[moment <= start - self.gap] if self.gap else on[moment < start]
            if len(fit) > 1:
                found.append((fit, on[of_row == each]))
        if not found:
            raise DataError(
                Problem(
                    f"the {len(on):,} rows of a fit hold too few times for folds within them",
                    key=key,
                    hint="fewer train.folds, or another model",
                )
            )
        return found
