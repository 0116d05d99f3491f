"""The words that look at earlier rows of the same entity.

Rows are ordered by ``columns.time``, and by position where times are equal. A whole number
counts rows, a duration spans time. A window never holds the row itself: ``rolling: 3`` is the
three rows before it, ``rolling: 90d`` the rows whose time lies in the 90 days before its own,
rows of the same time left out, ``expanding`` all rows before it. Of the target only what is
known then counts: with a ``horizon`` declared, values at least that much older than the row.
"""

from abc import abstractmethod
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from mlpipe.features.plan import LookBackColumn
from mlpipe.spec.part import Word
from mlpipe.table.duration import Duration

__all__ = [
    "STATISTICS",
    "Change",
    "Difference",
    "Expanding",
    "Lag",
    "LookBack",
    "Rolling",
    "SinceLast",
]

Rows = Annotated[int, Field(ge=1, le=100_000)]
Statistic = Literal["mean", "max", "min", "sum", "std", "count", "median", "first", "last"]
OfAll = Literal["mean", "max", "min", "sum", "std", "count", "first"]
"""Of all earlier rows: what can be kept up without keeping the rows, which a median cannot."""
STATISTICS: tuple[str, ...] = get_args(Statistic)


class LookBack(Word):
    """A step that makes columns out of earlier rows; it is not fitted."""

    takes: ClassVar[frozenset[str]]

    @abstractmethod
    def columns(self, column: str, kind: str, horizon: str | None) -> list[LookBackColumn]:
        """Return the columns that it makes of ``column``; ``horizon`` only for the target."""

    def current(self) -> bool:
        """Whether it reads the row itself: then it cannot be of the target."""
        return False


class Lag(LookBack):
    """The value some rows earlier, or the last one at least so long ago."""

    word: ClassVar[str] = "lag"
    main: ClassVar[str | None] = "by"
    takes: ClassVar[frozenset[str]] = frozenset({"number", "boolean", "category", "date"})

    by: Rows | Duration | Annotated[tuple[Rows | Duration, ...], Field(min_length=1)] = 1
    """How many rows back, or how long: 1, 7d, [1, 3]."""

    def columns(self, column: str, kind: str, horizon: str | None) -> list[LookBackColumn]:
        """Return one column for each distance."""
        return [_column("lag", column, by, horizon, kind) for by in _all(self.by)]


class Difference(LookBack):
    """The value less the one some rows earlier, or the last one at least so long ago."""

    word: ClassVar[str] = "difference"
    main: ClassVar[str | None] = "by"
    takes: ClassVar[frozenset[str]] = frozenset({"number"})

    by: Rows | Duration | Annotated[tuple[Rows | Duration, ...], Field(min_length=1)] = 1
    """How many rows back, or how long: 1, 7d, [1, 3]."""

    def columns(self, column: str, kind: str, horizon: str | None) -> list[LookBackColumn]:
        """Return one column for each distance."""
        return [_column(self.word, column, by, horizon, kind) for by in _all(self.by)]

    def current(self) -> bool:
        """Whether it reads the row itself: yes."""
        return True


class Change(Difference):
    """The difference as a share of the earlier value; nothing where that is 0."""

    word: ClassVar[str] = "change"


class SinceLast(LookBack):
    """Days since the last earlier row of the entity that has a value of the column."""

    word: ClassVar[str] = "since_last"
    takes: ClassVar[frozenset[str]] = frozenset({"number", "boolean", "category", "text", "date"})

    def columns(self, column: str, kind: str, horizon: str | None) -> list[LookBackColumn]:
        """Return the one column."""
        made = _column(self.word, column, None, horizon, "number")
        return [{**made, "of": kind}]


class Rolling(LookBack):
    """Statistics of the values in windows that end before the row."""

    word: ClassVar[str] = "rolling"
    main: ClassVar[str | None] = "windows"
    takes: ClassVar[frozenset[str]] = frozenset({"number", "boolean"})

    windows: Rows | Duration | Annotated[tuple[Rows | Duration, ...], Field(min_length=1)]
    """How many rows, or how long: 3, 90d, [3, 90d]."""
    statistics: Annotated[tuple[Statistic, ...], Field(min_length=1)] = ("mean",)
    """What is taken of each window."""

    def columns(self, column: str, kind: str, horizon: str | None) -> list[LookBackColumn]:  # noqa: ARG002
        """Return one column for each window and statistic."""
        return [
            _column(statistic, column, window, horizon, "number")
            for window in _all(self.windows)
            for statistic in dict.fromkeys(self.statistics)
        ]


class Expanding(LookBack):
    """Statistics of all earlier rows of the entity."""

    word: ClassVar[str] = "expanding"
    main: ClassVar[str | None] = "statistics"
    takes: ClassVar[frozenset[str]] = frozenset({"number", "boolean"})

    statistics: OfAll | Annotated[tuple[OfAll, ...], Field(min_length=1)] = ("mean",)
    """What is taken of them."""

    def columns(self, column: str, kind: str, horizon: str | None) -> list[LookBackColumn]:  # noqa: ARG002
        """Return one column for each statistic."""
        return [
            _column(statistic, column, None, horizon, "number")
            for statistic in _all(self.statistics)
        ]


def _all(given: Any) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(given)) if isinstance(given, tuple) else (given,)


def _column(
    does: str, column: str, back: int | str | None, horizon: str | None, kind: str
) -> LookBackColumn:
    """Name a column; one that looks at all earlier rows tells no distance."""
    far = does if does == "since_last" else f"{does}_{'all' if back is None else back}"
    return LookBackColumn(
        name=f"{column}_{far}",
        column=column,
        does=does,
        rows=back if isinstance(back, int) else None,
        span=back if isinstance(back, str) else None,
        known_after=horizon,
        kind=kind,
    )
