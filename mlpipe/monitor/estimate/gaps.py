"""How far groups are apart: fairness metrics as quantities of a chunk, with labels or without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.metrics.estimated import Estimate
from mlpipe.metrics.fairness import DISPARITIES, Disparity, group_rates
from mlpipe.metrics.fairness.estimates import disparities
from mlpipe.monitor.estimate.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    import pandas as pd

    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.outcomes import Outcomes

__all__ = ["LEAST_GROUP", "gaps", "large_groups"]

LEAST_GROUP = 100
"""Fewest rows of a group that is compared."""


def large_groups(groups: pd.Series[Any], least: int = LEAST_GROUP) -> list[str]:
    """Return the groups that have enough rows, as text; nulls are in none."""
    counts = groups.dropna().astype(str).value_counts()
    return sorted(counts.index[counts >= least])


def gaps(
    names: Sequence[str],
    column: str,
    groups: pd.Series[Any],
    pred: Array,
    task: str,
    reference: Mapping[str, Any],
    least: int = LEAST_GROUP,
    *,
    margins: Mapping[str, float],
) -> Iterator[Quantity]:
    """Yield how far the groups of a column are apart by each fairness metric of the task.

    The groups are those that were compared at training: a gap between others is another gap.
    Where one of them has too few rows, nothing is said. Without a reference they are those that
    have enough rows.

    Parameters
    ----------
    names : sequence of str
        In `DISPARITIES`.
    column : str
    groups : Series, n rows
        The values of the column.
    pred : array, shape (n,)
    task : str
    reference : mapping
        name -> ``value``, ``low``, ``high`` and ``groups`` at training.
    least : int
        Fewest rows of a group.
    margins : mapping
        metric -> how much worse is still fine.
    """
    words = groups.where(groups.isna(), groups.astype(str))
    for metric in names:
        each, name = DISPARITIES[metric], f"{metric} across {column}"
        if task not in each.tasks:
            continue
        was = reference.get(name)
        kept = list(was["groups"]) if was else large_groups(groups, least)
        codes = _codes(words, kept)
        yield Quantity(
            f"fairness.{metric}.{column}",
            name,
            "fairness",
            each.greater_is_better,
            _formula(each, pred, codes, len(kept)),
            _realised(each, codes, kept, least),
            0.0,
            1.0 if task != "regression" or each.ratio else float("inf"),
            reference=was,
            margin=margins.get(metric, 0.0),
            estimable=task != "regression",
            needs_score=each.needs_score,
            of={"groups": kept},
            why=_too_small(codes, kept, least, "rows"),
        )


def _codes(words: pd.Series[Any], kept: Sequence[str]) -> Array:
    import numpy as np

    place = {value: code for code, value in enumerate(kept)}
    return words.map(place).fillna(-1).to_numpy(np.int64)


def _too_small(codes: Array, kept: Sequence[str], least: int, what: str) -> str:
    """Say which group is too small to be compared; empty where none is."""
    if len(kept) < 2:
        return f"fewer than two groups have {least:,} rows"
    sizes = {name: int((codes == code).sum()) for code, name in enumerate(kept)}
    few = [f"{name} has {size:,} {what}" for name, size in sizes.items() if size < least]
    return f"{'; '.join(few)}, fewer than {least:,}" if few else ""


def _formula(each: Disparity, pred: Array, codes: Array, count: int) -> Callable[..., Array]:
    def formula(y: Array, rows: Array, score: Array | None, weight: Array) -> Array:
        rates = group_rates(
            each.rates, y, pred[rows], score, codes=codes[rows], count=count, weight=weight
        )
        return each.value(rates)

    return formula


def _realised(
    each: Disparity, codes: Array, kept: Sequence[str], least: int
) -> Callable[[Outcomes, Array, int], Estimate]:
    def realise(truth: Outcomes, rows: Array, seed: int) -> Estimate:
        why = _too_small(codes[rows], kept, least, "labelled rows")
        if why:
            return Estimate(None, why=why)
        return disparities([each.name], truth, codes[rows], seed=seed)[each.name]

    return realise
