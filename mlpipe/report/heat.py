"""Drift over the chunks: a strip of cells and a small line for each column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.lenient import mapping_of
from mlpipe.report.measured import drift_name
from mlpipe.report.panel import tone_of
from mlpipe.report.timeline import DRIFT, chunks_of, rows_over
from mlpipe.report.words import is_number, number, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

__all__ = ["spark", "strips"]

_CELL, _TALL = 6, 14
_MOST = 40
_BAD = ("alert", "warn")
_WIDE, _HIGH = 60.0, 16.0

# The cell of a status at its left edge: full, the lower half with a tip, a stroke, a frame.
_CELLS = {
    "alert": "v14h5v-14z",
    "warn": "m0 14h5v-6l-2.5-4l-2.5 4z",
    "insufficient": "m1 9.5h3v1h-3z",
    "ok": "m1 10h3v3h-3z",
}


def strips(report: Mapping[str, Any], drift: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a strip of every column that ever moved, and how many never did.

    Parameters
    ----------
    report : mapping
        Of monitor, with ``timeline``.
    drift : sequence of mapping
        The rows of the drift table, whose order the strips have.

    Returns
    -------
    dict
        ``rows`` (``column``, ``svg``, ``alerts``, ``warnings``, ``moved``), ``still``, ``more``,
        ``first``, ``last``, ``new`` (the share of the strip that is this window); empty where
        there are fewer than two chunks.
    """
    records = chunks_of(report)
    if len(records) < 2:
        return {}
    named = {drift_name(row.get("role"), str(row.get("column"))): row for row in drift}
    known = dict.fromkeys([*named, *_measures(records)])
    rows = [_row(name, str(named.get(name, {}).get("column", "")), records) for name in known]
    moved = [row for row in rows if row["alerts"] or row["warnings"]]
    new = [bool(each.get("new")) for each in records]
    start = new.index(True) if True in new else len(new)
    return {
        "rows": moved[:_MOST],
        "more": max(len(moved) - _MOST, 0),
        "still": len(rows) - len(moved),
        "first": str(records[0].get("chunk")),
        "last": str(records[-1].get("chunk")),
        "new": round(100 * (1 - start / len(new)), 2) if 0 < start < len(new) else None,
    }


def spark(report: Mapping[str, Any], name: str) -> Markup | None:
    """Draw the size of a column's drift over the chunks, as a line without axes.

    Parameters
    ----------
    report : mapping
        Of monitor, with ``timeline``.
    name : str
        Of the measure.
    """
    from markupsafe import Markup

    rows = rows_over(chunks_of(report), name)
    told = [(at, row["value"]) for at, row in enumerate(rows) if is_number(row.get("value"))]
    if len(told) < 2:
        return None
    most = max(*(value for _, value in told), 0.2)  # as large as the effect of an alert
    step = _WIDE / (len(rows) - 1)
    points = " ".join(
        f"{at * step:.1f},{_HIGH - max(value, 0) / most * (_HIGH - 2):.1f}" for at, value in told
    )
    label = f"effect by chunk: {number(told[0][1])} first, {number(told[-1][1])} last"
    x, y = points.rpartition(" ")[2].split(",")
    made = '<svg class="spark" viewBox="-2 -2 66 20" role="img" aria-label="{}"><polyline points="{}"/><circle cx="{}" cy="{}" r="2"/></svg>'  # noqa: E501
    return Markup(made).format(label, points, x, y)  # noqa: S704 - formats, and so escapes


def _measures(records: Sequence[Mapping[str, Any]]) -> list[str]:
    names = {
        name: None
        for each in records
        for name in mapping_of(each.get("measures"))
        if isinstance(name, str) and name.startswith(DRIFT)
    }
    return list(names)


def _row(name: str, column: str, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    rows = rows_over(records, name)
    statuses = [row.get("status") for row in rows]
    alerts, warnings = statuses.count("alert"), statuses.count("warn")
    if not alerts and not warnings:
        return {"alerts": 0, "warnings": 0}
    counts = [(alerts, "alert"), (warnings, "warning")]
    told = ", ".join(plural(count, noun) for count, noun in counts if count)
    title = column or name.removeprefix(DRIFT)
    return {
        "column": title,
        "svg": _strip(f"{title}: {told} in {plural(len(rows), 'chunk')}", records, rows),
        "alerts": alerts,
        "warnings": warnings,
        "moved": [str(records[at].get("chunk")) for at, s in enumerate(statuses) if s == "alert"],
    }


def _strip(
    label: str, records: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> Markup:
    """Draw a cell for each chunk: those that moved one by one, with words; the rest in one path."""
    from markupsafe import Markup

    quiet: dict[str, str] = {}
    cells = []
    for at, row in enumerate(rows):
        status = tone_of(row.get("status")) if row else ""
        where = f"M{at * _CELL} 0"
        if status in _BAD:
            chunk, effect = records[at].get("chunk"), number(row.get("value"))
            cells.append(
                Markup('<path class="{}" d="{}"><title>{}</title></path>').format(
                    status, where + _CELLS[status], f"{chunk}: {status}, effect {effect}"
                )
            )
        elif status:
            quiet[status] = quiet.get(status, "") + where + _CELLS[status]
    paths = [Markup('<path class="{}" d="{}"/>').format(*each) for each in quiet.items()]
    head = Markup(
        '<svg class="strip" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'  # noqa: E501
    ).format(_CELL * len(rows), _TALL, label)
    return head + Markup("").join([*paths, *cells]) + Markup("</svg>")
