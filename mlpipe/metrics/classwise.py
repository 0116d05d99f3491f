"""Metrics of the labels of all classes: functions of the weighted confusion matrix.

An average over classes counts those that occur or are predicted, as scikit-learn does; a class
that is never predicted has precision 0, one that never occurs recall 0. ``weight`` may carry
leading axes, one answer for each resample; undefined values are NaN.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias

from mlpipe.metrics.arrays import share, total
from mlpipe.metrics.confusion import confusion, diagonal, mean_where, parts
from mlpipe.metrics.metric import CLASSES, MULTICLASS, NO_ROWS, Metric

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlpipe.metrics.arrays import Array

__all__ = ["CLASSWISE", "accuracy", "averaged", "balanced_accuracy", "cohen_kappa", "matthews"]

Of: TypeAlias = Literal["precision", "recall", "f1"]


def accuracy(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Share of rows whose label is right."""
    return share(total(weight, y == pred), weight.sum(axis=-1))


def balanced_accuracy(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Mean of the recalls of the classes that occur."""
    right, true, _ = parts(confusion(y, pred, weight))
    return mean_where(right, true, true)


def matthews(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Correlation between the true and the predicted labels; 0 where either is constant."""
    import numpy as np

    matrix = confusion(y, pred, weight)
    true, said, rows = matrix.sum(axis=-1), matrix.sum(axis=-2), matrix.sum(axis=(-1, -2))
    above = diagonal(matrix).sum(axis=-1) * rows - (true * said).sum(axis=-1)
    spread = (rows**2 - (true**2).sum(axis=-1)) * (rows**2 - (said**2).sum(axis=-1))
    below = np.sqrt(np.maximum(spread, 0.0))
    value = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return np.where(rows > 0, value, np.nan)


def cohen_kappa(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Agreement above what the frequencies of the labels give by chance (Cohen 1960)."""
    matrix = confusion(y, pred, weight)
    right, true, said = parts(matrix)
    rows, chance = matrix.sum(axis=(-1, -2)), (true * said).sum(axis=-1)
    return share(right.sum(axis=-1) * rows - chance, rows**2 - chance)


def averaged(
    y: Array,
    pred: Array,
    score: Array | None,  # noqa: ARG001
    weight: Array,
    *,
    of: Of,
    by: Literal["macro", "weighted"],
) -> Array:
    """Mean of a figure of each class: each alike, or by its true rows."""
    import numpy as np

    right, true, said = parts(confusion(y, pred, weight))
    whole = {"precision": said, "recall": true, "f1": (true + said) / 2}[of]
    if by == "macro":
        return mean_where(right, whole, true + said)
    each = np.divide(right, whole, out=np.zeros_like(right), where=whole > 0)
    return share((each * true).sum(axis=-1), true.sum(axis=-1))


def _right_counts(y: Array, pred: Array) -> tuple[int, int]:
    return int((y == pred).sum()), len(y)


def _averages(of: Of, word: str) -> tuple[Metric, ...]:
    """Return the rows of a figure's averages over the classes."""
    what = f"mean {word} of the classes"
    micro = f"{word} over the decisions of all classes; where a row has one class, the accuracy"
    return (
        _average(f"{of}_macro", what, partial(averaged, of=of, by="macro")),
        _average(
            f"{of}_weighted", f"{what} by their rows", partial(averaged, of=of, by="weighted")
        ),
        replace(_average(f"{of}_micro", micro, accuracy), counts=_right_counts),
    )


def _average(name: str, what: str, formula: Callable[..., Array]) -> Metric:
    return Metric(name, MULTICLASS, "label", True, what, formula, NO_ROWS, most=1)


CLASSWISE: tuple[Metric, ...] = (
    Metric(
        "accuracy",
        CLASSES,
        "label",
        True,
        "share of labels that are right",
        accuracy,
        NO_ROWS,
        _right_counts,
        most=1,
    ),
    Metric(
        "balanced_accuracy",
        CLASSES,
        "label",
        True,
        "mean recall of the classes",
        balanced_accuracy,
        NO_ROWS,
        most=1,
    ),
    Metric(
        "matthews",
        CLASSES,
        "label",
        True,
        "correlation of true and predicted labels",
        matthews,
        NO_ROWS,
        least=-1,
        most=1,
    ),
    Metric(
        "cohen_kappa",
        CLASSES,
        "label",
        True,
        "agreement of true and predicted labels above chance",
        cohen_kappa,
        "true and predicted labels are all one class",
        least=-1,
        most=1,
    ),
    *_averages("f1", "F1"),
    *_averages("precision", "precision"),
    *_averages("recall", "recall"),
)
