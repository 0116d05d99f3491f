"""The table of the classes: how well each of them is told from the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.metrics.confusion import confusion, parts
from mlpipe.metrics.intervals import wilson
from mlpipe.table.plain import plain

if TYPE_CHECKING:
    from mlpipe.evaluate.judged import Classes, Judged

__all__ = ["per_class"]

_MOST = 50
"""Classes that are shown: those with the most rows."""


def per_class(judged: Judged, classes: Classes) -> list[dict[str, Any]]:
    """Return what the report says of each class, against all others together.

    Parameters
    ----------
    judged : Judged
    classes : Classes

    Returns
    -------
    list of dict
        ``class``, ``support`` (how many rows are of it), ``predicted`` (how many are said to be),
        ``precision``, ``recall``, each with ``value``, ``low``, ``high`` and ``why``, and ``f1``.
        Counts are of rows; where rows have weights, the figures are weighted and have no
        interval, as where rows are not independent. In the order of the classes; of more than 50,
        those with the most rows.
    """
    import numpy as np

    told, count = judged.outcomes, len(classes.names)
    weight = np.ones(len(told)) if told.weight is None else told.weight
    codes = int(max(told.y.max(initial=0), told.pred.max(initial=0), count - 1)) + 1
    weighted, counted = (
        np.stack(parts(confusion(told.y, told.pred, each, codes)))
        for each in (weight, np.ones(len(told)))
    )
    most = np.argsort(-counted[1, :count], kind="stable")[:_MOST]
    return [
        {
            "class": plain(classes.names[code]),
            "support": int(counted[1, code]),
            "predicted": int(counted[2, code]),
            **_figures(weighted[:, code].tolist(), independent=told.independent),
        }
        for code in sorted(most.tolist())
    ]


def _figures(counts: list[float], *, independent: bool) -> dict[str, Any]:
    """Return precision, recall and F1 from what is right, true and predicted."""
    right, true, said = counts
    both = true + said
    return {
        "precision": _share(right, said, "no row was predicted so", independent),
        "recall": _share(right, true, "no row is of the class", independent),
        "f1": 2 * right / both if both else None,
    }


def _share(part: float, whole: float, why: str, independent: bool) -> dict[str, Any]:
    if not whole:
        return {"value": None, "low": None, "high": None, "why": why}
    low, high = wilson(int(part), int(whole)) if independent else (None, None)
    return {"value": part / whole, "low": low, "high": high, "why": ""}
