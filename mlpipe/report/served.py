"""What the page shows of the prediction log: latency and errors over the chunks, with bands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.figures import ACCENT, MUTED, SECOND, svg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

__all__ = ["served"]

_MOST = 400
_LABELS = 6


def served(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the log's part of the report of monitor with its figures; empty without a log."""
    log = report.get("log")
    if not isinstance(log, dict):
        return {}
    rows = [row for row in log.get("chunks") or [] if isinstance(row, dict)][-_MOST:]
    latency = svg("served_latency", "Latency, ms", _latency, rows, None, (6.4, 2.6))
    errors = svg("served_errors", "Error rate", _errors, rows, None, (6.4, 2.6))
    figures = [("Latency of each chunk, ms", latency), ("Error rate of each chunk", errors)]
    drawn = [{"caption": caption, "svg": each} for caption, each in figures if each]
    return {**log, "chunks": rows, "figures": drawn if len(rows) > 1 else []}


def _latency(axes: Axes, rows: Sequence[Mapping[str, Any]], _: float | None) -> None:
    for name, colour in (("p99_ms", SECOND), ("p95_ms", ACCENT), ("p50_ms", MUTED)):
        _band(axes, [row["latency"].get(name) or {} for row in rows], colour, name[:-3])
    _named(axes, rows)
    axes.legend(frameon=False)


def _errors(axes: Axes, rows: Sequence[Mapping[str, Any]], _: float | None) -> None:
    _band(axes, [row["errors"] for row in rows], ACCENT, "errors")
    _named(axes, rows)


def _band(axes: Axes, of: Sequence[Mapping[str, Any]], colour: str, label: str) -> None:
    value, low, high = (
        [float("nan") if (x := each.get(key)) is None else x for each in of]
        for key in ("value", "low", "high")
    )
    at = range(len(of))
    axes.fill_between(at, low, high, color=colour, alpha=0.2, linewidth=0)
    axes.plot(at, value, color=colour, marker="o", markersize=3, label=label)


def _named(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    step = max(1, -(-len(rows) // _LABELS))
    at = list(range(0, len(rows), step))
    axes.set_xticks(at, [str(rows[place]["chunk"]) for place in at])
    axes.set_ylim(bottom=0)
