"""How much a model rests on each column: what shuffling it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.explain.permutation import losses, one_thread
from mlpipe.train.compare import measure

if TYPE_CHECKING:
    from collections.abc import Mapping

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

    random = np.random.default_rng(seed)
    if len(rows) > spec.rows:
        rows = np.sort(random.choice(rows, spec.rows, replace=False))
    read = {name for members in groups.values() for name in members}
    frame = data.frame.iloc[rows].reset_index(drop=True)
    frame = frame[[name for name in frame if name in read]]

    def goodness(scores: Array) -> float | None:
        value = measure(metric, data, rows, scores).value
        return None if value is None else float(metric.goodness(value))

    with one_thread():
        found = losses(model.scores, frame, groups, goodness, random, spec.repeats) or {}
    entries = [
        {"column": column, "columns": groups[column], **_spread(each)}
        for column, each in found.items()
    ]
    return sorted(entries, key=lambda entry: -float(entry["value"]))


def _spread(losses: list[float]) -> dict[str, float | None]:
    import numpy as np

    return {
        "value": float(np.mean(losses)) if losses else 0.0,
        "std": float(np.std(losses, ddof=1)) if len(losses) > 1 else None,
    }
