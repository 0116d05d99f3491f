"""Every measure of a report by its stable name: its status, since when, and a line of words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.data.labels import doubtful, label_words
from mlpipe.monitor.names import (
    CHECKS,
    LABELS,
    LOSS,
    TOGETHER,
    check_measure,
    column_measure,
    quality_measure,
    quantity_measure,
    served_measure,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["BAD", "HOST", "Verdict", "verdicts"]

BAD = ("warn", "alert")
"""The statuses that are told."""

SHOWN = 2
"""Rows that are named of a check that failed; the page names more."""

HOST = "host"
"""The group of what is measured of the machine, after the steps."""


@dataclass(frozen=True)
class Verdict:
    """One thing that was judged.

    Attributes
    ----------
    what : str
        Its stable name: ``drift.charges``, ``quality.roc_auc``, ``served.latency_p95_ms``.
    status : str
        ok, warn, alert or insufficient.
    words : str
        One line: what moved, in which direction, by how much.
    since : str or None
        The chunk in which it began; None where that is not known.
    importance : float or None
        Of a column: its share of what the model uses.
    rows : tuple of str
        Where the first rows are that failed a check, with their keys: kept apart, since these are
        told to nobody outside.
    """

    what: str
    status: str
    words: str
    since: str | None = None
    importance: float | None = None
    rows: tuple[str, ...] = ()


def verdicts(report: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield the measures of a report of monitor: the rows first, then quality; a group as it is.

    Parameters
    ----------
    report : mapping
        Of monitor: ``checks``, ``data``, ``labels``, ``quality``, ``business``,
        ``fairness``, ``decay``, ``estimate``,
        ``drift``, ``multivariate``, ``log``; each may be missing.
    """
    yield from _data(report)
    yield from _quality(report)
    yield from _effects(report)
    yield from _decay(report)
    yield from _estimates(report)
    yield from _drift(report)
    yield from _together(report)
    yield from _served(report)


def _data(report: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield the checks of the rows that failed, and what is the matter with labels."""
    data, words = report.get("data") or {}, {"failed": "alert", "warned": "warn"}
    seen: Counter[str] = Counter()
    for each in report.get("checks") or []:
        what = check_measure(each)
        seen[what] += 1
        what = what if seen[what] == 1 else f"{what}.{seen[what]}"
        rows = tuple(_place(row) for row in each["examples"][:SHOWN])
        yield Verdict(what, words[each["status"]], each["message"], rows=rows)
    if data.get("asked") and not report.get("checks"):
        yield Verdict(CHECKS, "ok", f"{data['asked']} checks of {data['rows']:,} rows pass")
    labels = report.get("labels")
    if labels and doubtful(labels):
        yield Verdict(LABELS, "warn", f"labels: {label_words(labels)}")


def _place(example: Mapping[str, Any]) -> str:
    """Say where a failing row is, and its key.

    >>> _place({"row": 7, "key": {"id": "k7"}, "value": -1, "file": "a.csv", "line": 9})
    'a.csv:9 (id = k7)'
    """
    file = example.get("file")
    place = f"{file}:{example['line']}" if file else f"row {example['row']}"
    key = ", ".join(f"{name} = {value}" for name, value in example["key"].items())
    return f"{place} ({key})" if key else place


def _quality(report: Mapping[str, Any]) -> Iterator[Verdict]:
    found = report.get("quality") or {}
    if not found.get("metric"):
        return
    told = [row for row in found.get("chunks") or [] if row.get("value") is not None]
    words = _metric_words(found, told[-1] if told else None)
    yield Verdict(quality_measure(found), found["status"], words, found.get("since"))


def _metric_words(found: Mapping[str, Any], last: Mapping[str, Any] | None) -> str:
    if last is None:
        return f"{found['metric']} is not known yet"
    was = (found.get("reference") or {}).get("value")
    between = "" if last["low"] is None else f" ({_short(last['low'])} to {_short(last['high'])})"
    before = "" if was is None else f"; {_short(was)} at training"
    moved = "is" if was is None or last["value"] == was else "fell to"
    moved = "rose to" if was is not None and last["value"] > was else moved
    return f"{found['metric']} {moved} {_short(last['value'])}{between} in {last['chunk']}{before}"


def _effects(report: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield what decisions were worth and how far groups were apart, where labels are."""
    for kind in ("business", "fairness"):
        for each in (report.get(kind) or {}).get("measures") or []:
            told = [row for row in each["chunks"] if row.get("value") is not None]
            name = f"{each['name']} ({each['unit']})" if each["unit"] else each["name"]
            words = _metric_words({**each, "metric": name}, told[-1] if told else None)
            yield Verdict(str(each["key"]), each["status"], words, each.get("since"))


def _decay(report: Mapping[str, Any]) -> Iterator[Verdict]:
    found = report.get("decay") or {}
    if not found.get("loss"):
        return
    back = ", and came back" if found["status"] == "warn" else ""
    words = f"the {found['loss']} of the rows is what it was"
    if found["direction"] in ("up", "down"):
        word = "rose" if found["direction"] == "up" else "fell"
        words = (
            f"the {found['loss']} of the rows {word} in {found['since']}: "
            f"{_short(found['reference'])} at training, {_short(found['current'])} since{back}"
        )
    yield Verdict(LOSS, found["status"], words, found["since"])


def _estimates(report: Mapping[str, Any]) -> Iterator[Verdict]:
    for each in (report.get("estimate") or {}).get("quantities") or []:
        status = {"replaced": "ok"}.get(each["status"], each["status"])
        words = "; ".join(each.get("notes") or []) or _estimate_words(each)
        yield Verdict(quantity_measure(each), status, words, each.get("since"))


def _estimate_words(each: Mapping[str, Any]) -> str:
    told = [row for row in each.get("chunks") or [] if row.get("value") is not None]
    if not told:
        return f"{each['name']} is not estimated"
    last, was = told[-1], (each.get("reference") or {}).get("value")
    before = "" if was is None else f"; {_short(was)} at training"
    between = f" ({_short(last['low'])} to {_short(last['high'])})"
    value = _short(last["value"])
    return f"{each['name']} is estimated to be {value}{between} in {last['chunk']}{before}"


def _drift(report: Mapping[str, Any]) -> Iterator[Verdict]:
    for row in report.get("drift") or []:
        words = f"{row['column']}: {row.get('words') or row.get('direction') or 'it moved'}"
        what, importance = column_measure(row), row.get("importance")
        yield Verdict(what, row["status"], words, row.get("since"), importance)


def _together(report: Mapping[str, Any]) -> Iterator[Verdict]:
    found = report.get("multivariate") or {}
    if found.get("area") is None:
        return
    most = ", ".join(each["column"] for each in (found.get("carried") or [])[:3])
    words = f"all columns together: told apart with AUC {_short(found['area'])}"
    words += f", most by {most}" if most else ""
    yield Verdict(TOGETHER, found["status"], words)


def _served(report: Mapping[str, Any]) -> Iterator[Verdict]:
    for row in (report.get("log") or {}).get("measures") or []:
        words = f"{row['measure']}: {row['words']}"
        yield Verdict(served_measure(row), row["status"], words, row.get("since"))


def _short(value: Any) -> str:
    return "–" if value is None else f"{value:.4g}"
