"""The word ``aggregate``: which events of a row count, and what is said of them."""

import re
from collections.abc import Iterator
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from mlpipe.spec.part import Part
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.duration import Duration

__all__ = ["STATISTICS", "Aggregate", "Statistic", "statistic"]

_ANY = frozenset({"number", "boolean", "date", "string"})
_NUMBERS = frozenset({"number", "boolean"})
STATISTICS: dict[str, frozenset[str]] = {
    "count": _ANY,
    "sum": _NUMBERS,
    "mean": _NUMBERS,
    "std": _NUMBERS,
    "min": _NUMBERS | {"date"},
    "max": _NUMBERS | {"date"},
    "last": _ANY,
    "distinct": _ANY,
    "since_last": frozenset(),
}
"""Each statistic, and what its column may hold; `since_last` takes none."""

_SHAPE = re.compile(r"([a-z_]+)(?:\((.+)\))?")
_ALONE = ("count", "since_last")

Name = Annotated[str, Field(min_length=1)]


class Statistic(NamedTuple):
    """What is said of events: the statistic, and the column that it is of."""

    does: str
    column: str | None


def statistic(text: str) -> Statistic:
    """Read ``count``, ``since_last`` or ``sum(amount)``.

    Raises
    ------
    ValueError
        If the statistic is not known, or its column is missing or too much.

    >>> statistic("sum(amount)")
    Statistic(does='sum', column='amount')
    """
    shape = _SHAPE.fullmatch(text)
    does, column = shape.groups() if shape else (text, None)
    if does not in STATISTICS:
        raise ValueError(f"'{does}' is not a statistic; they are {', '.join(STATISTICS)}")
    if column is None and does not in _ALONE:
        raise ValueError(f"'{does}' is of a column: {does}(amount)")
    if column is not None and not STATISTICS[does]:
        raise ValueError(f"'{does}' takes no column")
    return Statistic(does, column and column.strip())


def _checked(text: str) -> str:
    try:
        statistic(text)
    except ValueError as error:
        hint = did_you_mean(text.partition("(")[0], STATISTICS) or "for example count, sum(amount)"
        raise PydanticCustomError(
            "statistic", "{message}", {"message": str(error), "hint": hint}
        ) from error
    return text


class Aggregate(Part):
    """Statistics of the events of a related source that lie before the time of the row."""

    model_config = ConfigDict(serialize_by_alias=True)

    source: Annotated[Name, Field(alias="from")]
    """A source of `ingest.sources`: one row an event."""
    by: Name | Annotated[tuple[Name, ...], Field(min_length=1)]
    """Columns of the table and of the source: events that agree in them belong to the row."""
    time: Name
    """The column of the source that says when an event was known."""
    windows: Annotated[tuple[Duration, ...], Field(min_length=1)] | None = None
    """How far back events count: [30d, 90d]; all that are earlier where left out."""
    values: Annotated[dict[Name, Annotated[str, AfterValidator(_checked)]], Field(min_length=1)]
    """Statistics by name: {n: count, total: sum(amount)}."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of ``by`` as a tuple."""
        return (self.by,) if isinstance(self.by, str) else self.by

    def columns(self) -> Iterator[tuple[str, str, str | None, Statistic]]:
        """Yield each column that it makes: its name, its value, its window and its statistic.

        Of the value ``n`` of events within ``30d`` it is ``events_n_30d``, of all before it
        ``events_n``. Their order in the file does not count.
        """
        for window in dict.fromkeys(self.windows or (None,)):
            for value, text in sorted(self.values.items()):
                parts = (self.source, value, *((window,) if window else ()))
                yield "_".join(parts), value, window, statistic(text)

    def reads(self) -> dict[str, tuple[str | int, ...]]:
        """Return the columns that it reads of the source, and where each is named first."""
        by: list[tuple[str, tuple[str | int, ...]]] = (
            [(self.by, ("by",))]
            if isinstance(self.by, str)
            else [(name, ("by", at)) for at, name in enumerate(self.by)]
        )
        found = dict([*by[::-1], (self.time, ("time",))])
        for value, text in self.values.items():
            column = statistic(text).column
            if column is not None:
                found.setdefault(column, ("values", value))
        return found
