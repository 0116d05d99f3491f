"""How much a model rests on each column: what shuffling it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.train.compare import measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from mlpipe.bundle.model import Model
    from mlpipe.features.plan import Plan
    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.scores import Metric
    from mlpipe.train.asked import Permutations
    from mlpipe.train.fit import Data

__all__ = ["by_raw_column", "importance"]


def by_raw_column(plan: Plan, names: list[str]) -> dict[str, list[str]]:
    """Return the columns that come of each raw column: itself, and what looks back at it."""
    looks_at = {each["name"]: each["column"] for each in plan["look_back"]}
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(looks_at.get(name, name), []).append(name)
    return found


def importance(
    model: Model,
    data: Data,
    rows: Array,
    metric: Metric,
    seed: int,
    *,
    spec: Permutations,
    groups: Mapping[str, list[str]],
) -> list[dict[str, Any]]:
    """Return the permutation importance of each raw column, the most important first.

    Parameters
    ----------
    model : Model
        Fitted; best on other rows than these.
    data : Data
        Its frame has the columns that the model reads, and maybe others.
    rows : array of int
        Positions; at most ``spec.rows`` of them are taken, at random.
    metric : Metric
        What is measured before and after.
    seed : int
    spec : Permutations
        How many rows, and how often each column is shuffled.
    groups : mapping of str to list of str
        From `by_raw_column`, of all columns that the model reads. Those of a group are shuffled
        together, in one order: what looks back at a column would tell what the column itself no
        longer does.

    Returns
    -------
    list of {"column", "value", "std", "columns"}
        By how much the metric gets worse when the columns are shuffled (Breiman 2001): the mean
        over the repeats, and their standard deviation, None of one. Below 0 for a column that
        only disturbs. Empty where the metric is undefined on the rows.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    random = np.random.default_rng(seed)
    if len(rows) > spec.rows:
        rows = np.sort(random.choice(rows, spec.rows, replace=False))
    read = {name for members in groups.values() for name in members}
    frame = data.frame.iloc[rows].reset_index(drop=True)
    frame = frame[[name for name in frame if name in read]]
    found = []
    # So few rows are scored sooner by one thread than by several that wait for each other.
    with threadpool_limits(limits=1):
        before = measure(metric, data, rows, model.scores(frame)).value
        for column, members in groups.items() if before is not None else ():
            orders = [random.permutation(len(frame)) for _ in range(spec.repeats)]
            # One call for several shuffles: most of a small prediction is spent before the model.
            scores = [
                each
                for some in _batches(orders, len(frame))
                for each in np.split(
                    model.scores(_shuffled(frame, members, np.concatenate(some))), len(some)
                )
            ]
            after = [measure(metric, data, rows, each).value for each in scores]
            losses = [metric.goodness(before) - metric.goodness(v) for v in after if v is not None]
            found.append({"column": column, "columns": members, **_spread(losses)})
    return sorted(found, key=lambda entry: -float(entry["value"]))


_MOST_ROWS = 20_000


def _batches(orders: list[Array], rows: int) -> list[list[Array]]:
    size = max(1, _MOST_ROWS // max(1, rows))
    return [orders[at : at + size] for at in range(0, len(orders), size)]


def _spread(losses: list[Any]) -> dict[str, float | None]:
    import numpy as np

    return {
        "value": float(np.mean(losses)) if losses else 0.0,
        "std": float(np.std(losses, ddof=1)) if len(losses) > 1 else None,
    }


def _shuffled(frame: pd.DataFrame, columns: list[str], order: Array) -> pd.DataFrame:
    """Return the frame as often as the order goes over it, with some columns in that order."""
    import pandas as pd

    stacked = pd.concat([frame] * (len(order) // len(frame)), ignore_index=True)
    for column in columns:
        stacked[column] = frame[column].take(order).reset_index(drop=True)
    return stacked
