"""The fairness tables on the page: the rates of each group, and how far apart they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.spans import span
from mlpipe.report.words import is_number

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["fairness"]

_TITLES = {
    "selection_rate": "chosen",
    "tpr": "true positive rate",
    "fpr": "false positive rate",
    "fnr": "false negative rate",
    "precision": "precision",
    "accuracy": "accuracy",
    "roc_auc": "ROC AUC",
    "mean_score": "mean score",
    "mean_outcome": "mean outcome",
    "calibration_gap": "calibration gap",
    "ece": "ECE",
    "mean_prediction": "mean prediction",
    "mean_target": "mean target",
    "mean_error": "mean error",
    "mae": "mean absolute error",
}
"""What a rate is called above its column, in the order of the columns."""
_NUMBERS = (
    "roc_auc",
    "calibration_gap",
    "ece",
    "mean_score",
    "mean_prediction",
    "mean_target",
    "mean_error",
    "mae",
)
_PICTURED = ("selection_rate", "accuracy", "mean_error")


def fairness(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a table for each grouping; its first rate, with all groups on one scale, is drawn.

    Parameters
    ----------
    report : mapping
        ``report`` of evaluate.
    """
    found = report.get("fairness")
    return [_table(each) for each in found if isinstance(each, dict)] if found else []


def _table(each: dict[str, Any]) -> dict[str, Any]:
    groups = [group for group in each.get("groups") or [] if isinstance(group, dict)]
    known = {name for group in groups for name in group.get("rates") or {}}
    rates = [name for name in _TITLES if name in known]
    drawn = next((name for name in _PICTURED if name in rates), None)
    held = _ends(groups, drawn)
    return {
        **each,
        "drawn": _TITLES.get(drawn or ""),
        "with_positives": any(is_number(group.get("positives")) for group in groups),
        "titles": [
            {"name": name, "title": _TITLES[name], "share": name not in _NUMBERS} for name in rates
        ],
        "groups": [_group(group, drawn, held) for group in groups],
    }


def _group(group: dict[str, Any], drawn: str | None, held: list[float]) -> dict[str, Any]:
    rates = group.get("rates") or {}
    rate = rates.get(drawn or "") or {}
    line = span(rate.get("value"), rate.get("low"), rate.get("high"), [], held)
    return {**group, "rates": rates, "span": line}


def _ends(groups: list[dict[str, Any]], drawn: str | None) -> list[float]:
    rates = [(group.get("rates") or {}).get(drawn or "") or {} for group in groups]
    ends = [rate.get(end) for rate in rates for end in ("value", "low", "high")]
    return [end for end in ends if is_number(end)]
