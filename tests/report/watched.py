"""A rich report of monitor: 60 chunks, 12 columns, late labels, estimates, and a prediction log."""

import datetime as dt
import math
from typing import Any

import numpy as np

from tests.report import documents

NEW = 7
"""So many of the chunks are of this window."""

COLUMNS = (
    "charges", "support_tickets", "plan", "calls", "tenure", "region", "last_note", "signup_date",
    "contract_months", "age_band", "channel", "a_name_that_is_much_longer_than_the_others_are",
)  # fmt: skip
GROUPS: dict[str, tuple[str, str]] = {
    "quality.average_precision": ("quality", ""),
    "naive.average_precision": ("naive", ""),
    "estimate.average_precision": ("estimate", ""),
    "estimate.f1": ("estimate", ""),
    "business.retention_profit": ("business", "EUR a 1,000"),
    "estimate.retention_profit": ("estimate", "EUR a 1,000"),
    "fairness.demographic_parity_difference.gender": ("fairness", ""),
    "fairness.equal_opportunity_difference.gender": ("fairness", ""),
    "served.latency_p50_ms": ("served", "ms"),
    "served.latency_p95_ms": ("served", "ms"),
    "served.latency_p99_ms": ("served", "ms"),
    "served.error_rate": ("served", ""),
    "served.memory_mb": ("served", ""),
    "data.rows": ("data", "rows"),
    "data.failed_checks": ("data", ""),
}
LEVELS = {
    "quality.average_precision": (0.41, 0.05), "naive.average_precision": (0.1, 0.0),
    "estimate.average_precision": (0.4, 0.04), "estimate.f1": (0.37, 0.03),
    "business.retention_profit": (2200.0, 500.0), "estimate.retention_profit": (2150.0, 400.0),
    "fairness.demographic_parity_difference.gender": (0.02, 0.015),
    "fairness.equal_opportunity_difference.gender": (0.05, 0.04),
    "served.latency_p50_ms": (11.0, 1.0), "served.latency_p95_ms": (42.0, 6.0),
    "served.latency_p99_ms": (95.0, 30.0), "served.error_rate": (0.004, 0.003),
    "served.memory_mb": (410.0, 0.0), "data.rows": (1000.0, 0.0),
    "data.failed_checks": (0.0, 0.0),
}  # fmt: skip
LIMITS = {"served.latency_p95_ms": 60.0, "served.error_rate": 0.02, "served.memory_mb": 2048.0}
LATE = 6
"""The latest chunks have no labels yet."""


def report(chunks: int = 60, columns: int = 12) -> dict[str, Any]:
    """Return the report of monitor, the same each time."""
    rng = np.random.default_rng(6)
    names = [*COLUMNS, *(f"column_{at:03d}" for at in range(len(COLUMNS), columns))][:columns]
    records = [_record(rng, at, chunks, names) for at in range(chunks)]
    return {
        **documents.monitor(),
        "every": "day",
        "rows": 7000,
        "model": {"name": "churn", "version": 4, "alias": "champion", "run": "0007-3f9a",
                  "trained": "2026-05-02T03:12:00+00:00"},
        "alerts": alerts(),
        "drift": [_drift(rng, at, name, records) for at, name in enumerate(names)],
        "timeline": {"measures": _measures(names), "chunks": records},
        "chunks": [{"chunk": each["chunk"], "rows": each["rows"], "status": "ok", "alerts": [],
                    "warnings": []} for each in records[-NEW:]],
        "log": log(min(NEW, chunks)),
        "notes": ["2026-08-30 is unfinished and left out (214 rows)"],
    }  # fmt: skip


def alerts() -> list[dict[str, Any]]:
    return [
        {"what": "average_precision", "status": "alert", "words": "0.31 against 0.41 at training",
         "since": "2026-08-16", "importance": None, "silenced": None},
        {"what": "charges", "status": "alert", "words": "median up 0.32 IQR; '> 55.18': 10% → 27%",
         "since": "2026-08-11", "importance": 0.31, "silenced": None},
        {"what": "support_tickets", "status": "warn", "words": "median up 0.99 IQR",
         "since": "2026-08-20", "importance": 0.08, "silenced": None},
        {"what": "plan", "status": "alert", "words": "never seen values: 7.7%",
         "since": "2026-08-01", "importance": 0.02,
         "silenced": {"until": "2026-09-15", "reason": "the new plan 'flex' was announced"}},
    ]  # fmt: skip


def log(chunks: int) -> dict[str, Any]:
    rows = [_served(at) for at in range(chunks)]
    quiet = ["ok"] * chunks
    return {
        "status": "warn", "requests": 70_000, "files": 3, "rejected": 2, "reasons": {},
        "duplicates": 4, "torn": [], "chunks": rows,
        "measures": [
            {"measure": "latency_p95_ms", "status": "ok", "limit": 60.0, "statuses": quiet,
             "words": "44.1 in the latest chunk; at most 60"},
            {"measure": "error_rate", "status": "warn", "limit": 0.02,
             "statuses": [*quiet[:-1], "alert"],
             "words": "0.03 in the latest chunk; at most 0.02; an alert of one chunk only"},
            {"measure": "burn_rate", "status": "ok", "limit": 0.999, "rules": [],
             "words": "the error budget does not burn too fast"},
            {"measure": "silence_s", "status": "ok", "value": 3.0, "limit": None,
             "words": "the last request was at 2026-08-29T23:59:57Z"},
        ],
        "notes": ["2 lines are in quarantine: not JSON"],
    }  # fmt: skip


def _served(at: int) -> dict[str, Any]:
    def ends(value: float, half: float) -> dict[str, float]:
        return {"value": value, "low": value - half, "high": value + half}

    return {
        "chunk": day(53 + at), "requests": 10_000, "rows": 10_000, "timed": 9_990,
        "requests_per_second": 0.1157, "errors": {"count": 30, **ends(0.003 + 0.004 * at, 0.002)},
        "kinds": {"ok": {"count": 9970, **ends(0.997, 0.001)},
                  "timeout": {"count": 10, **ends(0.001, 0.001)},
                  "error": {"count": 20, **ends(0.002, 0.001)}},
        "latency": {"p50_ms": ends(11.0, 0.4), "p95_ms": ends(40.0 + at, 4),
                    "p99_ms": {"value": 90.0, "low": 80.0, "high": None}},
        "memory_mb": 410.0 + 5 * at, "restarts": int(at == 2),
    }  # fmt: skip


def day(at: int) -> str:
    return str(dt.date(2026, 7, 1) + dt.timedelta(days=at))


def _record(rng: Any, at: int, chunks: int, columns: list[str]) -> dict[str, Any]:
    found = {"format": 1, "chunk": day(at), "period": day(at), "rows": 1000,
             "content": f"c{at}", "profile": "p1"}  # fmt: skip
    known = {name: _measure(rng, name, at, chunks) for name in GROUPS}
    known |= {f"drift.{name}": _moved(rng, place, at) for place, name in enumerate(columns)}
    known["drift.prediction"] = _moved(rng, 99, at)
    kept = {name: each for name, each in known.items() if each}
    return {**found, "measures": kept, **({"new": True} if at >= chunks - NEW else {})}


def _measure(rng: Any, name: str, at: int, chunks: int) -> dict[str, Any] | None:
    group = GROUPS[name][0]
    if group in ("quality", "naive", "business", "fairness") and at >= chunks - LATE:
        return None
    if group == "served" and at < 12:
        return None
    level, half = LEVELS[name]
    value = level + float(rng.normal(0, half / 2 or level * 0.02))
    if name == "quality.average_precision" and at > 45:
        value -= 0.012 * (at - 45)
    value = max(value, 0.0)
    status = "ok"
    if name == "quality.average_precision" and at > 48:
        status = "alert" if at > 50 else "warn"
    if at in (20, 21) and group in ("quality", "fairness"):
        status = "insufficient"
    limit = LIMITS.get(name)
    if limit is not None and value > limit:
        status = "alert"
    low, high = (value - half, value + half) if half else (None, None)
    return {"group": group, "value": value, "low": low, "high": high, "status": status, "n": 1000}


def _moved(rng: Any, place: int, at: int) -> dict[str, Any]:
    effect = 0.04 + abs(float(rng.normal(0, 0.02)))
    status = "ok"
    if place == 0 and at >= 41:
        effect, status = 0.3 + 0.01 * (at - 41), "alert"
    if place == 1 and at >= 50:
        effect, status = 0.15, "warn"
    if place == 2 and at >= 31:
        effect, status = 0.4, "alert" if at % 7 else "insufficient"
    if place == 3 and at in (10, 11):
        effect, status = 0.22, "alert"
    return {"group": "drift", "value": effect, "low": None, "high": None, "status": status,
            "n": 1000}  # fmt: skip


def _measures(columns: list[str]) -> dict[str, Any]:
    found = {
        name: {
            "group": group, "unit": unit, "limit": LIMITS.get(name),
            "greater_is_better": {"quality": True, "served": False}.get(group),
            "reference": {"value": LEVELS[name][0], "low": LEVELS[name][0] - LEVELS[name][1] / 2,
                          "high": LEVELS[name][0] + LEVELS[name][1] / 2}
            if group in ("quality", "estimate", "business", "fairness") else None,
        }
        for name, (group, unit) in GROUPS.items()
    }  # fmt: skip
    drift = {"group": "drift", "unit": "w", "reference": None, "limit": 0.2,
             "greater_is_better": False}  # fmt: skip
    return found | {f"drift.{name}": drift for name in [*columns, "prediction"]}


def _drift(rng: Any, at: int, name: str, records: list[dict[str, Any]]) -> dict[str, Any]:
    last = records[-1]["measures"][f"drift.{name}"]
    before = [0.1] * 10
    after = [0.1 + last["value"] * math.sin(each + at) / 10 for each in range(10)]
    row = documents.drift(name, last["status"], last["value"], before, after)
    statuses = [each["measures"][f"drift.{name}"]["status"] for each in records[-NEW:]]
    return {**row, "statuses": statuses, "importance": round(float(rng.uniform(0, 0.2)), 3)}
