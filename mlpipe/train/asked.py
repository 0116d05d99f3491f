"""What is told of the chosen model where the spec asks: its learning curve, its importance."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from mlpipe.spec.part import Part

__all__ = ["Curve", "Permutations"]

Share = Annotated[float, Field(gt=0, le=1)]


def _growing(shares: tuple[float, ...]) -> tuple[float, ...]:
    if list(shares) != sorted(set(shares)):
        raise PydanticCustomError(
            "shares", "the shares grow, each more than the one before", {"hint": "[0.1, 0.3, 1.0]"}
        )
    return shares


class Curve(Part):
    """The chosen model fitted on growing shares of the rows of each fold."""

    shares: Annotated[tuple[Share, ...], Field(min_length=2), AfterValidator(_growing)] = (
        0.1, 0.25, 0.5, 0.75, 1.0,
    )  # fmt: skip
    """Of the rows that each fold fits on."""


class Permutations(Part):
    """How the importance of columns is measured."""

    rows: Annotated[int, Field(ge=10)] = 1000
    """At most so many rows are taken, at random."""
    repeats: Annotated[int, Field(ge=1, le=100)] = 3
    """How often each column is shuffled; the spread is that of the repeats."""


CurveAsked = Curve | bool
PermutationsAsked = Permutations | Literal[False]
