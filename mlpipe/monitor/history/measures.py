"""Every measure of a window by name, out of the parts of its report: the one list of them.

What is listed here is remembered, decided together with earlier nights, and drawn as a timeline.
A new part of the report adds a function here, and its line in `measures`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.effects import EFFECTS
from mlpipe.monitor.names import (
    FAILED_CHECKS,
    LOSS,
    ROWS,
    column_measure,
    naive_measure,
    quality_measure,
    quantity_measure,
    served_measure,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Measure", "measures"]

Point = dict[str, Any]
"""``value``, ``low``, ``high``, ``status``, ``n`` of a chunk."""


@dataclass(frozen=True)
class Measure:
    """One measure over the chunks of a window.

    Attributes
    ----------
    name : str
        Unique and stable across nights, as ``drift.age`` or ``quality.roc_auc``.
    group : str
        One of `GROUPS`.
    points : mapping of str to dict
        By the label of the chunk.
    unit : str
    reference : mapping or None
        ``value``, ``low`` and ``high`` at training.
    limit : float or None
        Beyond it is an alert.
    greater_is_better : bool or None
    """

    name: str
    group: str
    points: Mapping[str, Point]
    unit: str = ""
    reference: Mapping[str, Any] | None = None
    limit: float | None = None
    greater_is_better: bool | None = None

    @property
    def about(self) -> dict[str, Any]:
        """What a timeline says of it, whatever the chunk."""
        was = self.reference
        return {
            "group": self.group,
            "unit": self.unit,
            "reference": was and {end: was.get(end) for end in ("value", "low", "high")},
            "limit": self.limit,
            "greater_is_better": self.greater_is_better,
        }


def measures(report: Mapping[str, Any]) -> list[Measure]:
    """Return the measures of everything that a window was asked."""
    return [
        *_drift(report),
        *_quality(report),
        *_estimates(report),
        *_effects(report),
        *_loss(report),
        *_served(report),
        *_failed_checks(report),
        _rows(report),
    ]


def _point(of: Mapping[str, Any] | None, status: str, n: int) -> Point:
    ends = {end: (of or {}).get(end) for end in ("value", "low", "high")}
    return {**ends, "status": status, "n": n}


def _drift(report: Mapping[str, Any]) -> Iterator[Measure]:
    chunks = report["chunks"]
    for row in report["drift"]:
        values = zip(chunks, row["effects"], row["statuses"], strict=True)
        points = {
            chunk["chunk"]: _point({"value": effect}, status, chunk["rows"])
            for chunk, effect, status in values
        }
        group = "prediction" if row["role"] == "prediction" else "drift"
        limit = report["limits"]["drift"]
        yield Measure(column_measure(row), group, points, "w", None, limit, greater_is_better=False)


def _quality(report: Mapping[str, Any]) -> Iterator[Measure]:
    part = report["quality"]
    if part["metric"] is None:
        return
    better = part["greater_is_better"]
    points = {row["chunk"]: _point(row, row["status"], row["labelled"]) for row in part["chunks"]}
    was, limit = part["reference"], _worst(part["reference"], part["margin"], better)
    yield Measure(quality_measure(part), "quality", points, "", was, limit, better)
    naive = {
        row["chunk"]: _point({"value": row["naive"]}, "insufficient", row["labelled"])
        for row in part["chunks"]
        if row.get("naive") is not None
    }
    if naive:
        yield Measure(naive_measure(part), "naive", naive, greater_is_better=better)


def _worst(was: Mapping[str, Any] | None, margin: float, better: bool | None) -> float | None:
    """Return the value from which on a figure is worse than its margin allows."""
    if not was or was.get("value") is None or better is None:
        return None
    return float(was["value"]) - margin if better else float(was["value"]) + margin


def _estimates(report: Mapping[str, Any]) -> Iterator[Measure]:
    for each in report["estimate"].get("quantities", ()):
        better, was = each["greater_is_better"], each["reference"]
        points = {
            row["chunk"]: {**_point(row, row["alone"], row["rows"]), "off": row["off"]}
            for row in each["chunks"]
        }
        name, limit = quantity_measure(each), _worst(was, each["margin"], better)
        yield Measure(name, "estimate", points, each["unit"], was, limit, better)


def _effects(report: Mapping[str, Any]) -> Iterator[Measure]:
    """Yield what decisions were worth and how far groups were apart, where labels are."""
    for kind in EFFECTS:
        for each in report[kind]["measures"]:
            better, was = each["greater_is_better"], each["reference"]
            points = {
                row["chunk"]: _point(row, row["status"], row["labelled"])
                for row in each["chunks"]
                if row["labelled"]
            }
            limit = _worst(was, each["margin"], better)
            if points:
                yield Measure(each["key"], kind, points, each["unit"], was, limit, better)


def _loss(report: Mapping[str, Any]) -> Iterator[Measure]:
    """Yield the mean loss of the rows, which decay sums over the nights."""
    part = report["decay"]
    points = {row["chunk"]: _point(row, row["status"], row["rows"]) for row in part["chunks"]}
    if points:  # without chunks there is no reference either
        was = {"value": part["was"]["mean"]}
        yield Measure(LOSS, "quality", points, "", was, None, greater_is_better=False)


def _served(report: Mapping[str, Any]) -> Iterator[Measure]:
    """Yield latency, errors and memory of the log, where its chunks are those of the window."""
    log = report.get("log")
    if not log:
        return
    whole = report["chunks"][-1]["chunk"] if report["chunks"] else ""
    for measure in log["measures"]:
        if "statuses" not in measure:
            continue
        name = measure["measure"]
        points = {
            whole if row["chunk"] == "all requests" else row["chunk"]: _point(
                _served_value(row, name), status, row["requests"]
            )
            for row, status in zip(log["chunks"], measure["statuses"], strict=True)
        }
        unit = name.rpartition("_")[2] if name != "error_rate" else ""
        yield Measure(
            served_measure(measure), "served", points, unit, None, measure["limit"],
            greater_is_better=False,
        )  # fmt: skip


def _served_value(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    if name == "error_rate":
        return row["errors"]  # type: ignore[no-any-return]
    if name == "memory_mb":
        return {"value": row["memory_mb"]}
    return row["latency"].get(name.removeprefix("latency_"), {})  # type: ignore[no-any-return]


def _failed_checks(report: Mapping[str, Any]) -> Iterator[Measure]:
    """Yield how many checks of the window failed, at its latest chunk: they are of all its rows.

    Those that only warn count too. Doubtful labels are no check, whatever the status of the part.
    """
    data, chunks = report.get("data"), report["chunks"]
    if data and data["asked"] and chunks:
        status = "alert" if data["failed"] else "warn" if data["warned"] else "ok"
        point = _point({"value": data["failed"] + data["warned"]}, status, data["asked"])
        points = {chunks[-1]["chunk"]: point}
        yield Measure(FAILED_CHECKS, "data", points, "checks", greater_is_better=False)


def _rows(report: Mapping[str, Any]) -> Measure:
    least = report["limits"]["rows"]
    points = {
        row["chunk"]: _point(
            {"value": row["rows"]}, "ok" if row["rows"] >= least else "insufficient", row["rows"]
        )
        for row in report["chunks"]
    }
    return Measure(ROWS, "data", points, "rows")
