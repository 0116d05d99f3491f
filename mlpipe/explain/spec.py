"""What is explained of the chosen model: `explain` under `evaluate`."""

from typing import Annotated

from pydantic import Field

from mlpipe.spec.part import Part

__all__ = ["Explain", "ExplainAsked", "asked"]


class Explain(Part):
    """What the model uses, on held-out rows: importance, curves, and its worst mistakes."""

    rows: Annotated[int, Field(ge=10)] = 2000
    """At most so many rows are shuffled, taken at random; of wide tables fewer."""
    repeats: Annotated[int, Field(ge=1, le=100)] = 5
    """How often each column is shuffled; the interval is that of the repeats."""
    curves: Annotated[int, Field(ge=0, le=20)] = 6
    """Of so many columns, the most important first, the report shows how predictions follow."""
    worst: Annotated[int, Field(ge=0, le=20)] = 20
    """So many of the worst rows are listed, with the file and line that they came from."""
    reasons: bool = True
    """Say of each of the worst rows which columns made its prediction."""


ExplainAsked = Explain | bool


def asked(value: ExplainAsked) -> Explain | None:
    """Return what is to be explained; None where nothing is."""
    if isinstance(value, Explain):
        return value
    return Explain() if value else None
