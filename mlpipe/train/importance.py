"""How much a model rests on each column: what shuffling it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.train.compare import measure

if TYPE_CHECKING:
    import pandas as pd

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
        (Breiman 2001); below 0 for a column that only disturbs. Empty where the metric is
        undefined on the rows.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    random = np.random.default_rng(seed)
    if len(rows) > ROWS:
        rows = np.sort(random.choice(rows, ROWS, replace=False))
    frame = data.frame.iloc[rows].reset_index(drop=True)
    found = []
    # So few rows are scored sooner by one thread than by several that wait for each other.
    with threadpool_limits(limits=1):
        before = measure(metric, data, rows, model.scores(frame)).value
        for column in frame.columns if before is not None else ():
            order = np.concatenate([random.permutation(len(frame)) for _ in range(REPEATS)])
            # One call for all shuffles: most of a small prediction is spent before the model.
            scores = model.scores(_shuffled(frame, column, order))
            after = [measure(metric, data, rows, each).value for each in np.split(scores, REPEATS)]
            losses = [metric.goodness(before) - metric.goodness(v) for v in after if v is not None]
            value = float(np.mean(losses)) if losses else 0.0
            found.append({"column": str(column), "value": value})
    return sorted(found, key=lambda entry: -float(entry["value"]))


def _shuffled(frame: pd.DataFrame, column: str, order: Array) -> pd.DataFrame:
    """Return the frame as often as the order goes over it, with one column in that order."""
    import pandas as pd

    stacked = pd.concat([frame] * (len(order) // len(frame)), ignore_index=True)
    stacked[column] = frame[column].take(order).reset_index(drop=True)
    return stacked
