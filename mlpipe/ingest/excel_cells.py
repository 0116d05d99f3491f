"""What a spreadsheet's values are as cells."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from mlpipe.ingest.cells import Cell, Day, Moment, Real, Whole
from mlpipe.ingest.lexical import EXACT_FLOAT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["cell_of"]


def cell_of(value: Any) -> Cell:
    """Return a value of calamine as a cell: exact text, and None for an empty one.

    A spreadsheet knows one kind of number, a double: a whole one is the text of an integer.
    """
    return _CELLS.get(type(value), str)(value)


def _number(value: float) -> Cell:
    if value.is_integer() and abs(value) < EXACT_FLOAT:
        return Whole(int(value))
    return Real(repr(value))


_CELLS: Mapping[type, Callable[[Any], Cell]] = {
    str: lambda value: value or None,
    float: _number,
    int: Whole,
    bool: bool,
    datetime.datetime: lambda value: Moment(value.isoformat(sep=" ")),
    datetime.date: lambda value: Day(value.isoformat()),
    datetime.time: lambda value: value.isoformat(),
    datetime.timedelta: str,
    type(None): lambda _: None,
}
