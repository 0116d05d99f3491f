"""Whether the candidates suit each other and the rows, before anything is fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.train.models.ensembles import Ensemble, Stacking, Voting
from mlpipe.train.models.model import Model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlpipe.train.models import AnyModel
    from mlpipe.train.rows import Rows

__all__ = ["require_probabilities", "require_valid"]


def require_probabilities(
    models: Mapping[str, AnyModel], task: str, calibrate: str, seed: int
) -> None:
    """Refuse a classifier without probabilities, unless a calibration can make them.

    Raises
    ------
    SpecError
        With every such candidate, and every vote that would take the mean of margins.
    """
    if task == "regression":
        return
    bare = {name for name, model in models.items() if not _speaks(model, task, seed)}
    problems = list(_of_votes(models, bare))
    if calibrate == "none":
        problems += _alone(models, bare)
    if problems:
        raise SpecError(*problems)


def require_valid(models: Mapping[str, AnyModel], rows: Rows) -> None:
    """Refuse models that stop by the valid part where there is none.

    Raises
    ------
    SpecError
        With every such candidate.
    """
    stopping = [
        name
        for name, model in models.items()
        if isinstance(model, Model) and model.patience is not None
    ]
    if stopping and not len(rows.valid):
        hint = "split: {valid: 0.15}"
        raise SpecError(
            *(
                Problem(
                    f"{name} stops by the valid part, and there is none",
                    key=f"train.models.{name}.early_stopping",
                    hint=hint,
                )
                for name in stopping
            )
        )


def _speaks(model: Any, task: str, seed: int) -> bool:
    """Whether a candidate gives probabilities: what is made of others, where its last model does.

    What a vote lacks is told of its members.
    """
    if isinstance(model, Stacking):
        model = model.last(task)
    elif isinstance(model, Ensemble):
        return True
    return hasattr(model.build(task, seed), "predict_proba")


def _alone(models: Mapping[str, Any], bare: set[str]) -> Iterator[Problem]:
    for name, model in models.items():
        if name in bare:
            yield Problem(
                f"{name} ({model.type}) gives no probabilities",
                key=f"train.models.{name}",
                hint="train: {calibrate: sigmoid} makes probabilities of scores",
            )


def _of_votes(models: Mapping[str, Any], bare: set[str]) -> Iterator[Problem]:
    for name, model in models.items():
        for at, member in enumerate(model.of) if isinstance(model, Voting) else ():
            if member in bare:
                yield Problem(
                    f"{name} takes the mean of probabilities, and {member} gives none",
                    key=f"train.models.{name}.of.{at}",
                    hint="stacking takes any scores",
                )
