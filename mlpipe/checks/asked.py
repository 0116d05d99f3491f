"""What every check may be given beside its own parameters, and the bounds that several take."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.checks.expression import parse
from mlpipe.spec.part import Part

__all__ = ["Asked", "Bound", "Day", "Mostly", "Range", "Severity", "in_order", "in_reach"]

Severity = Literal["warn", "error"]
Bound = int | float | str
Mostly = Annotated[float, Field(gt=0, le=1)]

_SHOWN = 60
"""Characters of a text that is refused."""


FIRST_YEAR, LAST_YEAR = 1900, 2999
"""Years that a day may be of: what is counted from it stays within what a date can hold."""


def _day(text: str) -> str:
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.tzinfo is not None:
        what = {"text": text[:_SHOWN], "hint": 'for example "2026-06-01"'}
        raise PydanticCustomError("check_day", "'{text}' is not a day", what)
    in_reach(day)
    return text


def in_reach(day: datetime) -> None:
    """Refuse a day of which years cannot be counted.

    >>> in_reach(datetime(9999, 12, 31))
    Traceback (most recent call last):
    pydantic_core._pydantic_core.PydanticCustomError: expected a day from 1900 to 2999
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        years = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise PydanticCustomError("far_day", "expected a day from {first} to {last}", years)


Day = Annotated[str, AfterValidator(_day)]
"""A day, or a moment of it, in UTC."""


def in_order(low: str, least: Bound | None, high: str, most: Bound | None) -> None:
    """Refuse bounds that leave no value, or that are not of one kind."""
    if least is None or most is None:
        return
    if isinstance(least, str) is not isinstance(most, str) or least > most:  # type: ignore[operator]
        raise PydanticCustomError(
            "check_bounds",
            "{low} ({least}) and {high} ({most}) leave no value",
            {"low": low, "least": least, "high": high, "most": most, "hint": ""},
        )


class Range(Part):
    """A least and a most value; one of them may be left out."""

    min: Bound | None = None
    """Smallest value allowed; a date is written as text, "2026-01-31"."""
    max: Bound | None = None
    """Largest value allowed."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.min is None and self.max is None:
            raise PydanticCustomError(
                "check_range", "needs a min or a max", {"hint": "for example {min: 0, max: 1}"}
            )
        in_order("min", self.min, "max", self.max)
        return self


class Asked(Part):
    """What every check may be given beside its own parameters."""

    severity: Severity = "error"
    """Whether a failure is an error (exit code 1) or a warning."""
    when: str | None = None
    """A condition in SQL; only the rows that meet it count."""
    message: str | None = None
    """Said when the check fails; {column}, {failing}, {rows}, {share}, {observed}, {expected}."""

    @field_validator("when")
    @classmethod
    def _when_is_a_condition(cls, when: str | None) -> str | None:
        if when is not None:
            parse(when)
        return when
