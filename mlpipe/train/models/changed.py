"""A model with other parameters, checked as if the spec had written them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mlpipe.errors import Problem, SpecError
from mlpipe.spec.part import frozen
from mlpipe.train.models.written import AnyModel

__all__ = ["with_parameters"]

_LABELS = ("single", "named", "imported", "[key]")
"""What pydantic puts into a place that is no key of the YAML."""


def with_parameters(
    model: AnyModel, values: Mapping[str, Any], *, task: str | None = None, key: str = ""
) -> AnyModel:
    """Return the model with some parameters replaced.

    Parameters
    ----------
    model : Model
        Not changed.
    values : mapping
        Parameters by name: ``{"learning_rate": 0.1}``.
    task : {"binary", "multiclass", "regression"}, optional
        With a task, values that only the class of that task can judge are judged too.
    key : str
        What the problems stand under: ``train.models.boosted``.

    Raises
    ------
    SpecError
        With each parameter that the model does not have, or whose value it refuses.
    """
    written = {**model.model_dump(mode="json", exclude_unset=True), "type": model.type, **values}
    try:
        changed: AnyModel = TypeAdapter(AnyModel).validate_python(frozen(written))
    except ValidationError as error:
        raise SpecError(*_problems(error, model, key)) from None
    refused = [
        Problem(message, key=_dotted(key, path), hint=hint)
        for path, message, hint in (changed.refusals(task) if task else ())
    ]
    if refused:
        raise SpecError(*refused)
    return changed


def _problems(error: ValidationError, model: AnyModel, key: str) -> Iterator[Problem]:
    for each in error.errors(include_url=False):
        path = [part for part in each["loc"] if part not in (model.type, *_LABELS)]
        message = each["msg"]
        if each["type"] == "extra_forbidden":
            message = f"{model.type} has no parameter '{path[-1]}'"
        hint = str(each.get("ctx", {}).get("hint", ""))
        yield Problem(message, key=_dotted(key, path), hint=hint)


def _dotted(key: str, path: Iterable[str | int]) -> str:
    return ".".join([*([key] if key else []), *map(str, path)])
