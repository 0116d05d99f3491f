"""The shape of a reference profile: what lacks a part of it is refused by name, never half used."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError

from mlpipe.errors import Problem, SpecError

__all__ = ["refuse_torn"]

HINT = "train the model again: its bundle then holds all of it"


_ENDS = 3
"""Counts of an aspect beyond its edges: one more than these, and the two infinities."""
_OTHERS = 2
"""Counts of values beyond those that are named: other known ones, and those never seen."""


class _Shape(BaseModel):
    """What is read of a part; it may hold more."""

    model_config = ConfigDict(strict=True, extra="ignore")


class _Aspect(_Shape):
    edges: list[FiniteFloat]
    low: FiniteFloat | None
    high: FiniteFloat | None
    scale: int


class _Seen(_Shape):
    present: int
    distinct: int
    singletons: int
    squares: int
    hashes: str | None


class _Bins(_Shape):
    kind: Literal["number", "category", "boolean", "date", "text"]
    aspects: dict[str, _Aspect] | None = None
    values: list[Any] | None = None
    seen: _Seen | None = None

    @property
    def counts(self) -> dict[str, int]:
        """How many counts there are of each aspect; empty where it is not known."""
        if self.aspects is not None:
            return {name: len(each.edges) + _ENDS for name, each in self.aspects.items()}
        if self.values is None or self.seen is None:
            return {}
        return {"value": len(self.values) + _OTHERS}


class _Counted(_Shape):
    counts: dict[str, list[int]]
    nulls: int

    @property
    def lengths(self) -> dict[str, int]:
        """How many counts there are of each aspect."""
        return {name: len(each) for name, each in self.counts.items()}


class _Period(_Shape):
    rows: int
    columns: dict[str, _Counted]


class _Profile(_Period):
    format: Literal[1]
    every: str | None
    bins: dict[str, _Bins]
    chunks: dict[str, _Period]

    def torn(self) -> list[str]:
        """Return where the counts are not those of the bins."""
        wanted = {name: each.counts for name, each in self.bins.items()}
        found = [f"bins.{name}" for name, each in wanted.items() if not each]
        for place, part in {
            "": self,
            **{f"chunks.{k}.": v for k, v in self.chunks.items()},
        }.items():
            found += [
                f"{place}columns.{name}"
                for name, each in wanted.items()
                if name not in part.columns or part.columns[name].lengths != each
            ]
        return found


class _Reference(_Profile):
    predictions: _Profile | None = None
    importance: dict[str, float] | None = None
    quality: dict[str, Any] | None = None
    business: dict[str, Any] | None = None
    fairness: dict[str, Any] | None = None
    unlabelled: dict[str, Any] | None = None


def refuse_torn(profile: dict[str, Any]) -> None:
    """Refuse a profile that lacks a part, as one of an older or a newer mlpipe, or an edited one.

    Raises
    ------
    SpecError
        Naming the parts.
    """
    try:
        found = _Reference.model_validate(profile)
    except ValidationError as error:
        wrong = [".".join(map(str, each["loc"])) for each in error.errors()]
    else:
        said = found.predictions.torn() if found.predictions else []
        wrong = [*found.torn(), *(f"predictions.{each}" for each in said)]
    if wrong:
        more = f" and {len(wrong) - 1:,} more" if len(wrong) > 1 else ""
        what = f"the reference profile of the model cannot be read: {wrong[0]}{more}"
        raise SpecError(Problem(what, "profile.json", "monitor", HINT))
