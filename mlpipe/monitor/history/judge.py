"""What the chunks of a window and those of the nights before it decide together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.chunks import LEVELS, decide, worst
from mlpipe.monitor.decay import over
from mlpipe.monitor.effects import EFFECTS
from mlpipe.monitor.estimate.judge import CONTRADICTED
from mlpipe.monitor.history.before import merged
from mlpipe.monitor.history.counted import uncounted
from mlpipe.monitor.history.measures import measures
from mlpipe.monitor.history.raised import Raised, raised
from mlpipe.monitor.history.record import records
from mlpipe.monitor.history.timeline import timeline
from mlpipe.monitor.losses import ChunkLoss
from mlpipe.monitor.moved import rank
from mlpipe.monitor.names import (
    LOSS,
    column_measure,
    quality_measure,
    quantity_measure,
    served_measure,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Decided", "decided", "judge"]

_OFF = ("warn", "alert")
_BESIDE = ("data", "served")
"""Groups whose chunks are there however few rows they have."""
_SAMPLED = ("quality", "estimate", *EFFECTS, "decay", "multivariate")
"""Parts that need as many rows as drift does."""


@dataclass(frozen=True)
class Decided:
    """What a measure comes to over all chunks.

    Attributes
    ----------
    status : str
        ok, warn, alert or insufficient.
    since : str or None
        Of a warning or an alert, the chunk since which it has been off.
    note : str
        Why it is no more than that, where that is due.
    """

    status: str
    since: str | None = None
    note: str = ""


@dataclass(frozen=True)
class _Status:
    """What a chunk says of a measure; since an earlier one where several say it together."""

    chunk: str
    status: str
    since: str | None = None


def judge(
    report: Mapping[str, Any],
    earlier: Sequence[Mapping[str, Any]] = (),
    reference: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Decide what a window and the nights before it say together.

    Parameters
    ----------
    report : mapping
        What monitor observed of the window.
    earlier : sequence of mapping
        Records of other nights, in any order; those that `merged` leaves out do not count.
    reference : mapping, optional
        The reference profile, by which the last chunks are tested together; without it they are
        not.

    Returns
    -------
    dict
        The report, with the statuses of its measures decided, ``since`` beside them, ``timeline``
        and ``history`` (how many earlier chunks there are, since when, and how many are new).
        A column that the last chunks together moved, and the latest alone did not, is described
        as they have it, with ``pooled``: their ``chunks``, ``rows``, ``first`` and ``last``.
    """
    new = records(report)
    together = raised(report, merged(earlier, new), reference)
    rows = together.rows
    measured = measures(report)
    found = {**{each.name: _alone(each.points) for each in measured}, **decided(rows)}
    decay = over(report["decay"], _losses(report["decay"], rows))
    if decay["chunks"]:  # its sum decides, not what each chunk says by itself
        found[LOSS] = Decided(decay["status"], decay["since"])
    told = {
        **report,
        "drift": _drift(report["drift"], found, together),
        "quality": _quality(report["quality"], found),
        "estimate": _estimate(report["estimate"], found),
        **{kind: _effects(report[kind], found) for kind in EFFECTS},
        "decay": decay,
        **({"log": _log(report["log"], found)} if report.get("log") else {}),
        "chunks": [uncounted(row) for row in report["chunks"]],
        "timeline": timeline(measured, rows, new, found),
        "history": _history(rows, new),
    }
    notes = [*report["notes"], *_persistence(rows or report["chunks"])]
    return {**told, "status": _status(told), "notes": notes}


def decided(rows: Sequence[Mapping[str, Any]]) -> dict[str, Decided]:
    """Return what each measure of records in the order of time comes to.

    Chunks in which it is insufficient, or not there, say nothing and break no run.
    """
    names = dict.fromkeys(name for row in rows for name in row["measures"])
    return {name: _over(list(_statuses(name, rows))) for name in names}


def _statuses(name: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[_Status]:
    """Yield the chunk and the status of a measure; an estimate counts while it is trusted."""
    trusted = True
    for row in rows:
        point = row["measures"].get(name)
        if point is None:
            continue
        off = point.get("off")
        trusted = trusted if off is None else abs(off) <= CONTRADICTED
        status = point["status"] if trusted or off is not None else "insufficient"
        yield _Status(row["chunk"], status, point.get("pooled", {}).get("since"))


def _over(statuses: Sequence[_Status]) -> Decided:
    judged = [each for each in statuses if each.status in LEVELS]
    lasting = bool(judged) and judged[-1].since is not None
    status, note = decide([each.status for each in judged], lasting=lasting)
    if status not in _OFF:
        return Decided(status)
    while judged and judged[-1].status == "ok":  # the chunks before it decide
        judged.pop()
    run = list(takewhile(lambda each: each.status != "ok", reversed(judged)))
    order = [each.chunk for each in statuses]
    since = min((each.since or each.chunk for each in run), key=order.index)
    return Decided(status, since, "" if "persistence" in note else note)


def _alone(points: Mapping[str, Mapping[str, Any]]) -> Decided:
    return _over([_Status(chunk, point["status"]) for chunk, point in points.items()])


def _drift(
    rows: Sequence[Mapping[str, Any]], found: Mapping[str, Decided], together: Raised
) -> list[dict[str, Any]]:
    """Say what columns come to, as the last chunks together have it where that is more."""
    told = []
    for row in rows:
        name = column_measure(row)
        told.append(_told({**row, **together.shown.get(name, {})}, found[name]))
    return sorted(told, key=rank) if together.shown else told


def _told(row: Mapping[str, Any], found: Decided) -> dict[str, Any]:
    return {**row, "status": found.status, "since": found.since}


def _quality(part: Mapping[str, Any], found: Mapping[str, Decided]) -> dict[str, Any]:
    name = quality_measure(part)
    if name not in found:
        return dict(part)
    note = [found[name].note] if found[name].note else []
    return {**_told(part, found[name]), "notes": [*part["notes"], *note]}


def _estimate(part: Mapping[str, Any], found: Mapping[str, Decided]) -> dict[str, Any]:
    if not part.get("quantities"):
        return dict(part)
    told = [_quantity(each, found[quantity_measure(each)]) for each in part["quantities"]]
    levels = {each["status"] for each in told}
    order = ("warn", "ok", "replaced")
    status = next((each for each in order if each in levels), "insufficient")
    return {**part, "quantities": told, "status": status}


def _quantity(quantity: Mapping[str, Any], found: Decided) -> dict[str, Any]:
    """Say what an estimate comes to: it never alerts, and labels have replaced it."""
    if quantity["status"] == "replaced" or found.status == "insufficient":
        return {**quantity, "since": None}
    status = "warn" if found.status == "alert" else found.status
    return {**quantity, "status": status, "since": found.since}


def _effects(part: Mapping[str, Any], found: Mapping[str, Decided]) -> dict[str, Any]:
    """Say what business values, or gaps between groups, come to."""
    told = []
    for each in part["measures"]:
        one = found.get(each["key"])
        if one is None:
            told.append({**each, "since": None})
            continue
        notes = [*each["notes"], one.note] if one.note else each["notes"]
        told.append({**_told(each, one), "notes": notes})
    return {"status": worst(each["status"] for each in told), "measures": told}


def _losses(part: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[ChunkLoss]:
    """Return the mean losses of earlier chunks and of the window, in the order of time."""
    known = [(row["chunk"], row["measures"].get(LOSS)) for row in rows]
    if any(point for _, point in known):
        return [ChunkLoss(name, each["value"], each["n"]) for name, each in known if each]
    return [ChunkLoss(each["chunk"], each["value"], each["rows"]) for each in part["chunks"]]


def _log(part: Mapping[str, Any], found: Mapping[str, Decided]) -> dict[str, Any]:
    told = []
    for row in part["measures"]:
        one = found.get(served_measure(row))
        if one is None:
            told.append(dict(row))
            continue
        words = f"{row['words']}; {one.note}" if one.note else row["words"]
        told.append({**_told(row, one), "words": words})
    return {**part, "measures": told, "status": worst(each["status"] for each in told)}


def _status(report: Mapping[str, Any]) -> str:
    """Return the worst status of all parts; too few rows say nothing of what they sample."""
    parts = {
        name: part["status"]
        for name, part in report.items()
        if isinstance(part, dict) and "status" in part and (name != "data" or _is_off(part))
    }
    beside = [status for name, status in parts.items() if name not in _SAMPLED]
    least = report["limits"]["rows"]
    if not any(chunk["rows"] >= least for chunk in report["chunks"]):
        return worst([*beside, *(row["status"] for row in report["drift"] if "pooled" in row)])
    drift = [row["status"] for row in report["drift"]]
    return worst([*drift, *parts.values()])


def _is_off(part: Mapping[str, Any]) -> bool:
    """Whether a part is more than not wrong: rows that pass their checks say nothing of drift."""
    return part["status"] in _OFF


def _persistence(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    _, note = decide(["ok" for row in rows if _judges(row)])
    return [note] if note else []


def _judges(row: Mapping[str, Any]) -> bool:
    """Whether a record, or a chunk of the report, says anything."""
    if "measures" not in row:
        return bool(row["status"] in LEVELS)
    points = row["measures"].values()
    return any(each["status"] in LEVELS for each in points if each["group"] not in _BESIDE)


def _history(rows: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "chunks": len(rows),
        "new": len(new),
        "since": rows[0]["period"] if rows else None,
    }
