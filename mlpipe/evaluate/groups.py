"""The fairness tables: the rates of each group, and how far apart they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.evaluate.measure import too_few
from mlpipe.evaluate.slices import slices_of, value_of
from mlpipe.metrics.fairness import DISPARITIES, group_rates
from mlpipe.table.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mlpipe.evaluate.judged import Judged
    from mlpipe.evaluate.measure import Measures
    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.estimate import Estimate

__all__ = ["fairness_report", "gaps"]

_RATES = ("selection_rate", "tpr", "fpr", "accuracy")


def fairness_report(
    judged: Judged,
    every: pd.DataFrame,
    column: str,
    names: Sequence[str],
    measures: Measures,
) -> tuple[dict[str, Any], list[str]]:
    """Return the table of one column and its fairness metrics, with warnings.

    Parameters
    ----------
    judged : Judged
        Of a binary task.
    every : DataFrame
        All rows of all parts, for groups that are empty here.
    column : str
    names : sequence of str
        Fairness metrics.
    measures : Measures
    """
    table, codes, warnings = _groups(judged, every, column)
    estimates = measures.disparities(names, judged, codes, f"{judged.part}/across {column}")
    report = {
        "across": column,
        "part": judged.part,
        "groups": table,
        "metrics": [
            {
                **value_of(name, estimates[name]),
                "greater_is_better": DISPARITIES[name].greater_is_better,
            }
            for name in names
        ],
    }
    return report, warnings


def gaps(
    judged: Judged, every: pd.DataFrame, column: str, name: str, measures: Measures
) -> Estimate:
    """Return one fairness metric across one column: the same figure as in the report."""
    _, codes, _ = _groups(judged, every, column)
    place = f"{judged.part}/across {column}"
    return measures.disparities([name], judged, codes, place)[name]


def _groups(
    judged: Judged, every: pd.DataFrame, column: str
) -> tuple[list[dict[str, Any]], Array, list[str]]:
    """Return the table, each row's group (−1 where its group is too small), and warnings."""
    import numpy as np

    found, warnings = slices_of(judged.frame, every, [column])
    told, codes, kept = judged.outcomes, np.full(len(judged), -1), 0
    table = []
    weight = np.ones(len(told)) if told.weight is None else told.weight
    for group in found:
        inside = group.mask.astype(int) - 1
        rates = group_rates(told.y, told.pred, inside, 1, weight)
        rows, positives = int(group.mask.sum()), int((told.y[group.mask] == 1).sum())
        why = too_few(rows, positives)
        table.append(
            {
                "group": group.value[column],
                "rows": rows,
                "positives": positives,
                "status": "empty" if not rows else "insufficient" if why else "ok",
                "why": why,
                **{rate: plain(float(getattr(rates, rate)[0])) for rate in _RATES},
            }
        )
        if not why:
            codes[group.mask], kept = kept, kept + 1
        elif rows:
            warnings.append(f"group {group.name} is left out of the comparison: {why}")
    return table, codes, warnings
