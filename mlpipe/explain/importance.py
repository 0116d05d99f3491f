"""The importance of each raw column on held-out rows, and of columns that say nearly the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.explain.correlated import correlated
from mlpipe.explain.permutation import losses
from mlpipe.metrics.scores import for_task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.random import Generator

    from mlpipe.explain.explained import Explained
    from mlpipe.explain.held import Held
    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.metric import Metric

__all__ = ["importance"]


def importance(
    model: Explained,
    held: Held,
    at: Array,
    together: Mapping[str, Sequence[str]],
    *,
    metric: str,
    repeats: int,
    random: Generator,
) -> dict[str, Any]:
    """Return by how much a metric gets worse when columns are shuffled.

    Parameters
    ----------
    model : Explained
    held : Held
    at : array of int
        The places of the rows that are shuffled.
    together : mapping of str to sequence of str
        From `mlpipe.explain.explained.groups`.
    metric : str
        Where it is undefined on the rows, the log loss or the mean absolute error takes its place.
    repeats : int
    random : Generator

    Returns
    -------
    dict
        ``metric``; ``importance``, the most important first: ``column``, ``columns`` that were
        shuffled with it, ``value``, and the 95 % interval of the mean of the repeats; and
        ``correlated``: the same of columns that are tied to one another, shuffled together.
    """
    frame = held.frame.iloc[at].reset_index(drop=True)
    tied = _tied(held, at, together)
    pools = {f"{number}": _members(names, together) for number, names in enumerate(tied)}
    for name in dict.fromkeys([metric, "mae" if held.task == "regression" else "log_loss"]):
        good = _goodness(held, for_task(name, held.task), at)
        found = losses(model.scores, frame, together, good, random, repeats)
        if found is None:
            continue
        pooled = losses(model.scores, frame, pools, good, random, repeats) if pools else {}
        entries: list[dict[str, Any]] = [
            {"column": one, "columns": list(together[one]), **_mean(each)}
            for one, each in found.items()
        ]
        return {
            "metric": name,
            "importance": sorted(entries, key=lambda entry: -float(entry["value"])),
            "correlated": [
                {"columns": names, **_mean(each)}
                for names, each in zip(tied, (pooled or {}).values(), strict=True)
            ],
        }
    return {"metric": None, "importance": [], "correlated": []}


def _goodness(held: Held, metric: Metric, at: Array) -> Callable[[Array], float | None]:
    return lambda scores: held.goodness(metric, at, scores)


def _tied(held: Held, at: Array, together: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return the groups that are correlated, each by the column that it is named after."""
    compared = {name: name if name in held.frame else own[0] for name, own in together.items()}
    frame = held.frame.iloc[at][list(compared.values())].set_axis(list(compared), axis=1)
    kinds = {name: held.kinds.get(column, "") for name, column in compared.items()}
    return correlated(frame.reset_index(drop=True), kinds)


def _members(names: Sequence[str], together: Mapping[str, Sequence[str]]) -> list[str]:
    return [each for name in names for each in together[name]]


def _mean(found: Sequence[float]) -> dict[str, float | None]:
    """Return the mean of the repeats with its 95 % interval by Student's t."""
    import numpy as np
    from scipy.stats import t

    mean = float(np.mean(found)) if len(found) else 0.0
    if len(found) < 2:
        return {"value": mean, "low": None, "high": None}
    reach = float(t.ppf(0.975, len(found) - 1) * np.std(found, ddof=1) / np.sqrt(len(found)))
    return {"value": mean, "low": mean - reach, "high": mean + reach}
