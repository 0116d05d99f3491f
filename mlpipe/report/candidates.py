"""The table of candidate models: their scores on the folds, and which was chosen."""

from __future__ import annotations

from typing import Any

from mlpipe.report.spans import span
from mlpipe.report.words import is_number

__all__ = ["candidates"]


def candidates(compared: dict[str, Any], report: dict[str, Any]) -> dict[str, Any]:
    """Return what the page says of training, the chosen model and the naive one marked.

    Parameters
    ----------
    compared : dict
        ``metric``, ``models`` (name, type, mean, std, folds), ``baseline``, ``chosen``, ``why``.
    report : dict
        What train did; fills in what ``compared`` does not say.
    """
    both = {**report, **compared}
    chosen, baseline = both.get("chosen"), both.get("baseline")
    named = both.get("models")
    rows = [
        {**row, "chosen": row.get("name") == chosen}
        for row in (named if isinstance(named, list) else [])
        if isinstance(row, dict)
    ]
    if rows and isinstance(baseline, dict):
        rows.append({**baseline, "name": "naive", "type": baseline.get("kind"), "naive": True})
    scores = [_scores(row) for row in rows]
    every = [score for each in scores for score in each]
    models = [
        {
            **row,
            "scores": each,
            "span": span(
                row.get("mean"), min(each, default=None), max(each, default=None), (), every
            ),
        }
        for row, each in zip(rows, scores, strict=True)
    ]
    return {**both, "models": models}


def _scores(row: dict[str, Any]) -> list[float]:
    folds = row.get("folds")
    values = [fold.get("value") for fold in folds if isinstance(fold, dict)] if folds else []
    return [float(value) for value in values if is_number(value)]
