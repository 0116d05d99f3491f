"""The vocabulary of metrics by task, and the fields of the spec that name one.

To add a metric: write its weighted formula and its row beside its kin (`labelled`, `classwise`,
`ranked`, `top`, `probability`, `recalibration`, `residual`, `relative`, `explained`). The formulas
take resample counts as weights, thousands of resamples in one call; the tests hold each against
scikit-learn's, and docs/metrics.md against the rows.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from mlpipe.errors import Problem, SpecError
from mlpipe.metrics.classwise import CLASSWISE
from mlpipe.metrics.explained import EXPLAINED
from mlpipe.metrics.labelled import LABELLED
from mlpipe.metrics.metric import Measured, Metric
from mlpipe.metrics.named import Vocabulary
from mlpipe.metrics.probability import PROBABILITY
from mlpipe.metrics.ranked import RANKED
from mlpipe.metrics.recalibration import RECALIBRATION
from mlpipe.metrics.relative import RELATIVE
from mlpipe.metrics.residual import RESIDUAL
from mlpipe.metrics.top import TOP

__all__ = [
    "DEFAULT_METRICS",
    "METRICS",
    "Measured",
    "Metric",
    "MetricName",
    "SomeName",
    "Task",
    "UnscaledName",
    "for_task",
    "metric_name",
    "names_for",
]

Task: TypeAlias = Literal["binary", "multiclass", "regression"]

METRICS = Vocabulary(
    (
        *RANKED,
        *TOP,
        *PROBABILITY,
        *RECALIBRATION,
        *CLASSWISE,
        *LABELLED,
        *RESIDUAL,
        *RELATIVE,
        *EXPLAINED,
    )
)
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
    """Return the metrics that a task has as they are written: ``f1``, ``fbeta_BETA``."""
    return METRICS.shapes(task)


def metric_name(value: Any) -> str:
    """Return the canonical name of a metric: see `Vocabulary.canonical`."""
    return METRICS.canonical(value)


def _unscaled(name: str) -> str:
    if METRICS[name].scaled:
        raise PydanticCustomError(
            "metric_scaled",
            "'{name}' is known in evaluate alone, where the baseline gives its scale",
            {"name": name, "hint": "take mae: it puts models in the same order"},
        )
    return name


def _some_name(value: Any) -> Any:
    """Return the canonical name where it is a metric's; a text that is none names another."""
    another = isinstance(value, str) and value not in METRICS
    return value if another else METRICS.canonical(value)


_SCHEMA = {
    "anyOf": [
        {"type": "string", "enum": list(METRICS)},
        *(each.schema() for each in METRICS.families.values()),
    ]
}
_SOME_SCHEMA = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        *(each.schema()["anyOf"][1] for each in METRICS.families.values()),
    ]
}

MetricName: TypeAlias = Annotated[str, BeforeValidator(metric_name), WithJsonSchema(_SCHEMA)]
"""A field of the spec that names a metric; holds the canonical name."""
UnscaledName: TypeAlias = Annotated[
    str, BeforeValidator(metric_name), AfterValidator(_unscaled), WithJsonSchema(_SCHEMA)
]
"""One that names a metric which needs no naive baseline."""
SomeName: TypeAlias = Annotated[
    str, Field(min_length=1), BeforeValidator(_some_name), WithJsonSchema(_SOME_SCHEMA)
]
"""One that names a metric, or something else that has a name in the spec."""


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
        raise SpecError(Problem(message, key=key, hint=METRICS.nearest(name, task)))
    return metric
