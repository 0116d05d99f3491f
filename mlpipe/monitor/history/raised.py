"""What the last chunks together make of the status of each: within a window, and across nights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.chunks import LEVELS
from mlpipe.monitor.describe import describe
from mlpipe.monitor.history.counted import fits
from mlpipe.monitor.history.pooled import Pooled, pooled, with_neighbours
from mlpipe.monitor.moved import FEATURE, PREDICTION, calibrated
from mlpipe.monitor.names import column_measure
from mlpipe.monitor.spec import Drift

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Record = Mapping[str, Any]

__all__ = ["Raised", "raised"]


@dataclass(frozen=True)
class Raised:
    """Records in the order of time, and what is shown of the latest.

    Attributes
    ----------
    rows : list of mapping
        The records. Where the last chunks together say more of a column than a chunk alone, its
        measure has their status, and ``pooled``: how many ``chunks`` and ``since`` which one.
    shown : mapping of str to dict
        By measure, the row of the report as the last chunks together have it.
    """

    rows: list[Record]
    shown: Mapping[str, dict[str, Any]]


def raised(
    report: Mapping[str, Any], rows: Sequence[Record], reference: Mapping[str, Any] | None
) -> Raised:
    """Test the columns of each chunk together with those of the two before it.

    Parameters
    ----------
    report : mapping
        What monitor observed of the window.
    rows : sequence of mapping
        Earlier records and those of the window, in the order of time. One that holds no counts,
        as of an older mlpipe, is judged as it is.
    reference : mapping or None
        The reference profile; without it, the records stay as they are.
    """
    found, shown = list(rows), {}
    for role, profile in _profiles(reference if len(rows) > 1 else None):
        quiet = with_neighbours(calibrated(profile, report["every"])[0], report["every"])
        names = {
            row["column"]: column_measure(row) for row in report["drift"] if row["role"] == role
        }
        known = [_known(row, names, profile) for row in rows]
        for at in range(len(rows)):
            for column, one in _pooled(report, quiet, known, at):
                name = names[column]
                point = found[at]["measures"].get(name)
                if point is None or not _above(one.finding.status, point["status"]):
                    continue
                found[at] = _with(found[at], name, one, rows[one.first]["chunk"])
                if at == _latest(rows, name):
                    shown[name] = _described(quiet, one, [rows[each] for each in one.places])
    return Raised(found, shown)


def _profiles(reference: Mapping[str, Any] | None) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if reference:
        yield FEATURE, reference
        if reference.get("predictions"):
            yield PREDICTION, reference["predictions"]


def _known(
    row: Record, names: Mapping[str, str], profile: Mapping[str, Any]
) -> dict[str, Mapping[str, Any]]:
    """Return what a record counted of each column, where that is on the bins of the reference."""
    counts, columns = row.get("counts", {}), profile["columns"]
    return {
        column: counts[name]
        for column, name in names.items()
        if name in counts and fits(counts[name], columns[column])
    }


def _pooled(
    report: Mapping[str, Any],
    quiet: Mapping[str, Any],
    known: Sequence[Mapping[str, Mapping[str, Any]]],
    at: int,
) -> Iterator[tuple[str, Pooled]]:
    limits = report["limits"]
    drift = Drift(warn=limits["warn"], alert=limits["drift"])
    yield from pooled(quiet, known, at, drift, limits["rows"]).items()


def _above(status: str, alone: str) -> bool:
    """Whether several chunks say more than the latest alone; too few rows say nothing."""
    return alone not in LEVELS or LEVELS.index(status) > LEVELS.index(alone)


def _with(row: Record, name: str, one: Pooled, since: str) -> dict[str, Any]:
    together = {"chunks": len(one.places), "since": since}
    point = {**row["measures"][name], "status": one.finding.status, "pooled": together}
    return {**row, "measures": {**row["measures"], name: point}}


def _latest(rows: Sequence[Record], name: str) -> int:
    return max(at for at, row in enumerate(rows) if name in row["measures"])


def _described(quiet: Mapping[str, Any], one: Pooled, rows: Sequence[Record]) -> dict[str, Any]:
    """Return the report's row of the chunks together; the figures of the latest where it is ok."""
    about = {
        "chunks": len(rows),
        "rows": one.rows,
        "first": rows[0]["chunk"],
        "last": rows[-1]["chunk"],
    }
    if one.finding.status == "ok":
        return {"pooled": about}
    told = describe(quiet, one.current, one.finding)
    words = f"{told['words']}, over the last {len(rows)} chunks together"
    return {**told, "words": words, "chunk": rows[-1]["chunk"], "pooled": about}
