"""What a metric is: a formula, what it needs, and which way is better."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from mlpipe.metrics.arrays import Array

__all__ = ["Measured", "Metric", "Needs"]

Needs: TypeAlias = Literal["score", "label", "value"]


class Measured(NamedTuple):
    """A value, or None with the reason why there is none."""

    value: float | None
    why: str = ""


@dataclass(frozen=True)
class Metric:
    """One way to say how good predictions are.

    Attributes
    ----------
    name : str
        As written in the spec.
    tasks : tuple of str
        The tasks it is defined for.
    needs : str
        ``label`` (the predicted class), ``score`` (probabilities) or ``value`` (regression).
    greater_is_better : bool or None
        None where 0 is best and both sides are wrong.
    description : str
        One line for a reader who does not know it.
    formula : callable
        ``(y, pred, score, weight) -> value``: ``y`` and ``pred`` are class codes from 0 (binary:
        1 is the positive class) or numbers, shape (n,); ``score`` is P(positive), shape (n,), or
        one column for each class, shape (n, classes); ``weight`` has shape (..., n) and gives an
        answer for each of its leading axes. NaN where undefined.
    undefined : str
        When there is no value.
    counts : callable or None
        ``(y, pred) -> (successes, trials)`` where the metric is a proportion.
    gaps : callable or None
        Of a metric that is a sum of absolute gaps, the signed ones: like `formula`, with the gaps
        as the last axis of the answer.
    """

    name: str
    tasks: tuple[str, ...]
    needs: Needs
    greater_is_better: bool | None
    description: str
    formula: Callable[..., Any]
    undefined: str
    counts: Callable[..., tuple[int, int]] | None = None
    gaps: Callable[..., Any] | None = None

    def measure(
        self,
        y: Array,
        *,
        pred: Array | None = None,
        score: Array | None = None,
        weight: Array | None = None,
    ) -> Measured:
        """Return the value over all rows, or None and why."""
        import numpy as np

        if not len(y):
            return Measured(None, "no rows")
        value = float(self.formula(y, pred, score, np.ones(len(y)) if weight is None else weight))
        return Measured(value) if np.isfinite(value) else Measured(None, self.undefined)

    def goodness(self, value: Any) -> Any:
        """Turn a value (a number or an array) round so that greater is better."""
        if self.greater_is_better is None:
            return -abs(value)
        return value if self.greater_is_better else -value
