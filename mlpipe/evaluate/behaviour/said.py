"""What a model said of rows, and how far that is from what it should have said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.evaluate.behaviour.spec import Behaviour, Bounds
    from mlpipe.evaluate.behaviour.subject import Subject
    from mlpipe.metrics.arrays import Array

__all__ = ["looked_at", "moved_wrongly", "not_as_expected"]

_NOISE = 1e-9
"""What sums in another order may come to: predictions closer than this are the same."""


def looked_at(test: Behaviour, said: pd.DataFrame, subject: Subject) -> Array:
    """Return the figure that a test looks at, shape (n,): a score, or the predicted value.

    Of many classes without `score_of` it is the score of the class that is predicted.
    """
    import numpy as np

    if subject.task == "multiclass" and test.score_of is None:
        return np.asarray(_scores(said, subject).max(axis=1))
    names = {"regression": "prediction", "binary": "score"}
    return said[names.get(subject.task, f"score_{test.score_of}")].to_numpy(float)


def moved_wrongly(
    test: Behaviour, before: pd.DataFrame, after: pd.DataFrame, subject: Subject
) -> Array:
    """Return by how much each row is off, shape (n,): above 0 where it fails."""
    import numpy as np

    change = looked_at(test, after, subject) - looked_at(test, before, subject)
    scale = np.maximum(1.0, np.abs(looked_at(test, before, subject)))
    noise = _NOISE * (scale if subject.task == "regression" else 1.0)
    if test.direction is not None:
        return _against(test.direction.expect, change, test.tolerance or 0.0, noise)
    if test.tolerance is None and subject.task != "regression":
        flipped = (before["prediction"].to_numpy() != after["prediction"].to_numpy()).astype(float)
        return np.asarray(flipped * (1.0 + np.abs(change)))
    if subject.task == "multiclass" and test.score_of is None:
        change = np.abs(_scores(after, subject) - _scores(before, subject)).max(axis=1)
    return _above(np.abs(change) - (test.tolerance or 0.0), noise)


def not_as_expected(test: Behaviour, said: pd.DataFrame, subject: Subject) -> Array:
    """Return by how much each given row is off, shape (n,): above 0 where it fails."""
    import numpy as np

    expect, off = test.expect, np.zeros(len(said))
    if expect is None:
        return off
    if expect.label is not None:
        off = np.maximum(off, (said["prediction"].to_numpy() != expect.label).astype(float))
    for bounds in (expect.score, expect.prediction):
        if bounds is not None:
            off = np.maximum(off, _outside(bounds, looked_at(test, said, subject)))
    return off


def _against(expect: str, change: Array, tolerance: float, noise: Any) -> Array:
    import numpy as np

    upward = change if expect in {"not_up", "down"} else -change
    if expect in {"not_up", "not_down"}:
        return _above(upward - tolerance, noise)
    # It must move: by more than the tolerance, and by more than noise.
    short = upward + tolerance + noise
    return np.where(short >= 0, short + noise, 0.0)


def _outside(bounds: Bounds, values: Array) -> Array:
    import numpy as np

    below = (bounds.min - values) if bounds.min is not None else np.full(len(values), -1.0)
    above = (values - bounds.max) if bounds.max is not None else np.full(len(values), -1.0)
    return _above(np.maximum(below, above), _NOISE)


def _above(off: Array, noise: Any) -> Array:
    import numpy as np

    return np.where(off > noise, off, 0.0)


def _scores(said: pd.DataFrame, subject: Subject) -> Array:
    return said[[f"score_{name}" for name in subject.classes]].to_numpy(float)
