"""What the page tells of what a model uses: bars of importance, curves, and its worst rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.curves import curve_figures
from mlpipe.report.lenient import rows_of
from mlpipe.report.spans import span
from mlpipe.report.words import is_number

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["explained"]

_MOST_COLUMNS = 20


def explained(report: dict[str, Any]) -> dict[str, Any]:
    """Return the variables of the section; empty where nothing was explained.

    Parameters
    ----------
    report : dict
        Of the explain step: ``part``, ``rows``, ``metric``, ``importance``, ``correlated``,
        ``curves``, ``worst``, ``seen``, ``warnings``.
    """
    if not report:
        return {}
    rows = _measured(report.get("importance"))
    shown = rows[:_MOST_COLUMNS]
    tied = _measured(report.get("correlated"))
    ends = [end for row in [*shown, *tied] for end in _ends(row)]
    worst = report.get("worst")
    return {
        **report,
        "importance": [{**row, **_bar(row, ends)} for row in shown],
        "correlated": [{**row, **_bar(row, ends)} for row in tied],
        "rest": len(rows) - len(shown),
        "figures": curve_figures(rows_of(report.get("curves")), report.get("part")),
        "worst": _worst(worst) if isinstance(worst, dict) else {},
    }


def _measured(value: Any) -> list[dict[str, Any]]:
    return [row for row in rows_of(value) if is_number(row.get("value"))]


def _ends(row: dict[str, Any]) -> tuple[float, float]:
    low, high = row.get("low"), row.get("high")
    return (low if is_number(low) else row["value"], high if is_number(high) else row["value"])


def _bar(row: dict[str, Any], ends: Sequence[float]) -> dict[str, Any]:
    """Place a bar from 0 to the value, and its interval, on the line that all columns share."""
    within = [*ends, 0.0]
    bar = span(0.0, min(0.0, row["value"]), max(0.0, row["value"]), (), within)
    reach = span(row["value"], row.get("low"), row.get("high"), (0.0,), within)
    others = [name for name in row.get("columns") or [] if name != row.get("column")]
    return {"bar": bar, "reach": reach, "others": others}


def _worst(worst: dict[str, Any]) -> dict[str, Any]:
    """Say of each row where it stands: its file and line, or its position."""
    rows = [
        {**row, "place": f"{row['file']}:{row.get('line')}" if row.get("file") else None}
        for row in rows_of(worst.get("rows"))
    ]
    return {**worst, "rows": rows}
