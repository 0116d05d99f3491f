"""The drift table: what moved comes first, with a small picture of before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.words import is_number, number

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["distance_lines", "drift_rows", "moved"]

_ORDER = {"alert": 0, "warn": 1, "insufficient": 2, "ok": 3}
_HEIGHT, _WIDTH = 34.0, 120.0
_GAP = 0.22
_DISTANCES = {"psi": "PSI", "js": "JS", "ks": "KS", "wasserstein": "Wasserstein"}


def drift_rows(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of the drift table, the worst first, each with the bars of its picture."""
    rows = [row for row in report.get("drift") or [] if isinstance(row, dict)]
    ranked = sorted(rows, key=lambda row: (_ORDER.get(str(row.get("status")), 4), -_effect(row)))
    return [{**row, "bars": _bars(row.get("picture") or {})} for row in ranked]


def moved(report: dict[str, Any]) -> list[str]:
    """Name the columns that warn or alert, the worst first."""
    return [
        str(row.get("column"))
        for row in drift_rows(report)
        if row.get("status") in {"alert", "warn"}
    ]


def distance_lines(report: Mapping[str, Any]) -> list[str]:
    """Write the distances that people know, of all columns; ``-v`` prints them."""
    return [
        f"{row['column']}: w {number(row.get('effect'))}, "
        + ", ".join(
            f"{name} {number(row[key])}"
            for key, name in _DISTANCES.items()
            if is_number(row.get(key))
        )
        for row in report.get("drift") or []
    ]


def _effect(row: dict[str, Any]) -> float:
    effect = row.get("effect")
    return float(effect) if is_number(effect) else 0.0


def _bars(picture: dict[str, Any]) -> list[dict[str, Any]]:
    """Place a bar for each bin: ``x``, ``width``, and from below ``reference`` and ``current``."""
    names, before, after = (picture.get(key) or [] for key in ("labels", "reference", "current"))
    shares = [share for share in [*before, *after] if is_number(share)]
    if not names or not shares or len(names) != len(before) or len(names) != len(after):
        return []
    scale, step = _HEIGHT / (max(shares) or 1), _WIDTH / len(names)
    return [
        {
            "label": name,
            "before": ref,
            "after": cur,
            "x": round(place * step + step * _GAP / 2, 2),
            "width": round(step * (1 - _GAP), 2),
            "reference": round(ref * scale, 2),
            "current": round(cur * scale, 2),
        }
        for place, (name, ref, cur) in enumerate(zip(names, before, after, strict=True))
        if is_number(ref) and is_number(cur)
    ]
