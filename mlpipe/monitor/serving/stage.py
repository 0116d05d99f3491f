"""Latency and health: what the prediction log says, chunk by chunk, against the limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.intervals import wilson
from mlpipe.monitor.chunks import decide, period_label, worst
from mlpipe.monitor.log.entry import FAILURES, STATUSES
from mlpipe.monitor.log.read import Log, read
from mlpipe.monitor.serving import counted
from mlpipe.monitor.serving.burn import BUCKET, fired

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.monitor.serving.spec import Health, Latency, LogSource
    from mlpipe.table.session import Session

__all__ = ["served"]


def served(
    source: LogSource, latency: Latency, health: Health, every: str, session: Session
) -> tuple[dict[str, Any], Log]:
    """Judge a prediction log.

    Parameters
    ----------
    source : LogSource
    latency, health
        The limits; what has none is measured and not judged.
    every : str
        day, week or month of a request; with ``file`` the log is one chunk.
    session : Session

    Returns
    -------
    dict
        ``status``, ``requests``, ``files``, ``rejected`` lines with their ``reasons``,
        ``duplicates``, ``torn``, ``chunks``, ``measures`` (each with ``measure``, ``status``,
        ``limit``, ``words``; those of chunks with ``statuses``) and ``notes``.
    Log
        With the lines in quarantine.

    Raises
    ------
    DataError
        There is no log, or none that can be read.

    Notes
    -----
    A limit is broken only where the whole interval is beyond it. Requests that failed at once
    would make a slow model look fast: latency is that of those that were answered or timed out.
    """
    log = read(source.path, session, source.until)
    rows = _chunks(log, every, session)
    burn = _burn(log, rows, health, source.minimum_requests, every, session)
    measures = [
        *_latency(rows, latency, source.minimum_requests),
        _errors(rows, health, source.minimum_requests),
        _memory(rows, health),
        *([burn] if burn else []),
        _silence(log, health, source.until),
    ]
    told = {
        "status": worst(each["status"] for each in measures),
        "requests": log.requests,
        "files": log.files,
        "rejected": log.rejected,
        "reasons": log.reasons,
        "duplicates": log.duplicates,
        "torn": log.torn,
        "chunks": rows,
        "measures": measures,
        "notes": _notes(log),
    }
    return told, log


def _chunks(log: Log, every: str, session: Session) -> list[dict[str, Any]]:
    quantiles = counted.latencies(log, every, session)
    return [
        _chunk(row, quantiles.get(row["chunk"], {}), every)
        for row in counted.chunks(log, every, session)
    ]


def _chunk(
    row: Mapping[str, Any], quantiles: Mapping[int, Sequence[float | None]], every: str
) -> dict[str, Any]:
    n, failed = row["requests"], sum(row[kind] for kind in FAILURES)
    seconds = max((row["last"] - row["first"]).total_seconds(), 1.0)
    return {
        "chunk": period_label(row["chunk"], every) if every != "file" else "all requests",
        "period": row["chunk"],
        "requests": n,
        "rows": row["rows"],
        "timed": row["ok"] + row["timeout"],
        "requests_per_second": n / seconds,
        "errors": _share(failed, n),
        "kinds": {kind: _share(row[kind], n) for kind in STATUSES if row[kind]},
        "latency": {
            f"p{percent}_ms": dict(zip(("value", "low", "high"), of, strict=True))
            for percent, of in quantiles.items()
        },
        "memory_mb": row["memory_mb"],
        "restarts": row["starts"],
    }


def _share(count: int, n: int) -> dict[str, Any]:
    low, high = wilson(count, n)
    return {"count": count, "value": count / n if n else None, "low": low, "high": high}


def _latency(
    rows: Sequence[dict[str, Any]], latency: Latency, minimum: int
) -> list[dict[str, Any]]:
    found = []
    for percent in counted.PERCENTS:
        limit, name = latency.limit(percent), f"latency_p{percent}_ms"
        if limit is None:
            continue
        of = [row["latency"].get(f"p{percent}_ms", {}) for row in rows]
        statuses = [
            _beyond(each, limit) if row["timed"] >= minimum else "insufficient"
            for row, each in zip(rows, of, strict=True)
        ]
        found.append(_measure(name, limit, of, statuses))
    return found


def _errors(rows: Sequence[dict[str, Any]], health: Health, minimum: int) -> dict[str, Any]:
    limit, of = health.max_error_rate, [row["errors"] for row in rows]
    statuses = [
        _beyond(row["errors"], limit) if row["requests"] >= minimum else "insufficient"
        for row in rows
    ]
    return _measure("error_rate", limit, of, statuses)


def _memory(rows: Sequence[dict[str, Any]], health: Health) -> dict[str, Any]:
    of = [{"value": m, "low": m, "high": m} for m in (row["memory_mb"] for row in rows)]
    statuses = [_beyond(each, health.max_memory_mb) for each in of]
    return _measure("memory_mb", health.max_memory_mb, of, statuses)


def _beyond(of: Mapping[str, Any], limit: float | None) -> str:
    """Alert where the whole interval is above the limit; without its upper end it says no ok."""
    value, low, high = (of.get(key) for key in ("value", "low", "high"))
    if value is None or (low is None and high is None):
        return "insufficient"
    if limit is None:
        return "ok"
    if low is not None and low > limit:
        return "alert"
    return "ok" if high is not None else "insufficient"


def _measure(
    name: str, limit: float | None, of: Sequence[Mapping[str, Any]], statuses: Sequence[str]
) -> dict[str, Any]:
    status, _ = decide(statuses)
    last = of[-1].get("value") if of else None
    said = "nothing was measured" if last is None else f"{last:.4g} in the latest chunk"
    bound = f"; at most {limit:g}" if limit is not None else ""
    return {
        "measure": name, "status": status, "limit": limit, "statuses": list(statuses),
        "words": f"{said}{bound}",
    }  # fmt: skip


def _burn(
    log: Log,
    rows: Sequence[dict[str, Any]],
    health: Health,
    minimum: int,
    every: str,
    session: Session,
) -> dict[str, Any] | None:
    """Judge the latest chunk by the rules that fired in it; the windows are what persists."""
    if health.objective is None:
        return None
    counts = counted.buckets(log, session)
    numbers, requests, failures = ([row[at] for row in counts] for at in range(3))
    rules = fired(numbers, requests, failures, health.objective, minimum)
    latest, status, words, told = rows[-1]["chunk"] if rows else "", "ok", "", []
    for rule in rules:
        of = [_of_bucket(at, every) for at in rule["at"]]
        told.append({"rule": rule["rule"], "fired": len(of), "first": _when(rule["at"][:1]),
                     "last": _when(rule["at"][-1:])})  # fmt: skip
        if latest in of and worst([status, rule["severity"]]) != status:
            status, words = rule["severity"], f"{rule['rule']}: first at {told[-1]['first']}"
    words = words or "the error budget does not burn too fast"
    return {"measure": "burn_rate", "status": status if rows else "insufficient", "rules": told,
            "limit": health.objective, "words": words}  # fmt: skip


def _time(bucket: int) -> datetime:
    return datetime.fromtimestamp(bucket * BUCKET, UTC)


def _when(buckets: Sequence[int]) -> str | None:
    return f"{_time(buckets[0]):%Y-%m-%dT%H:%MZ}" if buckets else None


def _of_bucket(bucket: int, every: str) -> str:
    if every == "file":
        return "all requests"
    day = _time(bucket).date()
    if every == "month":
        day = day.replace(day=1)
    if every == "week":
        day -= timedelta(days=day.weekday())
    return period_label(str(day), every)


def _silence(log: Log, health: Health, until: datetime | None) -> dict[str, Any]:
    """Judge how long there was no request before the log was taken."""
    limit = health.silence
    if log.last is None:
        words, status, silent = "there is no request", "alert" if limit else "insufficient", None
    else:
        silent = (until - log.last).total_seconds() if until else 0.0
        status = "alert" if limit and silent > limit.total_seconds() else "ok"
        words = f"the last request was at {log.last:%Y-%m-%dT%H:%M:%S}Z"
    return {"measure": "silence_s", "status": status, "value": silent, "words": words,
            "limit": limit.total_seconds() if limit else None}  # fmt: skip


def _notes(log: Log) -> list[str]:
    notes = [f"{n:,} lines are in quarantine: {reason}" for reason, n in log.reasons.items()]
    if log.duplicates:
        notes.append(f"{log.duplicates:,} lines repeat the id of a request, which counts once")
    return notes + [f"{place} was still being written and is left out" for place in log.torn]
