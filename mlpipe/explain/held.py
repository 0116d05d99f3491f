"""The rows that a model is asked about: what they are, what was true, and what was said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.arrays import Array

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.metrics.metric import Metric

__all__ = ["Held"]


@dataclass(frozen=True)
class Held:
    """Rows of one part, or some of them.

    Attributes
    ----------
    task : str
    part : str
        ``test`` or ``valid``.
    of : int
        How many rows the part has.
    rows : array of int, shape (n,)
        Their positions in the ingested table.
    frame : DataFrame, n rows
        The columns of `mlpipe.explain.explained.columns_read`.
    y : array, shape (n,)
        The true codes or numbers.
    scores : array, shape (n,) or (n, classes)
        What was said of them by a model that had not seen them.
    classes : tuple
        By code; empty for regression.
    threshold : float or None
    keys : DataFrame, n rows
        The columns that name a row to its reader; maybe none.
    kinds : mapping of str to str
        The kind of each column of the frame: number, category, text, date or boolean.
    withheld : frozenset of str
        Columns whose values are not shown.
    weight : array, shape (n,), or None
    """

    task: str
    part: str
    of: int
    rows: Array
    frame: "pd.DataFrame"
    y: Array
    scores: Array
    classes: tuple[Any, ...]
    threshold: float | None
    keys: "pd.DataFrame"
    kinds: Mapping[str, str]
    withheld: frozenset[str] = frozenset()
    weight: Array | None = None

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.rows)

    def labels(self, scores: Array) -> Array:
        """Return what scores come to: codes, or the numbers themselves."""
        import numpy as np

        if self.task == "regression":
            return scores
        if scores.ndim == 2:
            return np.asarray(np.argmax(scores, axis=1))
        return (scores >= (0.5 if self.threshold is None else self.threshold)).astype(int)

    def goodness(self, metric: "Metric", rows: Array, scores: Array) -> float | None:
        """Return a metric of what is said of some rows, turned so that more is better.

        Parameters
        ----------
        metric : Metric
        rows : array of int
            Places among these rows.
        scores : array
            Of the rows chosen, in their order.
        """
        found = metric.measure(
            self.y[rows],
            pred=self.labels(scores),
            score=None if self.task == "regression" else scores,
            weight=None if self.weight is None else self.weight[rows],
        ).value
        return None if found is None else float(metric.goodness(found))
