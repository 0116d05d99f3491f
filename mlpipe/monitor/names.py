"""The name of each measure: unique, and the same from night to night.

History keeps measures by these names, alerts and silences use them, the page titles them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CHECKS",
    "FAILED_CHECKS",
    "LABELS",
    "LOSS",
    "ROWS",
    "TOGETHER",
    "check_measure",
    "column_measure",
    "naive_measure",
    "quality_measure",
    "quantity_measure",
    "served_measure",
]

LOSS = "decay.loss"
"""The mean loss of the rows of a chunk."""

TOGETHER = "multivariate.area"
"""How well a classifier tells current rows from those of training."""

ROWS, FAILED_CHECKS = "data.rows", "data.failed_checks"
"""Rows of a chunk, and how many checks of a window did not pass."""

CHECKS, LABELS = "data.checks", "data.labels"
"""All checks where none failed, and the labels where they are doubtful."""


def check_measure(check: Mapping[str, Any]) -> str:
    """Name a check of the current rows.

    >>> check_measure({"source": None, "column": "plan", "check": "in"})
    'data.plan.in'
    """
    parts = ("data", check.get("source"), check["column"], check["check"])
    return ".".join(str(part) for part in parts if part)


def quality_measure(part: Mapping[str, Any]) -> str:
    """Name the realised metric.

    >>> quality_measure({"metric": "f1"})
    'quality.f1'
    """
    return f"quality.{part['metric']}"


def naive_measure(part: Mapping[str, Any]) -> str:
    """Name the same metric of the naive model."""
    return f"naive.{part['metric']}"


def column_measure(row: Mapping[str, Any]) -> str:
    """Name the drift of a column, or of the predictions.

    >>> column_measure({"role": "feature", "column": "age"})
    'drift.age'
    >>> column_measure({"role": "prediction", "column": "score"})
    'drift.prediction.score'
    """
    column = str(row["column"])
    if row["role"] == "prediction":
        return "drift.prediction" if column == "prediction" else f"drift.prediction.{column}"
    of_model = column == "prediction" or column.startswith(("prediction.", "feature."))
    return f"drift.feature.{column}" if of_model else f"drift.{column}"


def quantity_measure(quantity: Mapping[str, Any]) -> str:
    """Name what is estimated of a metric, a decision or a gap.

    >>> quantity_measure({"key": "estimate.f1"})
    'estimate.f1'
    >>> quantity_measure({"key": "fairness.selection_rate_ratio.sex"})
    'estimate.fairness.selection_rate_ratio.sex'
    """
    key = str(quantity["key"])
    return key if key.startswith("estimate.") else f"estimate.{key}"


def served_measure(row: Mapping[str, Any]) -> str:
    """Name what the prediction log says."""
    return f"served.{row['measure']}"
