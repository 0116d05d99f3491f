"""How far back each column looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.table.duration import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.features.plan import LookBackColumn

__all__ = ["Reach", "interval", "microseconds", "reach", "running"]


@dataclass(frozen=True, order=True)
class Reach:
    """How far a column looks back.

    ``rows`` among those at least ``shift`` microseconds old (0: those before the row), or
    all that are at most ``span`` microseconds old; ``all`` of them where it is running.
    """

    shift: int
    rows: int
    span: int
    all: bool = False


def reach(column: LookBackColumn) -> Reach:
    """Return how far a column looks back."""
    known = microseconds(column["known_after"])
    span = microseconds(column["span"])
    if column["rows"] is None and column["span"] is None:
        # Of all rows before, the last known one is kept, and what the others come to.
        return Reach(known, 1, 0, all=True)
    if column["span"] is None:
        return Reach(known, column["rows"] or 0, 0)
    if column["does"] in {"lag", "difference", "change"}:
        return Reach(max(span, known), 1, 0)
    return Reach(known, 0, span)


def running(wanted: Sequence[LookBackColumn]) -> list[LookBackColumn]:
    """Return the columns that look at all earlier rows, however many."""
    return [column for column in wanted if reach(column).all]


def microseconds(duration: str | None) -> int:
    """Return a duration as a whole number."""
    return 0 if duration is None else int(parse(duration).total_seconds()) * 1_000_000


def interval(span: int) -> Any:
    """Return microseconds as the engine takes them."""
    import ibis

    return ibis.interval(microseconds=span)
