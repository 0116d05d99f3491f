"""The small picture of each column in the profile: a histogram, or its most frequent values."""

from __future__ import annotations

from typing import Any

from mlpipe.report.words import is_number, number, plural, text

__all__ = ["profile_rows"]

_HEIGHT, _WIDTH, _GAP = 35.0, 144.0, 0.12
_LEAST = 0.8
_SHOWN = 4


def profile_rows(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of the profile, each with the ``shape`` that the page draws."""
    rows = [row for row in report.get("profile") or [] if isinstance(row, dict)]
    return [
        {
            **row,
            "shape": _shape(row.get("picture")),
            "median": (row.get("quantiles") or {}).get("0.5"),
        }
        for row in rows
    ]


def _shape(picture: Any) -> dict[str, Any] | None:
    if not isinstance(picture, dict):
        return None
    counts = [count for count in picture.get("counts") or [] if is_number(count)]
    if not counts or not sum(counts):
        return None
    return _values(picture, counts) if picture.get("kind") == "bars" else _bins(picture, counts)


def _values(picture: dict[str, Any], counts: list[Any]) -> dict[str, Any]:
    """Return the most frequent values as shares of all; those of sensitive columns unnamed."""
    labels = picture.get("labels") or [None] * len(counts)
    total = sum(counts) + (picture.get("rest") or 0)
    rows = [
        {"label": label, "share": count / total, "width": round(100 * count / total, 2)}
        for label, count in zip(labels, counts, strict=True)
    ][:_SHOWN]
    rest = total - sum(counts[:_SHOWN])
    if rest:
        share = rest / total
        rows.append(
            {"label": "others", "share": share, "width": round(100 * share, 2), "rest": True}
        )
    return {"rows": rows}


def _bins(picture: dict[str, Any], counts: list[Any]) -> dict[str, Any]:
    """Place a bar for each bin; without edges, as of sensitive columns, it says no values."""
    edges = picture.get("edges")
    scale, step = _HEIGHT / max(counts), _WIDTH / len(counts)
    bars = []
    for at, count in enumerate(counts):
        height = max(count * scale, _LEAST) if count else 0.0
        bars.append(
            {
                "label": f"{_edge(edges[at])} to {_edge(edges[at + 1])}" if edges else "",
                "count": count,
                "x": round(at * step + step * _GAP / 2, 2),
                "y": round(_HEIGHT - height, 2),
                "width": round(step * (1 - _GAP), 2),
                "height": round(height, 2),
            }
        )
    lengths = picture.get("kind") == "lengths"
    low, high = (_edge(edges[0]), _edge(edges[-1])) if edges else (None, None)
    if lengths and edges:
        high = plural(round(edges[-1]), "character")
    what = "lengths of the texts" if lengths else "histogram"
    return {"bars": bars, "low": low, "high": high, "what": what}


def _edge(edge: Any) -> str:
    return text(edge).removesuffix(" 00:00:00") if isinstance(edge, str) else number(edge)
