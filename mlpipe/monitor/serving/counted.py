"""What is counted of the prediction log, chunk by chunk, in the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.metrics.operational import order_ranks
from mlpipe.monitor.log.entry import FAILURES, STATUSES
from mlpipe.monitor.serving.burn import BUCKET
from mlpipe.table.session import literal

if TYPE_CHECKING:
    from mlpipe.monitor.log.read import Log
    from mlpipe.table.session import Session

__all__ = ["PERCENTS", "buckets", "chunks", "latencies"]

PERCENTS = (50, 95, 99)
_TIMED = "status IN ('ok', 'timeout')"
_FAILED = f"status IN ({', '.join(map(literal, FAILURES))})"


def _chunk(every: str) -> str:
    return "'all'" if every == "file" else f"strftime(date_trunc('{every}', time), '%Y-%m-%d')"


def chunks(log: Log, every: str, session: Session) -> list[dict[str, Any]]:
    """Return for each chunk its requests, rows, statuses, memory, processes, first and last."""
    kinds = ", ".join(f"count(*) FILTER (status = {literal(each)}) AS {each}" for each in STATUSES)
    query = f"""
    WITH started AS (
        SELECT chunk, count(*) FILTER (NOT is_first) AS restarts FROM (
            SELECT {_chunk(every)} AS chunk, process, time = min(time) OVER () AS is_first
            FROM (SELECT process, min(time) AS time FROM {log.table} GROUP BY process)
        ) GROUP BY chunk
    )
    SELECT chunk, count(*) AS requests, sum(rows) AS rows, {kinds},
        max(memory_mb) AS memory_mb, min(time) AS first, max(time) AS last,
        coalesce(any_value(restarts), 0) AS starts
    FROM (SELECT *, {_chunk(every)} AS chunk FROM {log.table}) LEFT JOIN started USING (chunk)
    GROUP BY chunk ORDER BY chunk
    """  # noqa: S608
    found = session.raw.execute(query)
    names = [each[0] for each in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def latencies(log: Log, every: str, session: Session) -> dict[str, dict[int, list[float | None]]]:
    """Return chunk -> percent -> point, low, high: order statistics, read off one sort."""
    timed = f"SELECT {_chunk(every)} AS chunk, latency_ms FROM {log.table} WHERE {_TIMED}"  # noqa: S608
    counts = session.raw.execute(
        f"SELECT chunk, count(*) FROM ({timed}) GROUP BY chunk ORDER BY chunk"  # noqa: S608
    ).fetchall()
    ranks = {
        (chunk, percent): order_ranks(n, percent / 100)
        for chunk, n in counts
        for percent in PERCENTS
    }
    wanted = sorted({(chunk, rank) for (chunk, _), of in ranks.items() for rank in of if rank})
    if not wanted:
        return {}
    listed = ", ".join(f"({literal(chunk)}, {rank})" for chunk, rank in wanted)
    found = session.raw.execute(
        "SELECT chunk, place, latency_ms FROM (SELECT chunk, latency_ms, "  # noqa: S608
        f"row_number() OVER (PARTITION BY chunk ORDER BY latency_ms) AS place FROM ({timed})) "
        f"WHERE (chunk, place) IN (VALUES {listed})"
    ).fetchall()
    at = {(chunk, place): value for chunk, place, value in found}
    told: dict[str, dict[int, list[float | None]]] = {}
    for (chunk, percent), of in ranks.items():
        told.setdefault(chunk, {})[percent] = [at.get((chunk, rank)) for rank in of]
    return told


def buckets(log: Log, session: Session) -> list[tuple[int, int, int]]:
    """Return number, requests and failures of each few minutes that had a request."""
    return session.raw.execute(
        f"SELECT epoch(time)::BIGINT // {BUCKET} AS bucket, count(*), "  # noqa: S608
        f"count(*) FILTER ({_FAILED}) FROM {log.table} GROUP BY bucket ORDER BY bucket"
    ).fetchall()
