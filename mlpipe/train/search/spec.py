"""The ``train.search`` section: how parameters are searched, how often, and among which values."""

from collections.abc import Iterable
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.spec.part import Part
from mlpipe.train.search.domain import AnyDomain

__all__ = ["MOST_POINTS", "Method", "Search"]

Method: TypeAlias = Literal["grid", "random", "halving", "optuna"]

MOST_POINTS = 1_000
"""So many points of a grid are tried without `trials` having to say so."""

OWN = {"factor": ("halving",), "resource": ("halving",), "batch": ("optuna",)}
"""The keys that only some methods have."""


class Search(Part):
    """Parameters that are searched, beside those that `models` gives."""

    method: Method = "random"
    """`grid` tries all points in order, `random` draws them, `halving` draws them and drops the
    worse ones on a part of the rows, `optuna` proposes them by what was good so far (TPE)."""
    trials: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """How many trials there are, of all candidates together; 40 where left out, or the whole
    grid. The parameters that `models` gives are the first trial of each candidate."""
    space: Annotated[dict[str, AnyDomain], Field(min_length=1)]
    """The values by `candidate.parameter`: a list, or uniform, log_uniform or integers."""
    factor: Annotated[int, Field(ge=2, le=100)] | None = None
    """Of halving: one in so many trials goes on to the next rung, with as many times the
    resource; 3 where left out."""
    resource: Literal["rows", "iterations"] | None = None
    """Of halving: what there is little of on the first rungs, rows to fit on (where left out) or
    boosting iterations."""
    batch: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Of optuna: how many trials are proposed at once, and so can be fitted side by side; 4 where
    left out. It is part of the result, whatever the number of processes."""

    @model_validator(mode="after")
    def _keys_of_the_method(self) -> Self:
        for name, methods in OWN.items():
            if getattr(self, name) is not None and self.method not in methods:
                raise PydanticCustomError(
                    "other_method",
                    "`{name}` is for method: {owner}, and this is {method}",
                    {
                        "name": name,
                        "owner": methods[0],
                        "method": self.method,
                        "hint": f"leave {name} out",
                    },
                )
        return self

    def domains(self, candidate: str) -> dict[str, AnyDomain]:
        """Return the domain of each searched parameter of a candidate, by its name, sorted."""
        mine = {key.partition(".")[2]: domain for key, domain in self.space.items()
                if key.partition(".")[0] == candidate}  # fmt: skip
        return dict(sorted(mine.items()))

    def searched(self, candidates: Iterable[str]) -> tuple[str, ...]:
        """Return the candidates that have a space, in their own order."""
        return tuple(name for name in candidates if self.domains(name))
