"""The drift table: what moved comes first, with a small picture of before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.heat import spark
from mlpipe.report.lenient import rows_of
from mlpipe.report.measured import drift_name
from mlpipe.report.words import NOTHING, is_number, number, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from markupsafe import Markup

__all__ = ["distance_lines", "drift_rows", "moved"]

_ORDER = {"alert": 0, "warn": 1, "insufficient": 2, "ok": 3}
_HEIGHT, _WIDTH = 34.0, 120.0
_GAP = 0.22
_DISTANCES = {"psi": "PSI", "js": "JS", "ks": "KS", "wasserstein": "Wasserstein"}
_WITH_BINS = 60
"""Columns whose picture names each bin to a pointer; that of others is an outline alone."""


def drift_rows(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of the drift table, the worst first, each with its pictures.

    Parameters
    ----------
    report : dict
        Of monitor: ``drift``, and ``timeline`` where there is one.

    Returns
    -------
    list of dict
        Beside what the report says: ``bars`` or ``small``, the picture of reference against
        current; ``spark``, its effect over the chunks; and ``by``, how far it moved, in words:
        without a sign, for ``direction`` tells it.
    """
    return [_row(report, row, at) for at, row in enumerate(_sorted(report))]


def moved(report: dict[str, Any]) -> list[str]:
    """Name the columns that warn or alert, the worst first."""
    return [
        str(row.get("column")) for row in _sorted(report) if row.get("status") in {"alert", "warn"}
    ]


def distance_lines(report: Mapping[str, Any]) -> list[str]:
    """Write the distances that people know, of all columns; ``-v`` prints them."""
    return [
        f"{row['column']}: {', '.join(_distances(row))}" for row in rows_of(report.get("drift"))
    ]


def _distances(row: Mapping[str, Any]) -> Iterator[str]:
    yield f"w {number(row.get('effect'))}"
    for key, name in _DISTANCES.items():
        if is_number(row.get(key)):
            yield f"{name} {number(row[key])}"


def _sorted(report: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(
        rows_of(report.get("drift")),
        key=lambda row: (_ORDER.get(str(row.get("status")), 4), -_effect(row)),
    )


def _row(report: dict[str, Any], row: dict[str, Any], at: int) -> dict[str, Any]:
    picture = row.get("picture")
    bars = _bars(picture if isinstance(picture, dict) else {})
    name = str(row.get("column"))
    named = at < _WITH_BINS
    return {
        **{key: value for key, value in row.items() if key != "picture"},
        "bars": bars if named else [],
        "small": None if named or not bars else _outline(name, bars),
        "spark": spark(report, drift_name(row.get("role"), name)),
        "by": _by(row),
    }


def _by(row: dict[str, Any]) -> str:
    """Write how far a column moved, without its sign: the direction is told apart."""
    if row.get("unit") == "share":
        return percent(row.get("size"))
    shift = row.get("shift")
    return f"{number(abs(shift))} IQR" if is_number(shift) else NOTHING


def _outline(column: str, bars: list[dict[str, Any]]) -> Markup:
    """Draw the same picture in two paths: a table of many columns stays small."""
    from markupsafe import Markup

    paths = [
        "".join(f"M{bar['x']:g} 35v-{bar[key]:g}h{bar['width']:g}v{bar[key]:g}z" for bar in bars)
        for key in ("current", "reference")
    ]
    return Markup(
        '<svg class="bars many" viewBox="0 0 120 36" role="img" aria-label="{}: reference against '
        'current"><path class="now" d="{}"/><path class="was" d="{}"/></svg>'
    ).format(column, *paths)


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
