"""What a metric is: a formula, what it needs, its range, and which way is better."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from mlpipe.metrics.arrays import Array

__all__ = [
    "BINARY",
    "CLASSES",
    "MULTICLASS",
    "NO_POSITIVE",
    "NO_ROWS",
    "NUMBERS",
    "ONE_CLASS",
    "Measured",
    "Metric",
    "Needs",
]

Needs: TypeAlias = Literal["score", "label", "value"]

BINARY, MULTICLASS, NUMBERS = ("binary",), ("multiclass",), ("regression",)
CLASSES = (*BINARY, *MULTICLASS)
NO_ROWS = "the weights are all 0"
ONE_CLASS = "only one class among the true values"
NO_POSITIVE = "no positive among the true values"


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
        As written in the spec: ``WORD`` or ``WORD_PARAMETER``.
    tasks : tuple of str
        The tasks it is defined for.
    needs : str
        ``label`` (the predicted class), ``score`` (probabilities) or ``value`` (regression).
    greater_is_better : bool or None
        None where `best` lies between wrong values on both sides.
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
    least, most : float
        The ends of its range.
    best : float
        Where `greater_is_better` is None, the value of a perfect model.
    unsure : str
        Why it has no interval; empty where it has one.
    resamples : int or None
        Where given, its interval is of so many resamples at most, of the rows as they are: for a
        formula that is slow, or may look at more than what each row weighs.
    log_odds : bool
        Whether its interval is taken on the scale of log odds.
    scaled : bool
        Whether it means something only after `scaled_by`.
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
    least: float = 0.0
    most: float = math.inf
    best: float = 0.0
    unsure: str = ""
    resamples: int | None = None
    log_odds: bool = False
    scaled: bool = False

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
        if np.isfinite(value):
            return Measured(value)
        said = score if self.needs == "score" else pred
        wild = said is not None and not np.isfinite(said).all()
        return Measured(None, "a prediction is not a finite number" if wild else self.undefined)

    @property
    def interval(self) -> str:
        """How its interval is found where rows are independent and count alike."""
        if self.unsure:
            return "none"
        if self.counts is not None:
            return "Wilson"
        return "DeLong" if self.name == "roc_auc" else "bootstrap"

    @property
    def range(self) -> str:
        """Its range in words: ``0 to 1``, ``0 or more``, ``at most 1``, ``any``."""
        if math.isinf(self.least):
            return "any" if math.isinf(self.most) else f"at most {self.most:g}"
        if math.isinf(self.most):
            return f"{self.least:g} or more"
        return f"{self.least:g} to {self.most:g}"

    def goodness(self, value: Any) -> Any:
        """Turn a value (a number or an array) round so that greater is better."""
        if self.greater_is_better is None:
            return -abs(value - self.best)
        return value if self.greater_is_better else -value
