"""Windows as monitor observes them, made of a status a chunk."""

from mlpipe.monitor.history.record import digest, records

PROFILE = "ab" * 32


def chunk(period, status="ok", *, rows=500, until=None, content=None, label=None, timed=True):
    return {
        "chunk": label or period,
        "rows": rows,
        "status": status,
        "alerts": [],
        "warnings": [],
        "period": period,
        "until": until or period,
        "ordered_by": "time" if timed else "as_of",
        "content": content or digest([period, status, rows]),
    }


def window(*chunks, every="day", quality=None, profile=PROFILE, **more):
    """Return the report of a window whose column ``x`` has the status of each chunk."""
    drift = {
        "role": "feature",
        "column": "x",
        "status": "?",
        "statuses": [each["status"] for each in chunks],
        "effects": [0.5 if each["status"] == "alert" else 0.01 for each in chunks],
    }
    rows = [
        {"chunk": each["chunk"], "rows": each["rows"], "labelled": each["rows"], "value": 0.8,
         "low": 0.79, "high": 0.81, "status": status}
        for each, status in zip(chunks, quality or (), strict=False)
    ]  # fmt: skip
    return {
        "rows": sum(each["rows"] for each in chunks),
        "every": every,
        "profile": profile,
        "limits": {"drift": 0.2, "warn": 0.1, "rows": 200},
        "drift": [drift],
        "quality": {
            "status": "?",
            "metric": "f1" if quality else None,
            "greater_is_better": True,
            "reference": {"value": 0.82, "low": 0.8, "high": 0.84},
            "margin": 0.01,
            "chunks": rows,
            "notes": [],
        },
        "estimate": {"status": "insufficient", "notes": []},
        "business": {"status": "insufficient", "measures": []},
        "fairness": {"status": "insufficient", "measures": []},
        "decay": {"status": "insufficient", "chunks": [], "notes": []},
        "multivariate": {"status": "insufficient", "notes": []},
        "chunks": list(chunks),
        "notes": [],
        **more,
    }


def recorded(*chunks, **more):
    return records(window(*chunks, **more))
