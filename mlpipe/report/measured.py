"""What a measure of the timeline is called, how its values are written, and which are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.words import number, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = ["LATE", "alone", "drift_name", "estimate_of", "measure_name", "writer"]

LATE = ("quality", "business", "fairness")
"""Groups whose truth comes with the labels: until then they are estimated."""

_SHARES = ("share", "rate", "fraction", "%")
_UNITS = {"ms": "ms", "mb": "MiB", "s": "s"}
_OWN_NAMES = ("quality", "naive", "estimate", "business")
"""Groups whose names are those of the user's spec, or of a metric."""


def measure_name(name: str, group: str, unit: Any = None) -> tuple[str, str]:
    """Return the title of a measure and its unit, out of its stable name.

    >>> measure_name("served.latency_p95_ms", "served"), measure_name("quality.roc_auc", "quality")
    (('latency p95', 'ms'), ('roc_auc', ''))
    >>> measure_name("estimate.fairness.selection_rate_ratio.sex", "estimate")
    ('selection_rate_ratio across sex', '')
    >>> measure_name("decay.loss", "quality")
    ('loss of the rows', '')
    """
    kind, _, rest = name.partition(".")
    if kind == "estimate" and rest.startswith(_KINDS):
        kind, _, rest = rest.partition(".")
    told = unit if isinstance(unit, str) else ""
    if kind == "decay":
        return f"{rest} of the rows", told
    if kind == "fairness" and "." in rest:
        return rest.replace(".", " across ", 1), told
    if group in (*_OWN_NAMES, "fairness"):
        return rest or name, told
    words = (rest or name).split("_")
    if len(words) > 1 and words[-1] in _UNITS:
        told = _UNITS[words.pop()]
    if name.endswith("_rate"):
        told = told or "share"
    title = " ".join(words)
    return title, "" if told == title else told


_KINDS = ("business.", "fairness.")


def estimate_of(name: str) -> str:
    """Return the name of what estimates a measure until its labels come.

    >>> estimate_of("quality.f1"), estimate_of("business.profit")
    ('estimate.f1', 'estimate.business.profit')
    """
    return f"estimate.{name.removeprefix('quality.')}"


def drift_name(role: Any, column: str) -> str:
    """Return the name of a column's drift, as history keeps it.

    >>> drift_name("feature", "age"), drift_name("prediction", "score")
    ('drift.age', 'drift.prediction.score')
    """
    if role == "prediction":
        return "drift.prediction" if column == "prediction" else f"drift.prediction.{column}"
    taken = column == "prediction" or column.startswith(("prediction.", "feature."))
    return f"drift.feature.{column}" if taken else f"drift.{column}"


def writer(unit: str) -> Callable[[Any], str]:
    """Return what writes values of a unit: shares in percent, all else as numbers."""
    return percent if unit in _SHARES else number


def alone(name: str, names: Collection[str]) -> bool:
    """Whether a measure has a figure of its own, and is not drawn beside another.

    >>> alone("estimate.f1", ["quality.f1"]), alone("estimate.f1", ["estimate.f1"])
    (False, True)
    """
    group, _, rest = name.partition(".")
    if group == "naive":
        return f"quality.{rest}" not in names
    return group != "estimate" or not {rest, f"quality.{rest}"} & set(names)
