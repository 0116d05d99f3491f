"""Metrics of the labels of a binary task: all of them functions of the four weighted counts.

``weight`` may carry leading axes, one answer for each resample; undefined values are NaN.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mlpipe.metrics.arrays import share
from mlpipe.metrics.confusion import confusion
from mlpipe.metrics.family import Family, Parameter
from mlpipe.metrics.metric import BINARY, NO_POSITIVE, Metric

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = [
    "LABELLED",
    "f1",
    "fbeta",
    "negative_predictive_value",
    "precision",
    "recall",
    "specificity",
]


_NEITHER = "no positive, neither true nor predicted"


def precision(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Share of the predicted positives that are positive."""
    cells = confusion(y, pred, weight, 2)
    return share(cells[..., 1, 1], cells[..., :, 1].sum(axis=-1))


def recall(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Share of the positives that are found."""
    cells = confusion(y, pred, weight, 2)
    return share(cells[..., 1, 1], cells[..., 1, :].sum(axis=-1))


def specificity(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:  # noqa: ARG001
    """Share of the negatives that are left alone."""
    cells = confusion(y, pred, weight, 2)
    return share(cells[..., 0, 0], cells[..., 0, :].sum(axis=-1))


def negative_predictive_value(
    y: Array,
    pred: Array,
    score: Array | None,  # noqa: ARG001
    weight: Array,
) -> Array:
    """Share of the predicted negatives that are negative."""
    cells = confusion(y, pred, weight, 2)
    return share(cells[..., 0, 0], cells[..., :, 0].sum(axis=-1))


def fbeta(
    y: Array,
    pred: Array,
    score: Array | None,  # noqa: ARG001
    weight: Array,
    *,
    beta: float,
) -> Array:
    """Weighted harmonic mean of precision and recall, recall counting beta times as much."""
    cells = confusion(y, pred, weight, 2)
    right = (1 + beta**2) * cells[..., 1, 1]
    return share(right, right + beta**2 * cells[..., 1, 0] + cells[..., 0, 1])


def f1(y: Array, pred: Array, score: Array | None, weight: Array) -> Array:
    """Harmonic mean of precision and recall of the positive class."""
    return fbeta(y, pred, score, weight, beta=1.0)


def _precision_counts(y: Array, pred: Array) -> tuple[int, int]:
    return int(((y == 1) & (pred == 1)).sum()), int((pred == 1).sum())


def _recall_counts(y: Array, pred: Array) -> tuple[int, int]:
    return int(((y == 1) & (pred == 1)).sum()), int((y == 1).sum())


def _specificity_counts(y: Array, pred: Array) -> tuple[int, int]:
    return int(((y == 0) & (pred == 0)).sum()), int((y == 0).sum())


def _negative_counts(y: Array, pred: Array) -> tuple[int, int]:
    return int(((y == 0) & (pred == 0)).sum()), int((pred == 0).sum())


def _fbeta_row(name: str, beta: float) -> Metric:
    return Metric(
        name,
        BINARY,
        "label",
        True,
        f"mean of precision and recall, where recall counts {beta:g} times as much",
        partial(fbeta, beta=beta),
        _NEITHER,
        most=1,
    )


LABELLED: tuple[Metric | Family, ...] = (
    Metric(
        "precision",
        BINARY,
        "label",
        True,
        "share of predicted positives that are right",
        precision,
        "no row was predicted positive",
        _precision_counts,
        most=1,
    ),
    Metric(
        "recall",
        BINARY,
        "label",
        True,
        "share of positives that are found",
        recall,
        NO_POSITIVE,
        _recall_counts,
        most=1,
    ),
    Metric(
        "specificity",
        BINARY,
        "label",
        True,
        "share of negatives that are left alone",
        specificity,
        "no negative among the true values",
        _specificity_counts,
        most=1,
    ),
    Metric(
        "negative_predictive_value",
        BINARY,
        "label",
        True,
        "share of predicted negatives that are right",
        negative_predictive_value,
        "no row was predicted negative",
        _negative_counts,
        most=1,
    ),
    Metric(
        "f1",
        BINARY,
        "label",
        True,
        "harmonic mean of precision and recall",
        f1,
        _NEITHER,
        most=1,
    ),
    Family("fbeta", (Parameter("beta"),), _fbeta_row, "2"),
)
