"""A trial: a candidate with some parameters; and what the folds said of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mlpipe.errors import Problem, SpecError
from mlpipe.train.models import AnyModel, with_parameters

__all__ = ["Trial", "Tried", "defaults", "sampled"]


@dataclass(frozen=True)
class Trial:
    """A candidate with some parameters, to be fitted in every fold.

    Attributes
    ----------
    number : int
        Counts from 0 over the whole search.
    candidate : str
        The name of the model under ``train.models``.
    params : dict
        The searched parameters; empty for the candidate as the spec writes it.
    model : Model
        The candidate with these parameters.
    share : float
        How much of the resource it gets; less than 1 on the first rungs of halving.
    """

    number: int
    candidate: str
    params: Mapping[str, Any]
    model: AnyModel
    share: float = 1.0

    @property
    def key(self) -> str:
        """What its scores follow from, within one search: two trials may be the same."""
        written = self.model.model_dump(mode="json")
        return json.dumps([self.candidate, written, self.share], sort_keys=True)

    def with_share(self, share: float) -> "Trial":
        """Return the same trial with another share of the resource."""
        return replace(self, share=share)


@dataclass(frozen=True)
class Tried:
    """A trial and what the folds said of it.

    Attributes
    ----------
    trial : Trial
    found : dict
        ``mean``, ``std`` and ``folds`` of the metric that chooses.
    warnings : tuple of tuple of str
        What each fit said.
    error : str
        Why it could not be fitted; empty where it could.
    same_as : int or None
        The trial before it that had the very same parameters: it was not fitted again.
    """

    trial: Trial
    found: dict[str, Any]
    warnings: tuple[tuple[str, ...], ...] = ()
    error: str = ""
    same_as: int | None = None

    @property
    def mean(self) -> float | None:
        """The mean of the metric over the folds; None where it is undefined."""
        mean: float | None = self.found["mean"]
        return mean

    def again_as(self, trial: Trial, same_as: int | None) -> "Tried":
        """Return the same result for a trial that is the same."""
        return replace(self, trial=trial, same_as=same_as)

    def to_json(self) -> dict[str, Any]:
        """Return what ``trials.json`` says of it."""
        return {
            "trial": self.trial.number,
            "candidate": self.trial.candidate,
            "params": dict(self.trial.params),
            "share": self.trial.share,
            **self.found,
            "fits": 0 if self.same_as is not None else len(self.found["folds"]),
            "warnings": [list(each) for each in self.warnings],
            "error": self.error,
            "same_as": self.same_as,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any], models: Mapping[str, AnyModel]) -> "Tried":
        """Read back what `to_json` gave, over the same candidates."""
        name, params = document["candidate"], document["params"]
        model = with_parameters(models[name], params) if params else models[name]
        return cls(
            Trial(document["trial"], name, params, model, document["share"]),
            {key: document[key] for key in ("mean", "std", "folds")},
            tuple(tuple(each) for each in document["warnings"]),
            document["error"],
        )


def defaults(models: Mapping[str, AnyModel]) -> list[Trial]:
    """Return the first trials: each candidate as the spec writes it."""
    return [Trial(number, name, {}, model) for number, (name, model) in enumerate(models.items())]


def sampled(
    drawn: Sequence[tuple[str, Mapping[str, Any]]],
    models: Mapping[str, AnyModel],
    first: int,
    task: str,
) -> list[Trial]:
    """Return the trials of drawn parameters, numbered on.

    Raises
    ------
    SpecError
        With every combination that its model refuses.
    """
    made: list[Trial] = []
    problems: list[Problem] = []
    for number, (name, params) in enumerate(drawn, start=first):
        try:
            key = f"train.search.space.{name}"
            model = with_parameters(models[name], params, task=task, key=key)
        except SpecError as error:
            problems.extend(error.problems)
        else:
            made.append(Trial(number, name, params, model))
    if problems:
        raise SpecError(*dict.fromkeys(problems))
    return made
