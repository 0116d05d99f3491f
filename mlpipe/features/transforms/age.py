"""``age``: how long ago a date was, counted to another column or to a fixed date."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.features.transform import Transform

__all__ = ["Age"]


def _moment(written: str) -> str:
    try:
        zoned = datetime.fromisoformat(written).tzinfo is not None
    except ValueError:
        zoned = True
    if zoned:
        raise PydanticCustomError(
            "date",
            "expected a date or a moment without a zone, such as 2026-05-01, not '{written}'",
            {"written": written, "hint": 'age: {date: "2026-05-01"}'},
        )
    return written


class Age(Transform):
    """Count the time from a date to the row's own moment; missing where either is missing.

    It never asks the clock: the row's moment is a column of the row, so that a row has the same
    age whenever it is computed.
    """

    word: ClassVar[str] = "age"
    main: ClassVar[str | None] = "at"
    takes: ClassVar[frozenset[str]] = frozenset({"date"})

    at: Annotated[str, Field(min_length=1)] | None = None
    """The column of dates to count to; columns.time by default."""
    date: Annotated[str, AfterValidator(_moment)] | None = None
    """A fixed date to count to instead."""
    unit: Literal["days", "months", "years"] = "days"
    """Days with their fractions; a year is 365.2425 days, a month a twelfth of it."""

    @model_validator(mode="after")
    def _one_reference(self) -> Self:
        if self.at is not None and self.date is not None:
            raise PydanticCustomError(
                "age", "give either `at` or `date`", {"hint": "age: {at: month}"}
            )
        return self

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return an `Elapsed`."""
        from mlpipe.features.estimators.age import Elapsed

        return Elapsed(at=self.at, date=self.date, unit=self.unit)

    def per_column(self) -> bool:
        """Whether each column stands beside the one that it is counted to: yes."""
        return True

    def beside(self) -> tuple[str, ...]:
        """Return the column that it counts to."""
        return () if self.at is None else (self.at,)

    def settled(self, time: str | None) -> Self:
        """Return the word with the column of time where it names no other."""
        if self.at is None and self.date is None and time is not None:
            return self.model_copy(update={"at": time})
        return self
