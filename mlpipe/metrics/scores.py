"""The table of metrics: what each is for, what it needs, and which way is better.

To add one: write its weighted formula beside its kin (`labelled`, `ranked`, `probability`,
`residual`) and give it a row here. The formulas take resample counts as weights, thousands of
resamples in one call; the tests hold each against scikit-learn's.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from mlpipe.errors import Problem, SpecError
from mlpipe.metrics import labelled, probability, ranked, residual
from mlpipe.metrics.metric import Measured, Metric
from mlpipe.spec.suggest import did_you_mean

__all__ = [
    "DEFAULT_METRICS",
    "METRICS",
    "Measured",
    "Metric",
    "MetricName",
    "Task",
    "for_task",
    "metric_name",
    "names_for",
]

Task: TypeAlias = Literal["binary", "multiclass", "regression"]


_BINARY, _CLASSES, _NUMBERS = ("binary",), ("binary", "multiclass"), ("regression",)
_NO_ROWS = "the weights are all 0"
_ONE_CLASS = "only one class among the true values"
_NO_POSITIVE = "no positive among the true values"

_TABLE = (
    Metric(
        "roc_auc",
        _BINARY,
        "score",
        True,
        "probability that a positive scores above a negative",
        ranked.roc_auc,
        _ONE_CLASS,
    ),
    Metric(
        "average_precision",
        _BINARY,
        "score",
        True,
        "area under precision against recall",
        ranked.average_precision,
        _NO_POSITIVE,
    ),
    Metric(
        "lift_at_10",
        _BINARY,
        "score",
        True,
        "positives in the best-scored tenth against chance",
        ranked.lift_at_10,
        _NO_POSITIVE,
    ),
    Metric(
        "brier",
        _BINARY,
        "score",
        False,
        "mean squared error of the probability",
        probability.brier,
        _NO_ROWS,
    ),
    Metric(
        "log_loss",
        _CLASSES,
        "score",
        False,
        "mean negative log probability of what happened",
        probability.log_loss,
        _NO_ROWS,
    ),
    Metric(
        "ece",
        _BINARY,
        "score",
        False,
        "gap between probability and frequency over ten bins",
        probability.ece,
        _NO_ROWS,
        gaps=probability.ece_gaps,
    ),
    Metric(
        "accuracy",
        _CLASSES,
        "label",
        True,
        "share of labels that are right",
        labelled.accuracy,
        _NO_ROWS,
        labelled.right_counts,
    ),
    Metric(
        "balanced_accuracy",
        _CLASSES,
        "label",
        True,
        "mean recall of the classes",
        labelled.balanced_accuracy,
        _NO_ROWS,
    ),
    Metric(
        "precision",
        _BINARY,
        "label",
        True,
        "share of predicted positives that are right",
        labelled.precision,
        "no row was predicted positive",
        labelled.precision_counts,
    ),
    Metric(
        "recall",
        _BINARY,
        "label",
        True,
        "share of positives that are found",
        labelled.recall,
        _NO_POSITIVE,
        labelled.recall_counts,
    ),
    Metric(
        "specificity",
        _BINARY,
        "label",
        True,
        "share of negatives that are left alone",
        labelled.specificity,
        "no negative among the true values",
        labelled.specificity_counts,
    ),
    Metric(
        "f1",
        _BINARY,
        "label",
        True,
        "harmonic mean of precision and recall",
        labelled.f1,
        "no positive, neither true nor predicted",
    ),
    Metric(
        "f1_macro",
        ("multiclass",),
        "label",
        True,
        "mean F1 of the classes",
        labelled.f1_macro,
        _NO_ROWS,
    ),
    Metric(
        "f1_weighted",
        ("multiclass",),
        "label",
        True,
        "mean F1 of the classes by their rows",
        labelled.f1_weighted,
        _NO_ROWS,
    ),
    Metric(
        "matthews",
        _CLASSES,
        "label",
        True,
        "correlation of true and predicted labels",
        labelled.matthews,
        _NO_ROWS,
    ),
    Metric(
        "roc_auc_ovr",
        ("multiclass",),
        "score",
        True,
        "mean area under the curve, each class against the rest",
        ranked.roc_auc_ovr,
        "a class has no rows, or all of them",
    ),
    Metric("mae", _NUMBERS, "value", False, "mean absolute error", residual.mae, _NO_ROWS),
    Metric("rmse", _NUMBERS, "value", False, "root mean squared error", residual.rmse, _NO_ROWS),
    Metric(
        "rmsle",
        _NUMBERS,
        "value",
        False,
        "root mean squared error of log(1 + value)",
        residual.rmsle,
        "a true or predicted value is negative",
    ),
    Metric(
        "median_ae",
        _NUMBERS,
        "value",
        False,
        "median absolute error",
        residual.median_ae,
        _NO_ROWS,
    ),
    Metric(
        "mape",
        _NUMBERS,
        "value",
        False,
        "mean error relative to the true value",
        residual.mape,
        "a true value is 0; wape stays defined",
    ),
    Metric(
        "wape",
        _NUMBERS,
        "value",
        False,
        "summed absolute error over summed true values",
        residual.wape,
        "all true values are 0",
    ),
    Metric(
        "r2",
        _NUMBERS,
        "value",
        True,
        "share of the variance explained",
        residual.r2,
        "the true values are constant",
    ),
    Metric(
        "bias",
        _NUMBERS,
        "value",
        None,
        "mean of prediction minus truth",
        residual.bias,
        _NO_ROWS,
    ),
)

METRICS: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _TABLE})
"""Every metric by name, in the order in which reports show them."""

DEFAULT_METRICS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "binary": ("roc_auc", "average_precision", "brier", "precision", "recall", "f1"),
        "multiclass": ("accuracy", "balanced_accuracy", "f1_macro", "log_loss"),
        "regression": ("mae", "rmse", "r2", "bias"),
    }
)
"""What is measured where the spec names no metrics."""


def names_for(task: str) -> tuple[str, ...]:
    """Return the names of the metrics that a task has."""
    return tuple(name for name, metric in METRICS.items() if task in metric.tasks)


def metric_name(name: str) -> str:
    """Return the name if it is a metric's.

    Raises
    ------
    PydanticCustomError
        ``unknown_metric``, with the known ones and a suggestion.
    """
    if name not in METRICS:
        raise PydanticCustomError(
            "unknown_metric",
            "'{name}' is not a metric; expected one of: {known}",
            {"name": name, "known": ", ".join(METRICS), "hint": did_you_mean(name, METRICS)},
        )
    return name


MetricName: TypeAlias = Annotated[
    str, AfterValidator(metric_name), WithJsonSchema({"type": "string", "enum": list(METRICS)})
]
"""A field of the spec that names a metric."""


def for_task(name: str, task: str, key: str = "") -> Metric:
    """Return the metric, if the task has it.

    Parameters
    ----------
    name, task : str
    key : str
        The dotted key of the spec that names it, for the error.

    Raises
    ------
    SpecError
        The metric is unknown, or is one of another task.
    """
    metric, known = METRICS.get(name), names_for(task)
    if metric is None or task not in metric.tasks:
        what = "not a metric" if metric is None else f"a metric of {' and '.join(metric.tasks)}"
        message = f"'{name}' is {what}; task {task} has: {', '.join(known)}"
        raise SpecError(Problem(message, key=key, hint=did_you_mean(name, known)))
    return metric
