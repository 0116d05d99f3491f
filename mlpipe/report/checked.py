"""What the page shows of the current rows themselves: failed checks, labels, what was set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.lenient import mapping_of, rows_of
from mlpipe.report.words import number, plural

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["checked"]

_MOST = 100


def checked(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the section on the current data; empty where the report says nothing of it."""
    data = mapping_of(report.get("data"))
    if not data:
        return {}
    checks = rows_of(report.get("checks"))
    return {
        **data,
        "checks": checks[:_MOST],
        "more": max(0, len(checks) - _MOST),
        "left_out": rows_of(data.get("left_out")),
        "answers": _answers(mapping_of(report.get("answered"))),
    }


def _answers(found: Mapping[str, Any]) -> str:
    """Say how far the scores of the log are from what the model says now of the same rows."""
    rows = found.get("rows")
    if not isinstance(rows, int):
        return ""
    if not rows:
        return "the log holds none"
    same = f"{rows - found['differ']:,} of {rows:,} are what the model says now"
    apart = f"; the others are up to {number(found['largest'])} away" if found["differ"] else ""
    models = mapping_of(found.get("models")).items()
    by = ", ".join(f"{name} ({plural(count, 'row')})" for name, count in models)
    return f"{same}{apart}" + (f"; answered by {by}" if by else "")
