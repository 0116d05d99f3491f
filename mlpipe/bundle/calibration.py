"""Scores bent into probabilities, by curves learned from predictions out of fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]

__all__ = ["Sigmoid", "calibrated", "learn"]


@dataclass
class Sigmoid:
    """A logistic curve over a score (Platt 1999); over the log-odds, if the score is a probability.

    Attributes
    ----------
    slope, intercept : float
    of_log_odds : bool
        Whether the score is a probability.
    """

    slope: float = 1.0
    intercept: float = 0.0
    of_log_odds: bool = True

    def fit(self, score: Array, positive: Array, sample_weight: Array | None = None) -> Self:
        """Learn the curve from scores and whether each row is positive, both of shape (n,)."""
        from sklearn.linear_model import LogisticRegression

        self.of_log_odds = bool(((score >= 0) & (score <= 1)).all())
        model = LogisticRegression(C=1e6, max_iter=1000)
        model.fit(self._axis(score)[:, None], positive, sample_weight)
        self.slope, self.intercept = float(model.coef_[0, 0]), float(model.intercept_[0])
        return self

    def predict(self, score: Array) -> Array:
        """Return probabilities, shape (n,)."""
        from scipy.special import expit

        return expit(self.slope * self._axis(score) + self.intercept)  # type: ignore[no-any-return]

    def _axis(self, score: Array) -> Array:
        import numpy as np
        from scipy.special import logit

        if not self.of_log_odds:
            return score
        return logit(np.clip(score, 1e-12, 1 - 1e-12))  # type: ignore[no-any-return]


def learn(method: str, scores: Array, codes: Array, weight: Array | None = None) -> tuple[Any, ...]:
    """Return a fitted curve, or one for each class.

    Parameters
    ----------
    method : {"isotonic", "sigmoid"}
    scores : array, shape (n,) or (n, classes)
        Scores out of fold.
    codes : array of int, shape (n,)
        The class codes of the rows.
    weight : array, shape (n,), optional
    """
    if scores.ndim == 1:
        return (_curve(method, scores, codes == 1, weight),)
    return tuple(
        _curve(method, scores[:, code], codes == code, weight) for code in range(scores.shape[1])
    )


def calibrated(curves: Sequence[Any], scores: Array) -> Array:
    """Return the probabilities for scores of the same shape; of many classes, they add up to 1."""
    import numpy as np

    if not curves:
        return scores
    if scores.ndim == 1:
        return np.asarray(curves[0].predict(scores), float)
    each = np.column_stack(
        [curve.predict(column) for curve, column in zip(curves, scores.T, strict=True)]
    )
    total = each.sum(axis=1, keepdims=True)
    even = np.full_like(each, 1 / each.shape[1])
    return np.asarray(np.divide(each, total, out=even, where=total > 0))


def _curve(method: str, score: Array, positive: Array, weight: Array | None) -> Any:
    from sklearn.isotonic import IsotonicRegression

    if method == "sigmoid":
        return Sigmoid().fit(score, positive, weight)
    curve = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    return curve.fit(score, positive.astype(float), weight)
