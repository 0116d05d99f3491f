"""A report of monitor with something of everything, for the tests of alerts."""

import copy
from typing import Any

from mlpipe.monitor.alerts.listed import listed
from mlpipe.monitor.spec import Monitor

REPORT: dict[str, Any] = {
    "status": "alert",
    "rows": 3000,
    "every": "month",
    "notes": ["a note"],
    "chunks": [{"chunk": label, "rows": 1000} for label in ("2026-04", "2026-05", "2026-06")],
    "quality": {
        "metric": "roc_auc", "status": "alert", "greater_is_better": True, "margin": 0.0,
        "since": "2026-05",
        "reference": {"value": 0.82, "low": 0.8, "high": 0.84},
        "chunks": [
            {"chunk": "2026-04", "status": "ok", "value": 0.81, "low": 0.79, "high": 0.83},
            {"chunk": "2026-05", "status": "alert", "value": 0.71, "low": 0.69, "high": 0.73},
            {"chunk": "2026-06", "status": "alert", "value": 0.7, "low": 0.68, "high": 0.72},
        ],
        "notes": [],
    },
    "estimate": {
        "status": "warn",
        "quantities": [
            {
                "name": "f1", "kind": "metric", "status": "warn", "reference": {"value": 0.6},
                "key": "estimate.f1", "notes": [],
                "chunks": [
                    {"chunk": "2026-06", "status": "warn", "value": 0.5, "low": 0.4, "high": 0.55}
                ],
            },
            {
                "name": "selection_rate_ratio across sex", "kind": "fairness",
                "key": "fairness.selection_rate_ratio.sex",
                "status": "replaced", "reference": None, "chunks": [], "notes": [],
            },
        ],
    },
    "decay": {
        "status": "alert", "loss": "squared error", "direction": "up", "since": "2026-05",
        "reference": 0.1, "current": 0.3, "notes": [],
    },
    "multivariate": {"status": "ok", "area": 0.53, "notes": []},
    "drift": [
        {
            "column": "score", "role": "prediction", "status": "warn", "importance": None,
            "statuses": ["ok", "ok", "warn"], "words": "median down 0.1 IQR", "effect": 0.15,
        },
        {
            "column": "charges", "role": "feature", "status": "alert", "importance": 0.4,
            "statuses": ["alert", "ok", "alert"], "words": "median up 0.3 IQR", "effect": 0.3,
            "since": "2026-06",
        },
        {
            "column": "age", "role": "feature", "status": "ok", "importance": 0.1,
            "statuses": ["ok", "ok", "ok"], "words": "", "effect": 0.02,
        },
        {
            "column": "note", "role": "feature", "status": "insufficient", "importance": 0.0,
            "statuses": ["insufficient"] * 3, "words": "", "effect": None,
        },
    ],
    "log": {
        "status": "alert", "notes": [],
        "chunks": [
            {
                "chunk": "2026-06", "requests": 1200,
                "latency": {"p50_ms": {"value": 12.0}, "p95_ms": {"value": 90.0}, "p99_ms": None},
                "errors": {"value": 0.01},
            }
        ],
        "measures": [
            {
                "measure": "latency_p95_ms", "status": "alert", "statuses": ["alert"],
                "words": "90 in the latest chunk; at most 50",
            }
        ],
    },
}  # fmt: skip


def spec(**values: Any) -> Monitor:
    """Return the section, on a day."""
    return Monitor.read({"as_of": "2026-11-26", **values})


def report(values: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    """Return the report with its alerts, under these words of the section."""
    return listed({**copy.deepcopy(REPORT), **changed}, spec(**(values or {})))
