"""The points of the report's figures: few enough to read, exact where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.metrics.confusion import confusion
from mlpipe.metrics.ranked import cumulated
from mlpipe.metrics.reliability import reliability
from mlpipe.table.plain import plain

if TYPE_CHECKING:
    from mlpipe.evaluate.judged import Classes, Judged
    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.estimate import Outcomes

__all__ = ["figures"]

_POINTS = 200
_BARS = 30
_SAMPLE = 500


def figures(task: str, judged: Judged, classes: Classes, seed: int) -> dict[str, Any]:
    """Return the data of the figures of a part.

    ``roc``, ``precision_recall`` and ``calibration`` of binary tasks with both classes,
    ``confusion`` of every classification, ``residuals`` and ``predicted`` of regression.
    """
    told = judged.outcomes
    found: dict[str, Any] = {"part": judged.part}
    if not len(told):
        return found
    if task == "regression":
        return found | {"residuals": _residuals(told), "predicted": _predicted(told, seed)}
    if task == "binary" and told.score is not None and 0 < judged.positives < len(judged):
        found |= {"roc": _roc(told), "precision_recall": _precision_recall(told)}
        found["calibration"] = reliability(told.score, told.y == 1)
    return found | {"confusion": _confusion(told, classes)}


def _roc(told: Outcomes) -> dict[str, list[float]]:
    import numpy as np

    positives, rows, thresholds = cumulated(told.y, _score(told), _weight(told))
    negatives = rows - positives
    tpr, fpr = np.r_[0, positives / positives[-1]], np.r_[0, negatives / negatives[-1]]
    at = _thin(tpr + fpr)
    # The first point lies above every score; JSON has no infinity, so it takes the highest one.
    return _columns(fpr=fpr[at], tpr=tpr[at], threshold=np.r_[thresholds[0], thresholds][at])


def _precision_recall(told: Outcomes) -> dict[str, list[float]]:
    import numpy as np

    positives, rows, thresholds = cumulated(told.y, _score(told), _weight(told))
    keep = rows > 0
    precision, recall = positives[keep] / rows[keep], positives[keep] / positives[-1]
    at = _thin(recall + np.abs(np.diff(precision, prepend=precision[0])).cumsum())
    return _columns(precision=precision[at], recall=recall[at], threshold=thresholds[keep][at])


def _confusion(told: Outcomes, classes: Classes) -> dict[str, Any]:
    """Count the rows: true class down, predicted class across."""
    names = [plain(name) for name in classes.names]
    size = max(len(names), int(max(told.y.max(), told.pred.max())) + 1)
    matrix = confusion(told.y, told.pred, _weight(told) * 0 + 1, size)
    labels = names + ["(unseen in training)"] * (size - len(names))
    return {"labels": labels, "matrix": [[int(cell) for cell in row] for row in matrix]}


def _residuals(told: Outcomes) -> dict[str, list[float]]:
    import numpy as np

    counts, edges = np.histogram(told.pred - told.y, bins=_BARS)
    return {"edges": [float(edge) for edge in edges], "counts": [int(count) for count in counts]}


def _predicted(told: Outcomes, seed: int) -> dict[str, list[float]]:
    import numpy as np

    draw = np.random.default_rng((seed, 1)).permutation(len(told))[:_SAMPLE]
    at = np.sort(draw)
    return _columns(actual=told.y[at], predicted=told.pred[at])


def _thin(travelled: Array) -> Array:
    """Positions of at most 200 points, evenly along the way that a curve has travelled."""
    import numpy as np

    if len(travelled) <= _POINTS:
        return np.arange(len(travelled))
    stops = np.linspace(travelled[0], travelled[-1], _POINTS)
    at = np.searchsorted(travelled, stops).clip(max=len(travelled) - 1)
    return np.unique(np.r_[0, at[1:-1], len(travelled) - 1])


def _columns(**values: Array) -> dict[str, list[float]]:
    return {name: [float(value) for value in column] for name, column in values.items()}


def _score(told: Outcomes) -> Array:
    assert told.score is not None  # noqa: S101  (callers look first)
    return told.score


def _weight(told: Outcomes) -> Array:
    import numpy as np

    return np.ones(len(told)) if told.weight is None else told.weight
