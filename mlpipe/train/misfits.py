"""What of the `train` section does not fit the rest of the spec."""

from collections.abc import Collection, Iterator
from typing import TypeAlias

from mlpipe.metrics.scores import METRICS
from mlpipe.spec.suggest import did_you_mean
from mlpipe.train.models import MODELS
from mlpipe.train.models.ensembles import misnamed
from mlpipe.train.models.mitigated import ThresholdOptimizer
from mlpipe.train.models.model import Candidate, Model
from mlpipe.train.search.misfits import misfits as search_misfits
from mlpipe.train.spec import Maximize, Train

__all__ = ["Misfit", "misfits"]

Misfit: TypeAlias = tuple[tuple[str | int, ...], str, str]


def misfits(spec: Train, task: str, business: Collection[str] = ()) -> Iterator[Misfit]:
    """Yield ``(place, message, hint)`` for all that contradicts the task.

    Parameters
    ----------
    spec : Train
    task : str
    business : collection of str
        The names under ``evaluate.business``, which ``decide`` may maximize.

    Yields
    ------
    tuple
        The place is the path of keys below ``train``.
    """
    for name, model in spec.models.items():
        if task not in model.tasks:
            does = " and ".join(model.tasks) or "no task of ours"
            yield ("models", name, "type"), f"{model.type} does {does}, not {task}", _instead(task)
            continue
        for at, message, hint in model.refusals(task):
            yield ("models", name, *at), message, hint
        yield from _stopping(spec, name, model)
    for at, message, hint in misnamed(spec.models):
        yield ("models", *at), message, hint
    if spec.target is not None and task != "regression":
        yield ("target",), f"target is for regression, not {task}", "leave it out"
    yield from _search(spec, task)
    if spec.select is not None:
        yield from _select(spec.select, task)
    if spec.calibrate != "none" and task == "regression":
        yield ("calibrate",), "regression has no probabilities to calibrate", "leave it out"
    yield from _by_group(spec)
    yield from _decide(spec, task, business)


def _by_group(spec: Train) -> Iterator[Misfit]:
    """Scores that decide by group are no probabilities, and calibration would part them anew."""
    for name, model in spec.models.items():
        if isinstance(model, ThresholdOptimizer) and spec.calibrate != "none":
            what = f"{name} decides by thresholds of scores as they are: no calibration fits it"
            yield ("calibrate",), what, "leave it out, or judge its member in a spec of its own"


def _stopping(spec: Train, name: str, model: Candidate) -> Iterator[Misfit]:
    """Where valid compares the models, it cannot say when they stop as well."""
    if isinstance(model, Model) and model.patience is not None and spec.folds == 0:
        what = "without folds, valid compares the models; a model that stopped by it would win"
        yield ("models", name, "early_stopping"), what, "train: {folds: 5}"


def _instead(task: str) -> str:
    other = "ridge, linear_regression" if task == "regression" else "logistic_regression"
    return f"for {task}: {other}, " + ", ".join(word for word in MODELS[3:5])


def _search(spec: Train, task: str) -> Iterator[Misfit]:
    if spec.search is None:
        return
    if spec.folds == 0:
        what = "a search needs folds: without them it would choose on valid, and use it up"
        yield ("folds",), what, "train: {folds: 5}"
    for at, message, hint in search_misfits(spec.search, spec.candidates(task), task):
        yield ("search", *at), message, hint


def _select(name: str, task: str) -> Iterator[Misfit]:
    metric = METRICS[name]
    if task not in metric.tasks:
        known = ", ".join(METRICS.shapes(task, scaled=False))
        hint = METRICS.nearest(name, task) or f"task {task} has: {known}"
        yield ("select",), f"'{name}' is a metric of {' and '.join(metric.tasks)}", hint


def _decide(spec: Train, task: str, business: Collection[str]) -> Iterator[Misfit]:
    if task != "binary":
        if "decide" in spec.model_fields_set:
            yield ("decide",), f"decide is for binary tasks, not {task}", "leave it out"
        return
    if not isinstance(spec.decide, Maximize):
        return
    name = spec.decide.metric
    metric = METRICS.get(name)
    if name in business or (metric and metric.needs == "label" and task in metric.tasks):
        return
    labels = METRICS.shapes(task, "label")
    hint = did_you_mean(name, [*labels, *business])
    if metric:
        hint = f"a threshold changes only metrics of labels: {', '.join(labels)}"
    yield ("decide", "maximize"), f"'{name}' cannot be maximized by a threshold", hint
