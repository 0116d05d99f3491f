"""The slices on the page: those that the spec names, a table each, and those a scan found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.lenient import rows_of
from mlpipe.report.spans import span
from mlpipe.report.words import is_number

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["named_slices", "scanned"]


def named_slices(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Group the slices by their columns: a table for each."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows_of(report.get("slices")):
        value = row.get("slice") if isinstance(row.get("slice"), dict) else {}
        name = " × ".join(str(column) for column in value or {}) or "slice"
        groups.setdefault(name, []).append(row)
    return [
        {
            "name": name,
            "rows": rows,
            "metrics": list(
                dict.fromkeys(
                    metric.get("name") for row in rows for metric in rows_of(row.get("metrics"))
                )
            ),
        }
        for name, rows in groups.items()
    ]


def scanned(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the scan with each slice's effect on one scale; empty where there was none."""
    scan = report.get("scan")
    if not isinstance(scan, dict):
        return {}
    rows = rows_of(scan.get("slices"))
    ends = [row[end] for row in rows for end in ("low", "high") if is_number(row.get(end))]
    return {
        **scan,
        "slices": [
            {**row, "span": span(row.get("effect"), row.get("low"), row.get("high"), [0], ends)}
            for row in rows
        ],
    }
