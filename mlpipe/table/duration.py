"""Spans of time as the spec writes them: ``30d``, ``12h``, ``90m``, ``2w``."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

__all__ = ["Duration", "parse"]

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_SHAPE = re.compile(r"([0-9]{1,9})([wdhms])")
_LONGEST = timedelta(days=200 * 366)


def parse(text: str) -> timedelta:
    """Return the span that a word such as ``30d`` means.

    Raises
    ------
    ValueError
        If the text is not a whole number with one of the units w, d, h, m, s,
        or is longer than 200 years.

    >>> parse("90m")
    datetime.timedelta(seconds=5400)
    """
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise ValueError(f"'{text}' is not a duration; write a number and w, d, h, m or s: 30d")
    try:
        span = timedelta(**{_UNITS[shape[2]]: int(shape[1])})
    except OverflowError:
        span = timedelta.max
    if span > _LONGEST:
        raise ValueError(f"'{text}' is longer than 200 years")
    return span


def _checked(text: str) -> str:
    try:
        parse(text)
    except ValueError as error:
        raise PydanticCustomError(
            "duration", "{message}", {"message": str(error), "hint": "for example 30d, 12h, 90m"}
        ) from error
    return text


Duration = Annotated[str, AfterValidator(_checked)]
"""A duration word of the spec, checked by `parse` and kept as it was written."""
