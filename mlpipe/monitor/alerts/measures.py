"""Every measure of a report by its stable name: its status, since when, and a line of words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["BAD", "HOST", "Measure", "measures", "since"]

BAD = ("warn", "alert")
"""The statuses that are told."""

HOST = "host"
"""The group of what is measured of the machine, after the steps."""


@dataclass(frozen=True)
class Measure:
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
    """

    what: str
    status: str
    words: str
    since: str | None = None
    importance: float | None = None

    @property
    def group(self) -> str:
        """The first part of its name."""
        return self.what.partition(".")[0]


def measures(report: Mapping[str, Any]) -> Iterator[Measure]:
    """Yield the measures of a report of monitor: quality first, and within a group as they are.

    Parameters
    ----------
    report : mapping
        Of monitor: ``quality``, ``business``, ``fairness``, ``decay``, ``estimate``, ``drift``,
        ``multivariate``, ``log``; each may be missing.
    """
    yield from _quality(report)
    yield from _effects(report)
    yield from _decay(report)
    yield from _estimates(report)
    yield from _drift(report)
    yield from _together(report)
    yield from _served(report)


def since(chunks: Sequence[tuple[str, str]]) -> str | None:
    """Return the chunk in which the latest row of bad ones began.

    Parameters
    ----------
    chunks : sequence of tuple
        Label and status of each chunk, in the order of time; ``insufficient`` says nothing.

    >>> since([("2026-04", "ok"), ("2026-05", "warn"), ("2026-06", "alert"), ("2026-07", "ok")])
    '2026-05'
    """
    judged = [(label, status in BAD) for label, status in chunks if status in ("ok", *BAD)]
    while judged and not judged[-1][1]:
        judged.pop()
    first = None
    for label, bad in reversed(judged):
        if not bad:
            break
        first = label
    return first


def _since(report: Mapping[str, Any], what: str, here: Sequence[tuple[str, str]]) -> str | None:
    """Return since when, by the history where the report has one that knows the measure."""
    records = (report.get("timeline") or {}).get("chunks") or []
    known = [
        (str(record["chunk"]), str(record["measures"][what]["status"]))
        for record in records
        if what in (record.get("measures") or {})
    ]
    return since(known or here)


def _quality(report: Mapping[str, Any]) -> Iterator[Measure]:
    found = report.get("quality") or {}
    if not found.get("metric"):
        return
    what = f"quality.{found['metric']}"
    rows = found.get("chunks") or []
    began = _since(report, what, [(row["chunk"], row["status"]) for row in rows])
    told = [row for row in rows if row.get("value") is not None]
    yield Measure(what, found["status"], _metric_words(found, told[-1] if told else None), began)


def _metric_words(found: Mapping[str, Any], last: Mapping[str, Any] | None) -> str:
    if last is None:
        return f"{found['metric']} is not known yet"
    was = (found.get("reference") or {}).get("value")
    between = "" if last["low"] is None else f" ({_short(last['low'])} to {_short(last['high'])})"
    before = "" if was is None else f"; {_short(was)} at training"
    moved = "is" if was is None or last["value"] == was else "fell to"
    moved = "rose to" if was is not None and last["value"] > was else moved
    return f"{found['metric']} {moved} {_short(last['value'])}{between} in {last['chunk']}{before}"


def _effects(report: Mapping[str, Any]) -> Iterator[Measure]:
    """Yield what decisions were worth and how far groups were apart, where labels are."""
    for kind in ("business", "fairness"):
        for each in (report.get(kind) or {}).get("measures") or []:
            rows, what = each["chunks"], str(each["key"])
            began = _since(report, what, [(row["chunk"], row["status"]) for row in rows])
            told = [row for row in rows if row.get("value") is not None]
            name = f"{each['name']} ({each['unit']})" if each["unit"] else each["name"]
            words = _metric_words({**each, "metric": name}, told[-1] if told else None)
            yield Measure(what, each["status"], words, began)


def _decay(report: Mapping[str, Any]) -> Iterator[Measure]:
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
    yield Measure("decay.loss", found["status"], words, found["since"])


def _estimates(report: Mapping[str, Any]) -> Iterator[Measure]:
    for each in (report.get("estimate") or {}).get("quantities") or []:
        what = f"estimate.{_quantity_name(each)}"
        status = {"replaced": "ok"}.get(each["status"], each["status"])
        rows = each.get("chunks") or []
        bad = {"contradicted": "warn", "replaced": "ok"}
        chunks = [(row["chunk"], bad.get(row["status"], row["status"])) for row in rows]
        words = "; ".join(each.get("notes") or []) or _estimate_words(each, rows)
        yield Measure(what, status, words, _since(report, what, chunks))


def _quantity_name(quantity: Mapping[str, Any]) -> str:
    """Name what is estimated of a metric, a decision or a gap.

    >>> _quantity_name({"kind": "fairness", "name": "selection_rate_ratio across sex"})
    'fairness.selection_rate_ratio.sex'
    """
    name, kind = str(quantity["name"]), quantity.get("kind")
    if kind == "fairness":
        name = name.replace(" across ", ".", 1)
    return f"{kind}.{name}" if kind in ("business", "fairness") else name


def _estimate_words(each: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    told = [row for row in rows if row.get("value") is not None]
    if not told:
        return f"{each['name']} is not estimated"
    last, was = told[-1], (each.get("reference") or {}).get("value")
    before = "" if was is None else f"; {_short(was)} at training"
    between = f" ({_short(last['low'])} to {_short(last['high'])})"
    value = _short(last["value"])
    return f"{each['name']} is estimated to be {value}{between} in {last['chunk']}{before}"


def _drift(report: Mapping[str, Any]) -> Iterator[Measure]:
    labels = [row["chunk"] for row in report.get("chunks") or []]
    for row in report.get("drift") or []:
        what = _drift_name(row)
        statuses = row.get("statuses") or []
        same = list(zip(labels, statuses, strict=True)) if len(labels) == len(statuses) else []
        said = row.get("words") or row.get("direction") or "it moved"
        words = f"{row['column']}: {said}"
        yield Measure(what, row["status"], words, _since(report, what, same), row.get("importance"))


def _drift_name(row: Mapping[str, Any]) -> str:
    """Name the drift of a column, or of the predictions.

    >>> _drift_name({"role": "feature", "column": "age"})
    'drift.age'
    >>> _drift_name({"role": "prediction", "column": "score"})
    'drift.prediction.score'
    """
    column = str(row["column"])
    if row.get("role") == "prediction":
        return "drift.prediction" if column == "prediction" else f"drift.prediction.{column}"
    of_model = column == "prediction" or column.startswith(("prediction.", "feature."))
    return f"drift.feature.{column}" if of_model else f"drift.{column}"


def _together(report: Mapping[str, Any]) -> Iterator[Measure]:
    found = report.get("multivariate") or {}
    if found.get("area") is None:
        return
    words = f"all columns together: told apart with AUC {_short(found['area'])}"
    yield Measure("multivariate.area", found["status"], words)


def _served(report: Mapping[str, Any]) -> Iterator[Measure]:
    log = report.get("log") or {}
    labels = [row["chunk"] for row in log.get("chunks") or []]
    for row in log.get("measures") or []:
        statuses = row.get("statuses") or []
        same = list(zip(labels, statuses, strict=True)) if len(labels) == len(statuses) else []
        what = f"served.{row['measure']}"
        words = f"{row['measure']}: {row['words']}"
        yield Measure(what, row["status"], words, _since(report, what, same))


def _short(value: Any) -> str:
    return "–" if value is None else f"{value:.4g}"
