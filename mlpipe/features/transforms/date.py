"""``date``: what a calendar says about a moment."""

from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from mlpipe.features.transform import Transform

__all__ = ["PARTS", "Date", "DatePart"]

DatePart = Literal[
    "year",
    "quarter",
    "month",
    "week",
    "day",
    "dayofweek",
    "dayofyear",
    "hour",
    "minute",
    "weekend",
    "days",
]
PARTS: tuple[str, ...] = get_args(DatePart)


class Date(Transform):
    """Take parts of a date as numbers; a missing date has missing parts."""

    word: ClassVar[str] = "date"
    main: ClassVar[str | None] = "parts"
    takes: ClassVar[frozenset[str]] = frozenset({"date"})

    parts: Annotated[tuple[DatePart, ...], Field(min_length=1)] = ("year", "month", "dayofweek")
    """Which parts; `days` counts from 1970-01-01, `weekend` is 0 or 1, Monday is 0."""
    cyclic: bool = False
    """Write parts that come round again as sine and cosine, so that December is near January."""

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return a `Calendar`."""
        from mlpipe.features.estimators.calendar import Calendar

        return Calendar(parts=list(self.parts), cyclic=self.cyclic)

    def per_column(self) -> bool:
        """Whether one column becomes many: yes."""
        return True
