"""The rows of a chunk as estimates take them, labelled or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.arrays import Array
from mlpipe.metrics.outcomes import Outcomes
from mlpipe.monitor.estimate.expected import Scored
from mlpipe.monitor.quality import encode
from mlpipe.monitor.window import CHUNK
from mlpipe.table.columns import ROW

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd


__all__ = ["Unlabelled", "unlabelled"]


@dataclass(frozen=True)
class Unlabelled:
    """The rows of a chunk.

    Attributes
    ----------
    label : str
    rows : array of int, shape (n,)
        Their ``_row``.
    pred : array, shape (n,)
        Codes, or numbers.
    score : array, shape (n,) or (n, classes), or None
    known : array of int, shape (m,)
        The positions of those that have labels.
    truth : Outcomes
        Of these.
    """

    label: str
    rows: Array
    pred: Array
    score: Array | None
    known: Array
    truth: Outcomes

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.rows)

    def scored(self, positions: Array | None = None) -> Scored:
        """Return the scores of some rows, with positions where predictions would be."""
        import numpy as np

        assert self.score is not None  # noqa: S101  (checked before anything is estimated)
        every = Scored(np.arange(len(self.rows)), self.score)
        return every if positions is None else every.take(positions)


def unlabelled(
    task: str,
    said: pd.DataFrame,
    labels: Sequence[str],
    target: pd.Series[Any],
    classes: Sequence[Any],
) -> Iterator[Unlabelled]:
    """Yield the rows of each chunk, in the order of their position.

    Parameters
    ----------
    task : str
    said : DataFrame
        ``_row``, ``prediction``, scores and the label of the chunk; texts as categories.
    labels : sequence of str
        The chunks.
    target : Series
        What is known of the truth, by ``_row``.
    classes : sequence
        In the order of their codes.
    """
    import numpy as np

    by_row = said.set_index(ROW).sort_index()
    inside = by_row.groupby(CHUNK, observed=True).indices
    for label in labels:
        here = by_row.iloc[inside.get(label, [])]
        # What is said stands in for the truth, which scores and predictions do not look at.
        told = encode(task, here["prediction"], here, classes)
        at = target.index.get_indexer(here.index)
        known = np.flatnonzero(at >= 0)
        truth = encode(task, target.iloc[at[known]], here.iloc[known], classes)
        yield Unlabelled(label, here.index.to_numpy(), told.pred, told.score, known, truth)
