"""What a choice of features needs to know of each column: one scan over the rows of train."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import ibis.expr.types as ir

    from mlpipe.features.plan import Input
    from mlpipe.table.session import Session

__all__ = ["Facts", "scan"]


@dataclass(frozen=True)
class Facts:
    """What train shows of one column.

    Attributes
    ----------
    rows, present : int
        Rows of train, and those with a value.
    distinct : int, optional
        Different values, of whole numbers, categories, texts and booleans.
    low, high : float, optional
        Smallest and largest value of numbers; days since 1970 of dates.
    hours, days : int, optional
        Different hours of the day and days of the month, of dates.
    """

    rows: int
    present: int
    distinct: int | None = None
    low: float | None = None
    high: float | None = None
    hours: int | None = None
    days: int | None = None

    @property
    def constant(self) -> bool:
        """Whether every row has the same value."""
        same = self.distinct == 1 or (self.low is not None and self.low == self.high)
        return same and self.present == self.rows


def scan(train: ir.Table, inputs: Sequence[Input], session: Session) -> dict[str, Facts]:
    """Return the facts of each column, in one query.

    Parameters
    ----------
    train : ibis table
        The rows of train, with the columns of ``inputs``.
    inputs : sequence of {"name", "kind", "type"}
        Which columns.
    session : Session
        Runs the query.
    """
    asked = {
        (column["name"], fact): value
        for column in inputs
        for fact, value in _asked(train[column["name"]], column)
    }
    named = {f"f{number}": value for number, value in enumerate(asked.values())}
    answers = session.con.to_pyarrow(train.aggregate(rows=train.count(), **named)).to_pylist()[0]
    rows = answers.pop("rows")
    found: dict[str, dict[str, Any]] = {column["name"]: {} for column in inputs}
    for (name, fact), answer in zip(asked, answers.values(), strict=True):
        found[name][fact] = answer
    return {name: Facts(rows=rows, **facts) for name, facts in found.items()}


def _asked(value: Any, column: Input) -> Iterator[tuple[str, Any]]:
    yield "present", value.count()
    kind = column["kind"]
    if kind in {"category", "text", "boolean"} or value.type().is_integer():
        yield "distinct", value.nunique()
    if kind == "number" and value.type().is_numeric():
        yield "low", value.min().cast("float64")
        yield "high", value.max().cast("float64")
    if kind == "date" and value.type().is_temporal():
        moment = value.cast("timestamp(6)")
        yield "low", moment.min().epoch_seconds() / 86_400
        yield "high", moment.max().epoch_seconds() / 86_400
        yield "hours", moment.hour().nunique()
        yield "days", moment.day().nunique()
