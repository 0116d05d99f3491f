"""How much a model rests on each column: what shuffling it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.train.compare import measure

if TYPE_CHECKING:
    from mlpipe.bundle.model import Model
    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.scores import Metric
    from mlpipe.train.fit import Data

__all__ = ["importance"]

ROWS = 1000
REPEATS = 3


def importance(
    model: Model, data: Data, rows: Array, metric: Metric, seed: int
) -> list[dict[str, Any]]:
    """Return the permutation importance of each column, the most important first.

    Parameters
    ----------
    model : Model
        Fitted; best on other rows than these.
    data : Data
        Its frame has the columns that the model reads, and no others.
    rows : array of int
        Positions; at most 1,000 of them are taken, at random.
    metric : Metric
        What is measured before and after.
    seed : int

    Returns
    -------
    list of {"column", "value"}
        By how much the metric gets worse when the column is shuffled, mean of three shuffles
        (Breiman 2001); below 0 for a column that only disturbs.
    """
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(seed)
    if len(rows) > ROWS:
        rows = np.sort(random.choice(rows, ROWS, replace=False))
    frame = data.frame.iloc[rows].reset_index(drop=True)
    before = measure(metric, data, rows, model.scores(frame)).value
    if before is None:
        return []
    found = []
    for column in frame.columns:
        orders = [random.permutation(len(frame)) for _ in range(REPEATS)]
        stacked = pd.concat([frame] * REPEATS, ignore_index=True)
        # One call for all shuffles: most of a small prediction is spent before the model.
        stacked[column] = frame[column].take(np.concatenate(orders)).to_numpy()
        scores = np.split(model.scores(stacked), REPEATS)
        losses = [_loss(metric, before, measure(metric, data, rows, each).value) for each in scores]
        found.append({"column": str(column), "value": float(np.mean(losses))})
    return sorted(found, key=lambda entry: -float(entry["value"]))


def _loss(metric: Metric, before: float, after: float | None) -> float:
    return 0.0 if after is None else float(metric.goodness(before) - metric.goodness(after))
