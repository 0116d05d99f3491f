"""The loss of each single row, for comparing rows with rows: the metrics that are means of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from mlpipe.metrics.arrays import Array

if TYPE_CHECKING:
    from mlpipe.metrics.outcomes import Outcomes

__all__ = ["LOSSES", "Loss", "losses_of", "usual_loss"]

Formula: TypeAlias = Callable[[Array, Array, Array], Array]


@dataclass(frozen=True)
class Loss:
    """What one row costs.

    Attributes
    ----------
    metric : str
        The metric whose mean it is (of accuracy, 1 less it; of rmse, its square).
    tasks : tuple of str
    description : str
        What its mean is, in words.
    formula : callable
        ``(y, pred, score) -> loss``, shape (n,).
    needs_score : bool
    """

    metric: str
    tasks: tuple[str, ...]
    description: str
    formula: Formula
    needs_score: bool = False

    def of(self, told: Outcomes) -> Array:
        """Return the loss of each row, shape (n,); less is better."""
        import numpy as np

        score = np.zeros(0) if told.score is None else told.score
        return np.asarray(self.formula(told.y, told.pred, score), float)


def _surprise(y: Array, pred: Array, score: Array) -> Array:  # noqa: ARG001
    """Negative log probability of what happened, kept off 0 as in `probability.log_loss`."""
    import numpy as np

    tiny = np.finfo(np.float64).eps
    if score.ndim == 2:
        happened = score[np.arange(len(y)), y.astype(int)]
    else:
        happened = np.where(y == 1, score, 1 - score)
    return np.asarray(-np.log(np.clip(happened, tiny, 1 - tiny)))


def _squared(y: Array, pred: Array, score: Array) -> Array:  # noqa: ARG001
    gap: Array = score - y
    return gap**2


def _wrong(y: Array, pred: Array, score: Array) -> Array:  # noqa: ARG001
    wrong: Array = y != pred
    return wrong


def _absolute_error(y: Array, pred: Array, score: Array) -> Array:  # noqa: ARG001
    error: Array = abs(pred - y)
    return error


def _squared_error(y: Array, pred: Array, score: Array) -> Array:  # noqa: ARG001
    error: Array = pred - y
    return error**2


_BINARY, _CLASSES, _NUMBERS = ("binary",), ("binary", "multiclass"), ("regression",)
_TABLE = (
    Loss("log_loss", _CLASSES, "log loss", _surprise, needs_score=True),
    Loss("brier", _BINARY, "Brier score", _squared, needs_score=True),
    Loss("accuracy", _CLASSES, "share that is wrong", _wrong),
    Loss("mae", _NUMBERS, "mean absolute error", _absolute_error),
    Loss("rmse", _NUMBERS, "mean squared error", _squared_error),
)

LOSSES: Mapping[str, Loss] = MappingProxyType({each.metric: each for each in _TABLE})
"""Every loss by the name of its metric."""


def losses_of(task: str) -> list[str]:
    """Return the losses of a task, the usual one first."""
    return [each.metric for each in LOSSES.values() if task in each.tasks]


def usual_loss(task: str, *, scored: bool) -> str:
    """Return the loss of a task; without scores, the one of labels."""
    return next(name for name in losses_of(task) if scored or not LOSSES[name].needs_score)
