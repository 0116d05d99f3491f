"""The `fairness` section of `evaluate`."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from mlpipe.evaluate.measure import FEWEST_POSITIVES, FEWEST_ROWS
from mlpipe.evaluate.slices.cut import Axes, Axis, Cut, Name, axes_of, column_of
from mlpipe.metrics.fairness import DisparityName
from mlpipe.spec.names import once
from mlpipe.spec.part import Part

__all__ = ["Fairness"]

Count = Annotated[int, Field(ge=1)]


class Fairness(Part):
    """How the model treats groups of people."""

    metrics: (
        Annotated[tuple[DisparityName, ...], Field(min_length=1), AfterValidator(once)] | None
    ) = None
    """The differences and ratios to report; left out, all that the task has."""
    across: Name | Cut | tuple[Axes, ...] | None = None
    """The columns whose values are the groups, alone or crossed; else columns.sensitive."""
    intersections: bool = False
    """Whether every two of the columns are crossed too."""
    positive: str | int | float | bool | None = None
    """Of many classes, the one that is looked at as chosen or not."""
    min_rows: Count = FEWEST_ROWS
    """A group of fewer rows is shown and not compared."""
    min_positives: Count = FEWEST_POSITIVES
    """A group of fewer positives is shown and not compared."""

    @model_validator(mode="after")
    def _no_column_with_itself(self) -> Self:
        for each in self.groups or ():
            axes_of(each)
        return self

    @property
    def groups(self) -> tuple[tuple[Axis, ...], ...] | None:
        """What is compared, each as a tuple of columns; None where columns.sensitive says it."""
        if self.across is None:
            return None
        across = self.across if isinstance(self.across, tuple) else (self.across,)
        return tuple(each if isinstance(each, tuple) else (each,) for each in across)

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The columns that are read; None where the spec leaves them to columns.sensitive."""
        if self.groups is None:
            return None
        return tuple(dict.fromkeys(column_of(axis) for each in self.groups for axis in each))
