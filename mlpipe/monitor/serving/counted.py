"""What is counted of the prediction log, chunk by chunk, in the engine."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.operational import order_ranks
from mlpipe.monitor.log.entry import FAILURES, STATUSES
from mlpipe.monitor.serving.burn import BUCKET
from mlpipe.table.session import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.monitor.log.read import Log
    from mlpipe.table.session import Session

__all__ = ["PERCENTS", "buckets", "chunks", "latencies"]

PERCENTS = (50, 95, 99)
_TIMED = "status IN ('ok', 'timeout')"
_X = "least(latency_ms, 1e30)"
_LEADING = f"{_X} * {2**45 + 1}::DOUBLE - ({_X} * {2**45 + 1}::DOUBLE - {_X})"
"""SQL of a latency rounded to its eight leading bits (Dekker 1971): a larger one is never less.
What is beyond all sense is held together, since it would overflow."""
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
    """Return chunk -> percent -> point, low, high: order statistics.

    Nothing is sorted as a whole: values are counted by their leading digits, and only those that
    begin like a wanted one are looked at again. So memory does not grow with the log, and what is
    found is exactly what a sort would find.
    """
    timed = (
        f"SELECT {_chunk(every)} AS chunk, latency_ms, {_LEADING} AS start "  # noqa: S608
        f"FROM {log.table} WHERE {_TIMED}"
    )
    counted: dict[str, list[tuple[float, int]]] = {}
    for chunk, start, upto in session.raw.execute(
        "SELECT chunk, start, sum(count(*)) OVER (PARTITION BY chunk ORDER BY start)::BIGINT "  # noqa: S608
        f"FROM ({timed}) GROUP BY chunk, start ORDER BY chunk, start"
    ).fetchall():
        counted.setdefault(chunk, []).append((start, upto))
    ranks = {
        (chunk, percent): order_ranks(upto[-1][1], percent / 100)
        for chunk, upto in counted.items()
        for percent in PERCENTS
    }
    wanted = {(chunk, rank) for (chunk, _), of in ranks.items() for rank in of if rank}
    near = [(chunk, rank, *_bucket(counted[chunk], rank)) for chunk, rank in wanted]
    at = _at(timed, near, session)
    told: dict[str, dict[int, list[float | None]]] = {}
    for (chunk, percent), of in ranks.items():
        told.setdefault(chunk, {})[percent] = [at.get((chunk, rank)) for rank in of]
    return told


def _bucket(counted: Sequence[tuple[float, int]], rank: int) -> tuple[float, int]:
    """Return the leading digits of the value at a rank, and how many values lie before them."""
    place = bisect_left(counted, rank, key=lambda each: each[1])
    return counted[place][0], counted[place - 1][1] if place else 0


def _at(
    timed: str, wanted: Sequence[tuple[str, int, float, int]], session: Session
) -> dict[tuple[str, int | None], float]:
    """Return the value at each (chunk, rank), given its leading digits and what lies before."""
    if not wanted:
        return {}
    listed = ", ".join(
        f"({literal(chunk)}, {rank}, {literal(repr(start))}::DOUBLE, {before})"
        for chunk, rank, start, before in sorted(wanted)
    )
    found = session.raw.execute(
        f"""
        WITH wanted(chunk, rank, start, before) AS (VALUES {listed}), near AS (
            SELECT chunk, start, latency_ms, sum(count(*)) OVER (
                PARTITION BY chunk, start ORDER BY latency_ms
            ) AS upto
            FROM ({timed}) WHERE (chunk, start) IN (SELECT (chunk, start) FROM wanted)
            GROUP BY chunk, start, latency_ms
        )
        SELECT chunk, rank, min(latency_ms) FROM near JOIN wanted USING (chunk, start)
        WHERE before + upto >= rank GROUP BY chunk, rank
        """  # noqa: S608
    ).fetchall()
    return {(chunk, rank): value for chunk, rank, value in found}


def buckets(log: Log, session: Session) -> list[tuple[int, int, int]]:
    """Return number, requests and failures of each few minutes that had a request."""
    return session.raw.execute(
        f"SELECT epoch(time)::BIGINT // {BUCKET} AS bucket, count(*), "  # noqa: S608
        f"count(*) FILTER ({_FAILED}) FROM {log.table} GROUP BY bucket ORDER BY bucket"
    ).fetchall()
