"""The same entity, key or timestamp on both sides of a split."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.validate.doctor.finding import Finding, percent
from mlpipe.validate.doctor.fingerprint import distinct, fingerprints, is_among

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlpipe.metrics.arrays import Array
    from mlpipe.validate.doctor.rows import Rows
    from mlpipe.validate.doctor.spec import FindingKind

__all__ = ["shared"]


def shared(rows: Rows) -> Iterator[Finding]:
    """Yield what is in train and in a part that judges, and may not be.

    A split by time has entities on both sides, on purpose, and no timestamp; any other has
    timestamps on both sides and no entity.
    """
    roles = rows.roles
    by_time = rows.parting.by == "time"
    if by_time and roles.time:
        yield from _crossing(rows, (roles.time,), "shared_time", "timestamp")
    if not by_time and roles.entity:
        yield from _crossing(rows, (roles.entity,), "shared_entity", "entity")
    if roles.keys:
        yield from _crossing(rows, roles.keys, "shared_key", "key")


def _crossing(
    rows: Rows, names: tuple[str, ...], kind: FindingKind, word: str
) -> Iterator[Finding]:
    columns = [rows.columns[name] for name in names if name in rows.columns]
    if len(columns) < len(names):
        return
    there = columns[0].present
    for column in columns[1:]:
        there = there & column.present
    crossing, judged, values = _counts(fingerprints(columns), rows.train, there)
    if not crossing:
        return
    listed = ", ".join(names)
    # The user's own column or files part the rows there; that may be meant.
    lenient = kind == "shared_entity" and rows.parting.by in ("column", "file")
    yield Finding(
        kind,
        names,
        f"{crossing:,} of {values:,} values of {listed} are in train and in what judges it "
        f"({judged:,} rows, {percent(judged, int((~rows.train).sum()))} of valid and test)",
        _advice(kind, word, listed),
        {"values": crossing, "rows": judged, "of": values},
        lenient,
    )


def _counts(prints: Array, train: Array, there: Array) -> tuple[int, int, int]:
    """Return the values on both sides, the rows outside train that have one, and all values."""
    learned, judged = distinct(prints[train & there]), prints[~train & there]
    both = is_among(judged, learned)
    return len(distinct(judged[both])), int(both.sum()), len(distinct(prints[there]))


def _advice(kind: str, word: str, listed: str) -> str:
    if kind == "shared_time":
        return "part at a moment: split: {by: time, test: {since: DATE}}"
    if kind == "shared_entity":
        return "split: {by: group} keeps the rows of an entity on one side"
    return f"a {word} identifies one row: remove the repeated rows of {listed} in ingest.sql"
