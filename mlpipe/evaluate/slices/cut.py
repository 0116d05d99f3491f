"""How a column is cut into slices: as the spec says it."""

import itertools
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.spec.part import Part

__all__ = ["Axes", "Axis", "Cut", "Name", "axes_of", "column_of", "label_of"]

Name = Annotated[str, Field(min_length=1)]
Bins = Annotated[int, Field(ge=2, le=50)] | Annotated[tuple[float, ...], Field(min_length=1)]
Calendar: TypeAlias = Literal["year", "quarter", "month", "weekday", "day", "hour"]


class Cut(Part):
    """A column of many values in a few bins."""

    column: Name
    """The column that is cut."""
    bins: Bins | None = None
    """Where numbers are cut, e.g. [30, 50]; or how many bins of about as many train rows each."""
    by: Calendar | None = None
    """The part of the calendar that dates are cut by."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.bins is None) == (self.by is None):
            raise PydanticCustomError(
                "cut",
                "a column is cut by either bins or by",
                {"hint": "e.g. {column: age, bins: [30, 50]} or {column: day, by: month}"},
            )
        edges = self.bins if isinstance(self.bins, tuple) else ()
        if any(left >= right for left, right in itertools.pairwise(edges)):
            raise PydanticCustomError("cut", "bins must rise", {"hint": "e.g. [30, 50]"})
        return self


Axis: TypeAlias = Name | Cut
"""A column by its name, or cut."""
Axes: TypeAlias = Axis | tuple[Axis, ...]
"""One column, or several that are crossed."""


def column_of(axis: Axis) -> str:
    """Return the column that is looked at."""
    return axis if isinstance(axis, str) else axis.column


def label_of(axes: tuple[Axis, ...]) -> str:
    """Write the columns as ``gender × age``."""
    return " × ".join(column_of(axis) for axis in axes)


def axes_of(each: Axes) -> tuple[Axis, ...]:
    """Return one column, or several, as a tuple.

    Raises
    ------
    PydanticCustomError
        A column is crossed with itself, or there is none.
    """
    axes = each if isinstance(each, tuple) else (each,)
    if not axes:
        what = "expected a column, or several to cross; found an empty list"
        raise PydanticCustomError("none", what, {"hint": "e.g. [plan, region]"})
    names = [column_of(axis) for axis in axes]
    for name in names:
        if names.count(name) > 1:
            what = "'{name}' is crossed with itself"
            raise PydanticCustomError("twice", what, {"name": name, "hint": ""})
    return axes
