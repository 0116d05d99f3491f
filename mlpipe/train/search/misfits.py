"""What of ``train.search`` does not fit the candidates: names, values, and the size of it."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from mlpipe.errors import SpecError
from mlpipe.spec.suggest import did_you_mean
from mlpipe.train.models import AnyModel, with_parameters
from mlpipe.train.search.domain import AnyDomain
from mlpipe.train.search.halving import ITERATIONS, iterations
from mlpipe.train.search.sampling import points, wanted
from mlpipe.train.search.spec import MOST_POINTS, Search
from mlpipe.train.search.tpe import INSTALL, is_missing

__all__ = ["misfits"]

Misfit: TypeAlias = tuple[tuple[str | int, ...], str, str]


def misfits(spec: Search, models: Mapping[str, AnyModel], task: str) -> Iterator[Misfit]:
    """Yield ``(place, message, hint)`` for all that the candidates do not bear out.

    Parameters
    ----------
    spec : Search
    models : mapping of str to Model
        The candidates of the task.
    task : str

    Yields
    ------
    tuple
        The place is the path of keys below ``train.search``.
    """
    if spec.method == "optuna" and is_missing():
        yield ("method",), "method: optuna needs the extra `tune`", INSTALL
    found = [
        (("space", key), message, hint)
        for key, domain in spec.space.items()
        for message, hint in _space(spec, key, domain, models, task)
    ]
    yield from found
    if not found:
        yield from _size(spec, models)


def _space(
    spec: Search, key: str, domain: AnyDomain, models: Mapping[str, AnyModel], task: str
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with one parameter: ``(message, hint)``."""
    name, dot, parameter = key.partition(".")
    if name not in models:
        known = f"the candidates are: {', '.join(models)}"
        yield f"there is no candidate '{name}'", did_you_mean(name, models) or known
        return
    if not dot or not parameter:
        yield f"name a parameter of {name}: {name}.PARAMETER", f"e.g. {name}.{_first(models[name])}"
        return
    if parameter == "type":
        yield "the type of a candidate cannot be searched", "declare a candidate for each type"
        return
    refused = list(_refused(parameter, domain, models[name], task))
    yield from refused
    if not refused and spec.method == "grid" and domain.grid() is None:
        yield f"a grid cannot count the values of {domain.word}", f"{key}: [0.01, 0.1]"
    if not refused and spec.method == "halving" and spec.resource == "iterations":
        yield from _resource(parameter, models[name])


def _first(model: AnyModel) -> str:
    return next((name for name in type(model).model_fields if name != "type"), "PARAMETER")


def _refused(
    parameter: str, domain: AnyDomain, model: AnyModel, task: str
) -> Iterator[tuple[str, str]]:
    """Yield what the model's own part says of the ends of a domain: those it does not take."""
    told: dict[str, tuple[Any, str]] = {}
    for value in domain.ends():
        try:
            with_parameters(model, {parameter: value}, task=task)
        except SpecError as error:
            first = error.problems[0]  # a union has an error for each of its members
            told.setdefault(first.message, (value, first.hint))
    known = [name for name in type(model).model_fields if name != "type"]
    for message, (value, hint) in told.items():
        if "has no parameter" in message:
            yield message, hint or did_you_mean(parameter, known) or f"it has: {', '.join(known)}"
        else:
            yield f"reaches {_shown(value)}, which {model.type} refuses: {message}", hint


def _shown(value: Any) -> str:
    from mlpipe.spec.dump import flow

    return flow(value)


def _resource(parameter: str, model: AnyModel) -> Iterator[tuple[str, str]]:
    found = iterations(model)
    if found is None:
        message = f"{model.type} has no boosting iterations to halve"
        yield message, "resource: rows halves the rows to fit on"
    elif parameter in ITERATIONS:
        yield f"{parameter} is the resource, and cannot be searched as well", "resource: rows"


def _size(spec: Search, models: Mapping[str, AnyModel]) -> Iterator[Misfit]:
    names = list(models)
    if spec.method == "grid" and spec.trials is None:
        count = sum(points(spec, name) for name in spec.searched(names))
        if count > MOST_POINTS:
            what = f"the grid has {count:,} points"
            yield ("space",), what, "trials: N takes the first N of them, method: random draws some"
    elif wanted(spec, names) <= len(names):
        what = f"{spec.trials} trials leave none to search with: the candidates as they are written"
        yield ("trials",), f"{what} take {len(names)}", f"trials: {len(names) + 10}"
