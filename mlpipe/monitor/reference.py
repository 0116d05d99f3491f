"""The shape of a reference profile: what lacks a part of it is refused by name, never half used."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from mlpipe.errors import Problem, SpecError

__all__ = ["refuse_torn"]

HINT = "train the model again: its bundle then holds all of it"


class _Shape(BaseModel):
    """What is read of a part; it may hold more."""

    model_config = ConfigDict(strict=True, extra="ignore")


class _Bins(_Shape):
    kind: Literal["number", "category", "boolean", "date", "text"]


class _Counted(_Shape):
    counts: dict[str, list[int]]
    nulls: int


class _Period(_Shape):
    rows: int
    columns: dict[str, _Counted]


class _Profile(_Period):
    format: Literal[1]
    every: str | None
    bins: dict[str, _Bins]
    chunks: dict[str, _Period]


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
        wrong = [f"columns.{name}" for name in found.bins if name not in found.columns]
    if wrong:
        more = f" and {len(wrong) - 1:,} more" if len(wrong) > 1 else ""
        what = f"the reference profile of the model cannot be read: {wrong[0]}{more}"
        raise SpecError(Problem(what, "profile.json", "monitor", HINT))
