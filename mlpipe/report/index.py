"""The index of all runs: one HTML file beside them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from mlpipe.report.bounded import within
from mlpipe.report.glance import counted
from mlpipe.report.page import environment
from mlpipe.report.panel import tone_of
from mlpipe.report.spans import span
from mlpipe.report.words import is_number, number, tone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["index"]

_DRAWN = 60
"""The most recent runs that a trend shows."""

_OPEN = 15
"""The most recent runs of the table; older ones fold."""

_WIDTH, _HEIGHT, _EDGE = 320.0, 84.0, 8.0


def index(document: Mapping[str, Any]) -> str:
    """Write the index.

    Parameters
    ----------
    document : mapping
        Plain JSON: ``title``, and ``pipelines`` as `mlpipe.run.index.index` tells them, each run
        with the ``href`` of its page where it has one.

    Returns
    -------
    str
        HTML that needs nothing but itself; its links lead to the pages of the runs.
    """
    pipelines = [_pipeline(each) for each in document["pipelines"]]
    shown = {
        "title": document["title"],
        "pipelines": pipelines,
        "count": sum(len(each["runs"]) for each in document["pipelines"]),
    }
    return within(environment().get_template("index.html.j2").render, shown)


def _pipeline(pipeline: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pipeline with its trends, and its runs from the newest to the oldest."""
    runs: list[dict[str, Any]] = pipeline["runs"]
    names = _names(runs)
    rows = [_row(run, before) for run, before in zip(runs, [{}, *runs], strict=False)]
    main = names[0] if names else ""
    placed = _placed([_metric(run, main) for run in rows])
    newest = [
        {**run, "metric": _metric(run, main), "span": each}
        for run, each in zip(rows, placed, strict=True)
    ][::-1]
    return {
        "name": pipeline["name"],
        "metric": main,
        "latest": newest[0],
        "recent": newest[:_OPEN],
        "older": newest[_OPEN:],
        "nights": _nights(rows[-_DRAWN:]),
        "trends": [trend for name in names if (trend := _trend(name, rows[-_DRAWN:]))],
    }


def _names(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the metrics of the newest run that has any."""
    found = [run["metrics"] for run in runs if run.get("metrics")]
    return [row["name"] for row in found[-1]] if found else []


def _row(run: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Add how the run came out, and whether its data are other ones than those before."""
    other = bool(before) and run.get("data") != before.get("data")
    watched = run.get("monitor") or ""
    return {
        **run,
        "outcome": run.get("verdict") or watched or run["status"],
        "watched": watched if run.get("verdict") else "",  # else it is the outcome already
        "moved": counted(run),
        "new_data": other,
    }


def _metric(run: Mapping[str, Any], name: str) -> dict[str, Any]:
    return next((row for row in run.get("metrics", ()) if row["name"] == name), {})


def _placed(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any] | None]:
    """Place the intervals of several runs on one scale."""
    ends = [row.get(end) for row in rows for end in ("value", "low", "high")]
    held = [float(end) for end in ends if is_number(end)]
    return [span(row.get("value"), row.get("low"), row.get("high"), (), held) for row in rows]


def _nights(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Place a mark for each run that monitored, the newest to the right; one alone is no row."""
    told = [run for run in runs if run.get("monitor")]
    if len(told) < 2:
        return []
    step = (_WIDTH - 2 * _EDGE) / (len(told) - 1)
    return [
        {
            "x": round(_EDGE + at * step, 1),
            "shape": tone_of(run["monitor"]),
            "href": run.get("href", ""),
            "status": run["monitor"],
            "words": ": ".join([run["run"], ", ".join([run["monitor"], *run["moved"]])]),
        }
        for at, run in enumerate(told)
    ]


def _trend(name: str, runs: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Place the intervals of a metric beside each other, the newest to the right."""
    told = [(run, row) for run in runs if is_number((row := _metric(run, name)).get("value"))]
    if len(told) < 2:
        return None
    spans = _placed([row for _, row in told])
    step = (_WIDTH - 2 * _EDGE) / (len(told) - 1)
    points = [
        _point(run, row, placed, _EDGE + at * step)
        for at, ((run, row), placed) in enumerate(zip(told, spans, strict=True))
        if placed
    ]
    pairs = pairwise(points)
    breaks = [now["x"] - step / 2 for before, now in pairs if before["rows"] != now["rows"]]
    return {"name": name, "points": points, "breaks": breaks, "last": told[-1][1]}


def _point(
    run: Mapping[str, Any], row: Mapping[str, Any], placed: Mapping[str, Any], x: float
) -> dict[str, Any]:
    def y(percent: float) -> float:
        return round(_HEIGHT * (1 - percent / 100), 1)

    ends = f", {number(row['low'])} to {number(row['high'])}" if is_number(row.get("low")) else ""
    return {
        "x": round(x, 1),
        "y": y(placed["value"]),
        "low": y(placed["low"]),
        "high": y(placed["low"] + placed["width"]),
        "tone": tone(run["outcome"]),
        "rows": run.get("rows"),
        "href": run.get("href", ""),
        "words": f"{run['run']}: {number(row['value'])}{ends}",
    }
