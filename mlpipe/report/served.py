"""What the page shows of the prediction log: latency, errors and memory over the chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.lenient import mapping_of, rows_of
from mlpipe.report.measured import measure_name, writer
from mlpipe.report.panel import Chunks, Series
from mlpipe.report.timeline import drawn
from mlpipe.report.words import number, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["served"]

_MOST = 400
_PERCENTS = ("p50_ms", "p95_ms", "p99_ms")


def served(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the log's part of the report of monitor with its figures; empty without a log.

    Returns
    -------
    dict
        The part itself; its ``chunks`` each with ``failed``, the errors by kind in words; its
        ``measures`` each with a ``title``; and ``figures`` where there are two chunks or more.
    """
    log = report.get("log")
    if not isinstance(log, dict):
        return {}
    rows = rows_of(log.get("chunks"))[-_MOST:]
    measures = [
        {**each, "title": _title(str(each.get("measure")))} for each in rows_of(log.get("measures"))
    ]
    return {
        **log,
        "chunks": [{**row, "failed": _failed(row)} for row in rows],
        "measures": measures,
        "figures": _figures(rows, measures) if len(rows) > 1 else [],
    }


def _title(measure: str) -> str:
    name, unit = measure_name(f"served.{measure}", "served")
    return f"{name}, {unit}" if unit and unit != "share" else name


def _failed(row: Mapping[str, Any]) -> str:
    """Write the requests that were not answered, kind by kind."""
    kinds = {kind: mapping_of(each) for kind, each in mapping_of(row.get("kinds")).items()}
    return ", ".join(
        f"{str(kind).replace('_', ' ')} {number(each.get('count'))} ({percent(each.get('value'))})"
        for kind, each in kinds.items()
        if kind != "ok"
    )


def _figures(
    rows: Sequence[Mapping[str, Any]], measures: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Draw every measure that the chunks have, with its limit."""
    judged = {str(each.get("measure")): each for each in measures}
    latency = [mapping_of(row.get("latency")) for row in rows]
    told = {f"latency_{name}": [mapping_of(of.get(name)) for of in latency] for name in _PERCENTS}
    told["error_rate"] = [mapping_of(row.get("errors")) for row in rows]
    told["memory_mb"] = [{"value": row.get("memory_mb")} for row in rows]
    chunks = Chunks(tuple(str(row.get("chunk")) for row in rows), (True,) * len(rows))
    return [
        found
        for name, of in told.items()
        if (found := _figure(name, of, judged.get(name, {}), chunks))
    ]


def _figure(
    measure: str, of: Sequence[Mapping[str, Any]], about: Mapping[str, Any], chunks: Chunks
) -> dict[str, Any] | None:
    statuses = about.get("statuses")
    known = statuses[-len(of) :] if isinstance(statuses, list) else []
    if len(known) != len(of):
        known = [None] * len(of)
    rows = tuple({**row, "status": status} for row, status in zip(of, known, strict=True))
    title, unit = measure_name(f"served.{measure}", "served")
    series = [Series("", "line", rows)]
    found = drawn(title, chunks, series, {}, about.get("limit"), writer(unit))
    return found and {**found, "unit": unit}
