"""Quality as measures of chunk records: what a report adds to them, and what earlier ones say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.monitor.effects import EFFECTS
from mlpipe.monitor.estimate.judge import CONTRADICTED, level
from mlpipe.monitor.losses import ChunkLoss
from mlpipe.monitor.worse import WARN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["DECAY", "earlier_losses", "measures_of", "measures_told", "trusted_after"]

DECAY = "quality.loss"
"""The measure that decay sums: the mean loss of the rows of a chunk."""


def measures_of(report: Mapping[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return what a report says of quality, for each chunk.

    Parameters
    ----------
    report : mapping
        Of monitor, with ``quality``, ``estimate``, ``business``, ``fairness`` and ``decay``.

    Returns
    -------
    dict
        chunk -> name of the measure (``quality.METRIC``, ``naive.METRIC``, ``estimate.METRIC``,
        ``business.NAME``, ``fairness.METRIC.COLUMN``, ``estimate.business.NAME``,
        ``quality.loss``) -> ``group``, ``value``, ``low``, ``high``, ``status`` and ``n``.
        Measures without a value are not there.
    """
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for chunk, name, measure in _measures(report):
        if measure["value"] is not None:
            found.setdefault(chunk, {})[name] = measure
    return found


def measures_told(report: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return of each measure what is the same in all chunks.

    Returns
    -------
    dict
        name -> ``group``, ``unit``, ``reference``, ``limit`` (the value from which on it is
        worse than the margin) and ``greater_is_better``.
    """
    found = {}
    quality, decay = report.get("quality") or {}, report.get("decay") or {}
    metric = quality.get("metric")
    if metric:
        found[f"quality.{metric}"] = _told("quality", quality)
        found[f"naive.{metric}"] = {**_told("naive", quality), "reference": None, "limit": None}
    for each in (report.get("estimate") or {}).get("quantities", []):
        found[_estimate_key(each)] = _told("estimate", each)
    for kind in EFFECTS:
        for each in (report.get(kind) or {}).get("measures", []):
            found[each["key"]] = _told(kind, each)
    if decay.get("chunks"):
        was = {"value": decay["reference"], "low": None, "high": None}
        found[DECAY] = _told("quality", {"reference": was, "greater_is_better": False})
    return found


def earlier_losses(records: Sequence[Mapping[str, Any]]) -> list[ChunkLoss]:
    """Return the mean losses that chunk records remember, in their order."""
    known = [(each["chunk"], each["measures"].get(DECAY)) for each in records]
    return [ChunkLoss(label, each["value"], each["n"]) for label, each in known if each]


def trusted_after(records: Sequence[Mapping[str, Any]], key: str) -> bool:
    """Return whether the latest truth that records remember agrees with its estimate.

    Parameters
    ----------
    records : sequence of mapping
        In the order of time.
    key : str
        Of a quantity: ``estimate.METRIC``, ``business.NAME`` or ``fairness.METRIC.COLUMN``.
    """
    of_metric = key.startswith("estimate.")
    truth = f"quality.{key.removeprefix('estimate.')}" if of_metric else key
    estimate = key if of_metric else f"estimate.{key}"
    for record in reversed(records):
        real, said = (record["measures"].get(name) for name in (truth, estimate))
        if real and said and None not in (said["low"], said["high"]):
            gap = real["value"] - said["value"]
            half = said["high"] - said["value"] if gap > 0 else said["value"] - said["low"]
            return bool(abs(gap) <= half * CONTRADICTED / WARN)
    return True


def _measures(report: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    quality = report.get("quality") or {}
    metric = quality.get("metric")
    for row in quality.get("chunks", []):
        yield row["chunk"], f"quality.{metric}", _measure("quality", row, row["labelled"])
        naive = {"value": row.get("naive"), "status": "ok"}
        yield row["chunk"], f"naive.{metric}", _measure("naive", naive, row["labelled"])
    for each in (report.get("estimate") or {}).get("quantities", []):
        for row in each["chunks"]:
            said = {**row, "status": level(row["status"])}
            yield row["chunk"], _estimate_key(each), _measure("estimate", said, row["rows"])
    for kind in EFFECTS:
        for each in (report.get(kind) or {}).get("measures", []):
            for row in each["chunks"]:
                yield row["chunk"], each["key"], _measure(kind, row, row["labelled"])
    for row in (report.get("decay") or {}).get("chunks", []):
        yield row["chunk"], DECAY, _measure("quality", row, row["rows"])


def _measure(group: str, row: Mapping[str, Any], n: int) -> dict[str, Any]:
    ends = {end: row.get(end) for end in ("value", "low", "high")}
    return {"group": group, **ends, "status": row["status"], "n": n}


def _estimate_key(quantity: Mapping[str, Any]) -> str:
    key = str(quantity["key"])
    return key if quantity["kind"] == "metric" else f"estimate.{key}"


def _told(group: str, each: Mapping[str, Any]) -> dict[str, Any]:
    was, better = each.get("reference"), each.get("greater_is_better")
    kept = {end: was.get(end) for end in ("value", "low", "high")} if was else None
    limit = None
    if kept and kept["value"] is not None and better is not None:
        limit = kept["value"] - (1 if better else -1) * each.get("margin", 0.0)
    return {
        "group": group,
        "unit": each.get("unit", ""),
        "reference": kept,
        "limit": limit,
        "greater_is_better": better,
    }
