"""What the page shows of the current rows themselves: failed checks, labels, what was set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.lenient import mapping_of, rows_of

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
    }
