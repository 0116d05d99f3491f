"""What a measure of the timeline is called, how its values are written, and which are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.words import number, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = ["LATE", "alone", "measure_name", "writer"]

LATE = ("quality", "business", "fairness")
"""Groups whose truth comes with the labels: until then they are estimated."""

_SHARES = ("share", "rate", "fraction", "%")
_UNITS = {"ms": "ms", "mb": "MiB", "s": "s"}
_OWN_NAMES = ("quality", "estimate", "business")
"""Groups whose names are those of the user's spec, or of a metric."""


def measure_name(name: str, group: str, unit: Any = None) -> tuple[str, str]:
    """Return the title of a measure and its unit, out of its stable name.

    >>> measure_name("served.latency_p95_ms", "served"), measure_name("quality.roc_auc", "quality")
    (('latency p95', 'ms'), ('roc_auc', ''))
    >>> measure_name("fairness.equal_opportunity_difference.gender", "fairness")
    ('equal_opportunity_difference across gender', '')
    """
    rest = name.partition(".")[2] or name
    told = unit if isinstance(unit, str) else ""
    if group == "fairness" and "." in rest:
        metric, _, column = rest.partition(".")
        return f"{metric} across {column}", told
    if group in (*_OWN_NAMES, "fairness"):
        return rest, told
    words = rest.split("_")
    if len(words) > 1 and words[-1] in _UNITS:
        found = _UNITS[words.pop()]
        told = told or found
    if rest.endswith("_rate"):
        told = told or "share"
    title = " ".join(words)
    return title, "" if told == title else told


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
    return group != "estimate" or all(f"{each}.{rest}" not in names for each in LATE)
