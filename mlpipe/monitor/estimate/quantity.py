"""What is estimated of a chunk: a metric, a business value or a gap between groups."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.metric import Metric

__all__ = ["Quantity", "of_metric"]


@dataclass(frozen=True)
class Quantity:
    """One number of a chunk.

    Attributes
    ----------
    name : str
    kind : str
        metric, business or fairness.
    greater_is_better : bool or None
    formula : callable
        ``(y, rows, score, weight) -> value``, as in `Metric`, but with the position of each row
        in the chunk where a metric has what was predicted.
    least, most : float
        The ends of its range.
    reference : mapping or None
        ``value``, ``low`` and ``high`` when the model was made.
    margin : float
        How much worse is still fine.
    unit : str
    """

    name: str
    kind: str
    greater_is_better: bool | None
    formula: Callable[..., Any]
    least: float = -math.inf
    most: float = math.inf
    reference: Mapping[str, Any] | None = None
    margin: float = 0.0
    unit: str = ""


def of_metric(
    metric: Metric, pred: Array, reference: Mapping[str, Any] | None, margin: float = 0.0
) -> Quantity:
    """Return a metric as a quantity of a chunk with these predictions."""

    def formula(y: Array, rows: Array, score: Array, weight: Array) -> Any:
        return metric.formula(y, pred[rows], score, weight)

    return Quantity(
        metric.name,
        "metric",
        metric.greater_is_better,
        formula,
        metric.least,
        metric.most,
        reference,
        margin,
    )
