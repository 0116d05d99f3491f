"""What is asked of a chunk: a metric, a business value or a gap between groups."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.arrays import Array
from mlpipe.metrics.estimate import estimate
from mlpipe.metrics.estimated import Estimate
from mlpipe.metrics.outcomes import Outcomes

if TYPE_CHECKING:
    from mlpipe.metrics.metric import Metric

__all__ = ["Quantity", "of_metric"]


@dataclass(frozen=True)
class Quantity:
    """One number of a chunk.

    Attributes
    ----------
    key : str
        Its name among all measures, which stays the same over time: ``business.profit``.
    name : str
        For readers.
    kind : str
        metric, business or fairness.
    greater_is_better : bool or None
    formula : callable
        ``(y, rows, score, weight) -> value``, as in `Metric`, but with the position of each row
        in the chunk where a metric has what was predicted.
    realise : callable
        ``(truth, rows, seed) -> Estimate`` of the labelled rows, which lie at these positions.
    least, most, best : float
        The ends of its range; the value of a perfect model where neither end is best.
    reference : mapping or None
        ``value``, ``low`` and ``high`` when the model was made.
    margin : float
        How much worse is still fine.
    unit : str
    estimable : bool
        Whether it can be told without labels.
    needs_score : bool
        Whether the formula takes scores.
    of : mapping
        What it is, JSON-safe: a reference value of something else does not count. Of a gap the
        ``groups`` that are compared; of a business value its ``definition``.
    why : str
        Why it is not defined in this chunk; empty where it is.
    """

    key: str
    name: str
    kind: str
    greater_is_better: bool | None
    formula: Callable[..., Any]
    realise: Callable[[Outcomes, Array, int], Estimate]
    least: float = -math.inf
    most: float = math.inf
    best: float = 0.0
    reference: Mapping[str, Any] | None = None
    margin: float = 0.0
    unit: str = ""
    estimable: bool = True
    needs_score: bool = False
    of: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""


def of_metric(
    metric: Metric, pred: Array, reference: Mapping[str, Any] | None, margin: float = 0.0
) -> Quantity:
    """Return a metric as a quantity of a chunk with these predictions."""

    def formula(y: Array, rows: Array, score: Array, weight: Array) -> Any:
        return metric.formula(y, pred[rows], score, weight)

    def realise(truth: Outcomes, _: Array, seed: int) -> Estimate:
        return estimate([metric], truth, seed=seed)[metric.name]

    return Quantity(
        f"estimate.{metric.name}",
        metric.name,
        "metric",
        metric.greater_is_better,
        formula,
        realise,
        metric.least,
        metric.most,
        metric.best,
        reference,
        margin,
    )
