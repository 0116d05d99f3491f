"""What the checks of a source said when it was read, as entries of the report."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mlpipe.checks.result import told
from mlpipe.checks.table import STALE, oldest

__all__ = ["of_source"]


def of_source(name: str, found: dict[str, Any], as_of: str | None) -> dict[str, Any]:
    """Return the entry with the name of its source, before the message too.

    Ingest does not know the day, so that a new one does not make it read everything again: the
    age of a source is judged here, from the newest value that it found.
    """
    entry = {**found, "source": name}
    if found["check"] == "freshness" and found["expected"]["as_of"] is None and as_of is not None:
        entry = _aged(entry, as_of)
    message = entry["message"]
    return {**entry, "message": f"{name}: {message}" if message else ""}


def _aged(entry: dict[str, Any], as_of: str) -> dict[str, Any]:
    max_age, newest = entry["expected"]["max_age"], entry["observed"]
    least = oldest(as_of, max_age)
    aged = {**entry, "expected": {"max_age": max_age, "as_of": as_of}}
    if newest is not None and datetime.fromisoformat(newest).replace(tzinfo=None) >= least:
        return aged
    says = STALE.format(least=least.isoformat(sep=" "), max_age=max_age, as_of=as_of)
    rows = f"{entry['rows']:,}"
    fields = {
        "column": str(entry["column"]),
        "observed": str(newest or "unknown"),
        "expected": f"max_age {max_age}, as_of {as_of}",
        "failing": rows,
        "rows": rows,
        "share": "100.000%",
    }
    return {
        **aged,
        "status": "failed" if entry["severity"] == "error" else "warned",
        "failing": max(entry["rows"], 1),
        "share": 1.0,
        "message": told(entry["said"] or says, fields),
    }
