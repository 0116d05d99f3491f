"""The table of the best trials of a search: their means, and how far the folds lie apart."""

from __future__ import annotations

from typing import Any

from mlpipe.report.spans import span
from mlpipe.report.words import is_number

__all__ = ["trials"]


def trials(search: dict[str, Any]) -> dict[str, Any]:
    """Return what the page says of a search, each of the best trials with its span.

    Parameters
    ----------
    search : dict
        ``search`` of the answer of a run: ``method``, ``trials``, ``top``, ``spread``, ``note``.
    """
    top = search.get("top")
    rows = [row for row in (top if isinstance(top, list) else []) if isinstance(row, dict)]
    every = [
        float(value)
        for row in rows
        for value in (row.get("mean"), row.get("low"), row.get("high"))
        if is_number(value)
    ]
    shown = [
        {
            **row,
            "best": row.get("trial") == search.get("best"),
            "span": span(row.get("mean"), row.get("low"), row.get("high"), (), every),
        }
        for row in rows
    ]
    return {**search, "top": shown}
