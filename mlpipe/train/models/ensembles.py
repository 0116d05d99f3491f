"""Candidates that are made of other candidates: voting, and stacking."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from mlpipe.spec.suggest import did_you_mean
from mlpipe.train.models.linear import LogisticRegression, Ridge
from mlpipe.train.models.model import Candidate, Family, Model, NotNegative, Refusal
from mlpipe.train.models.single import SingleModel

__all__ = ["Ensemble", "Stacking", "Voting", "misnamed"]


def _different(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if names.count(name) > 1:
            what = "'{name}' is named more than once"
            hint = "voting has weights: {of: [a, b], weights: [2, 1]}"
            raise PydanticCustomError("member_twice", what, {"name": name, "hint": hint})
    return names


Members = Annotated[tuple[str, ...], Field(min_length=2), AfterValidator(_different)]


class Ensemble(Candidate):
    """Several candidates as one; each keeps its own features."""

    kin: ClassVar[Family] = "other"

    of: Members
    """The names of its members: other candidates."""


class Voting(Ensemble):
    """The mean of what the members say: of probabilities for classes, of values for regression."""

    type: Literal["voting"] = "voting"
    """The word for this model."""
    weights: Annotated[tuple[NotNegative, ...], Field(min_length=2)] | None = None
    """How much each member counts, in their order; left out, all the same."""

    @field_validator("weights")
    @classmethod
    def _one_each(
        cls, weights: tuple[float, ...] | None, info: ValidationInfo
    ) -> tuple[float, ...] | None:
        members = info.data.get("of")
        if weights is None or members is None:
            return weights
        if len(weights) != len(members):
            raise PydanticCustomError(
                "vote_weights",
                "there are {members} members and {weights} weights",
                {"members": len(members), "weights": len(weights), "hint": "one weight each"},
            )
        if not sum(weights) > 0:
            raise PydanticCustomError("vote_weights", "all weights are 0", {"hint": ""})
        return weights


class Stacking(Ensemble):
    """A last model learns how much to believe each member, from what they say of unseen rows."""

    type: Literal["stacking"] = "stacking"
    """The word for this model."""
    final: SingleModel | None = None
    """The last model; left out, logistic_regression, or ridge for regression."""
    folds: Annotated[int, Field(ge=2, le=50)] = 5
    """Over so many folds of the rows it is fitted on, at most; of the kind that split says."""

    def last(self, task: str) -> Model:
        """Return the model that learns from what the members say."""
        if self.final is not None:
            return self.final
        return Ridge() if task == "regression" else LogisticRegression()

    def refusals(self, task: str) -> Iterator[Refusal]:
        """Yield what the last model is refused for."""
        last = self.last(task)
        if task not in last.tasks:
            what = f"{last.type} does {' and '.join(last.tasks)}, not {task}"  # type: ignore[attr-defined]
            yield ("final",), what, "ridge" if task == "regression" else "logistic_regression"
            return
        for path, message, hint in last.refusals(task):
            yield ("final", *path), message, hint
        if last.patience is not None:
            what = "the last model cannot stop early: it sees what the members say, not valid"
            yield ("final", "early_stopping"), what, "leave it out"
        if getattr(last, "monotonic", None):
            what = "the last model sees no columns, only what the members say"
            yield ("final", "monotonic"), what, "leave it out"


def misnamed(models: Mapping[str, Candidate]) -> Iterator[Refusal]:
    """Yield every member that is no candidate, and every circle; paths begin with the name."""
    for name, model in models.items():
        if not isinstance(model, Ensemble):
            continue
        others = [each for each in models if each != name]
        for at, member in enumerate(model.of):
            if member not in models:
                hint = did_you_mean(member, others) or f"there are: {', '.join(others)}"
                yield (name, "of", at), f"there is no model '{member}'", hint
            elif circle := _circle(models, member, (name,)):
                words = " → ".join(circle)
                yield (name, "of", at), f"'{name}' would be made of itself: {words}", ""


def _circle(
    models: Mapping[str, Candidate], name: str, before: tuple[str, ...]
) -> tuple[str, ...] | None:
    """Return the way back to the first name, where there is one."""
    if name == before[0]:
        return (*before, name)
    model = models.get(name)
    if name in before or not isinstance(model, Ensemble):
        return None
    ways = (_circle(models, member, (*before, name)) for member in model.of)
    return next((way for way in ways if way), None)
