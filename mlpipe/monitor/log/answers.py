"""What was answered then, against what the model says now of the same rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mlpipe.table.columns import ROW

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

__all__ = ["compared"]

TOLERANCE = 1e-4
"""Scores that are nearer than this are the same: a server may answer in single precision."""
_SHOWN = 5


def compared(
    answered: pd.DataFrame,
    predictions: pd.DataFrame,
    task: str,
    classes: Sequence[Any],
    digest: str,
) -> tuple[dict[str, Any], list[str]]:
    """Compare logged scores with those of the model.

    Parameters
    ----------
    answered : DataFrame
        ``_row``, ``model``, ``digest``, and ``score``: JSON, a number or one for each class.
    predictions : DataFrame
        ``_row``, ``prediction``, and ``score`` or ``score_CLASS``.
    task : str
    classes : sequence
        In the order of their codes (of two, the positive one is last).
    digest : str
        Of the bundle of the model.

    Returns
    -------
    dict
        ``rows`` (with a logged score), ``differ``, ``largest`` (the largest difference, or None),
        ``others`` (rows that another model answered) and ``models`` (rows by model).
    list of str
        A note where scores differ.
    """
    import numpy as np

    both = predictions.merge(answered, on=ROW, how="inner")
    texts = both["score_y"] if "score_y" in both else both["score"]
    then = [json.loads(text) if isinstance(text, str) else None for text in texts]
    now = _now(both, task, classes)
    gaps = np.array([_gap(a, b, classes) for a, b in zip(then, now, strict=True)], float)
    known = gaps[~np.isnan(gaps)]
    differ = int((known > TOLERANCE).sum())
    others = int((both["digest"] != digest).sum())
    found = {
        "rows": len(known),
        "differ": differ,
        "largest": float(known.max()) if len(known) else None,
        "others": others,
        "models": both["model"].value_counts().sort_index().head(_SHOWN).to_dict(),
    }
    return found, _notes(found)


def _now(both: pd.DataFrame, task: str, classes: Sequence[Any]) -> list[Any]:
    """Return what the model says: a number, or one for each class."""
    if task == "regression":
        return list(both["prediction"])
    if task == "binary":
        return list(both["score_x"] if "score_x" in both else both["score"])
    names = [f"score_{name}" for name in classes]
    return [dict(zip(map(str, classes), row, strict=True)) for row in both[names].to_numpy(float)]


def _gap(then: Any, now: Any, classes: Sequence[Any]) -> float:
    """Return how far two answers are apart, as a share of the larger one; NaN: not comparable."""
    if isinstance(then, dict) and not isinstance(now, dict) and classes:
        then = then.get(str(classes[-1]))
    if isinstance(then, dict) and isinstance(now, dict):
        shared = [_gap(then[name], now[name], ()) for name in now if name in then]
        return max(shared, default=float("nan"))
    if isinstance(then, bool) or not isinstance(then, int | float) or isinstance(now, dict):
        return float("nan")
    return float(abs(then - now) / max(1.0, abs(then), abs(now)))


def _notes(found: dict[str, Any]) -> list[str]:
    if not found["differ"]:
        return []
    names = ", ".join(found["models"])
    why = f"another model answered ({names})" if found["others"] else "the same model answered"
    return [
        f"{found['differ']:,} of {found['rows']:,} logged scores differ from what the model says "
        f"now, by up to {found['largest']:.2g}: {why}"
    ]
