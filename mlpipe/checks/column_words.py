"""What may be asked of one column: the mapping under its name in the spec."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.checks.asked import Asked, Bound, Mostly, Range, in_order
from mlpipe.spec.part import Part

__all__ = ["ColumnChecks", "Drift"]

ColumnType = Literal["integer", "number", "string", "boolean", "date", "timestamp"]
Value = bool | int | float | str
Share = Annotated[float, Field(ge=0, le=1)]


class Drift(Part):
    """The shares that categories had, and how far each may move from there."""

    expected: Annotated[dict[str, Share], Field(min_length=1)]
    """Share of the values by category; those of all others together are the rest."""
    change: Annotated[float, Field(gt=0, lt=1)]
    """How far each share may be from the expected one, up or down."""

    @model_validator(mode="after")
    def _at_most_everything(self) -> Self:
        total = sum(self.expected.values())
        if total > 1 + 1e-9:
            raise PydanticCustomError(
                "check_shares", "the shares add up to {total}, over 1", {"total": f"{total:g}"}
            )
        return self


class ColumnChecks(Asked):
    """What the values of one column must be; nulls count for `nullable` only."""

    model_config = ConfigDict(serialize_by_alias=True)

    type: ColumnType | None = None
    """Type that the ingested column must have (to make it so: `ingest.sources.X.types`)."""
    nullable: bool = True
    """Whether a value may be missing."""
    unique: bool = False
    """Whether each value may appear only once."""
    min: Bound | None = None
    """Smallest value allowed; a date is written as text, "2026-01-31"."""
    max: Bound | None = None
    """Largest value allowed."""
    in_: Annotated[tuple[Value, ...] | None, Field(alias="in", min_length=1)] = None
    """The values allowed."""
    matches: str | None = None
    """Regular expression (RE2) that the whole value must match."""
    min_length: Annotated[int | None, Field(ge=0)] = None
    """Fewest characters allowed."""
    max_length: Annotated[int | None, Field(ge=0)] = None
    """Most characters allowed."""
    mean: Range | None = None
    """Bounds of the mean."""
    quantiles: Annotated[dict[str, Range], Field(min_length=1)] | None = None
    """Bounds of quantiles, by share: {0.5: {max: 30}} bounds the median."""
    distinct: Range | None = None
    """Bounds of the number of different values; a number with a point is a share: 0.9."""
    shares: Annotated[dict[str, Range], Field(min_length=1)] | Drift | None = None
    """Bounds of the share of each category, or {expected: {…}, change: 0.05}."""
    mostly: Mostly = 1.0
    """Share of the rows that must pass each check of single values."""

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        in_order("min", self.min, "max", self.max)
        in_order("min_length", self.min_length, "max_length", self.max_length)
        return self

    @field_validator("quantiles")
    @classmethod
    def _keys_are_shares(cls, value: dict[str, Range] | None) -> dict[str, Range] | None:
        for key in value or ():
            if not _is_share(key):
                raise PydanticCustomError(
                    "check_quantile",
                    "'{key}' is not a share between 0 and 1",
                    {"key": key, "hint": "for example {0.5: {min: 10, max: 30}}"},
                )
        return value

    @field_validator("distinct", "mean", "shares")
    @classmethod
    def _bounds_are_numbers(cls, value: Any) -> Any:
        each = value.values() if isinstance(value, dict) else [value]
        for bounds in each:
            if isinstance(bounds, Range) and _has_text(bounds):
                raise PydanticCustomError(
                    "check_number", "the bounds must be numbers", {"hint": "drop the quotes"}
                )
        return value

    @field_validator("distinct")
    @classmethod
    def _counts_or_shares(cls, value: Range | None) -> Range | None:
        ends = [end for end in (value.min, value.max) if end is not None] if value else []
        if any(isinstance(end, float) and not 0 <= end <= 1 for end in ends):
            raise PydanticCustomError(
                "check_distinct",
                "a share of different values is between 0 and 1",
                {"hint": "write a count without a point: 12"},
            )
        if len({type(end) for end in ends}) > 1:
            raise PydanticCustomError(
                "check_distinct", "min and max are both counts, or both shares (with a point)"
            )
        return value


def _is_share(key: str) -> bool:
    return re.fullmatch(r"0?\.[0-9]{1,9}", key) is not None and float(key) > 0


def _has_text(bounds: Range) -> bool:
    return isinstance(bounds.min, str) or isinstance(bounds.max, str)
