"""Features that are worth keeping, by four measures."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.sparse import csc_matrix, issparse
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.sparsefuncs import mean_variance_axis
from sklearn.utils.validation import check_is_fitted, validate_data

from mlpipe.errors import DataError, Problem
from mlpipe.features.estimators.worth import importance, information

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Selected"]


class Selected(SelectorMixin, BaseEstimator):  # type: ignore[misc]
    """Keep some of the features; the bundle holds which, not what chose them.

    Parameters
    ----------
    by : {"variance", "correlation", "mutual_information", "model"}
        What makes a feature worth keeping; `mlpipe.features.transforms.select` says more.
    keep : int or float, optional
        The best so many, or the best share of all.
    above : float, optional
        Keep what is worth more than this; of correlations, drop what has more.
    model : {"trees", "linear"}
        Whose importances count.
    rows : int
        At how many rows of train mutual information and models look.
    target_type : {"auto", "binary", "multiclass", "continuous"}
        What the target is.
    random_state : int, optional
        Seed of the sample of rows and of the model.
    """

    def __init__(
        self,
        by: str = "variance",
        keep: float | None = None,
        above: float | None = None,
        model: str = "trees",
        rows: int = 20_000,
        target_type: str = "auto",
        random_state: int | None = None,
    ) -> None:
        self.by = by
        self.keep = keep
        self.above = above
        self.model = model
        self.rows = rows
        self.target_type = target_type
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Choose.

        Raises
        ------
        DataError
            If no feature is left.
        """
        X = validate_data(self, X, accept_sparse="csc", dtype=np.float64, **self._gaps())
        if self.by == "correlation":
            self.support_ = ~_repeating(X, 0.95 if self.above is None else self.above)
            return self
        worth = _variances(X) if self.by == "variance" else self._worth(X, y)
        self.support_ = self._best(worth)
        if not self.support_.any():
            above = self._least(worth)
            problem = f"`select` by {self.by} leaves no feature: none has more than {above:g}"
            raise DataError(
                Problem(problem, key="featurize", hint="take the block out, or keep: 1")
            )
        return self

    def _gaps(self) -> dict[str, Any]:
        return {"ensure_all_finite": "allow-nan" if self.by == "variance" else True}

    def _worth(self, X: Any, y: Any) -> NDArray[np.float64]:
        """Return the mutual information or the importance of each feature, on a sample of rows."""
        kind = type_of_target(y) if self.target_type == "auto" else self.target_type
        rows, seed = _sample(X.shape[0], self.rows, self.random_state), self.random_state
        part, target = X[rows], np.asarray(y)[rows]
        if self.by == "mutual_information":
            return information(part, target, kind, seed)
        return importance(part, target, kind, self.model, seed)

    def _best(self, worth: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which features are the best; the earlier one where two are worth the same."""
        if self.keep is None:
            return worth > self._least(worth)
        share = isinstance(self.keep, float)
        count = max(1, round(self.keep * len(worth))) if share else int(self.keep)
        chosen = np.zeros(len(worth), dtype=bool)
        chosen[np.argsort(-worth, kind="stable")[:count]] = True
        return chosen

    def _least(self, worth: NDArray[np.float64]) -> float:
        """Return what a feature must exceed where no number to keep is given."""
        if self.above is not None:
            return self.above
        # As `SelectFromModel`: the mean of trees, anything at all of a sparse linear model.
        if self.by == "model":
            return float(worth.mean()) if self.model == "trees" else 1e-5
        return 0.0

    def _get_support_mask(self) -> NDArray[np.bool_]:
        check_is_fitted(self)
        return self.support_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = self.by == "variance"
        return tags


def _sample(count: int, most: int, seed: int | None) -> Any:
    """Return all rows, or so many of them drawn by the seed, in their order."""
    if count <= most:
        return slice(None)
    return np.sort(np.random.default_rng(seed).choice(count, most, replace=False))


def _variances(X: Any) -> NDArray[np.float64]:
    """Return the variance of each feature; 0 where all values are missing or the same."""
    if issparse(X):
        found = np.asarray(mean_variance_axis(X, axis=0)[1])
        low, high = X.min(axis=0).toarray()[0], X.max(axis=0).toarray()[0]
    else:
        seen = ~np.isnan(X)
        count = np.maximum(seen.sum(axis=0), 1)
        mean = np.where(seen, X, 0.0).sum(axis=0) / count
        found = (np.where(seen, X - mean, 0.0) ** 2).sum(axis=0) / count
        low, high = np.where(seen, X, np.inf).min(axis=0), np.where(seen, X, -np.inf).max(axis=0)
    # Rounding leaves a little variance to a column of one value.
    variances: NDArray[np.float64] = np.where(low >= high, 0.0, found)
    return variances


def _repeating(X: Any, limit: float) -> NDArray[np.bool_]:
    """Return which features go along with an earlier one that stays: |r| above the limit."""
    strength = np.abs(_correlations(X))
    dropped = np.zeros(X.shape[1], dtype=bool)
    for at in range(1, X.shape[1]):
        dropped[at] = (strength[at, :at][~dropped[:at]] > limit).any()
    return dropped


def _correlations(X: Any) -> NDArray[np.float64]:
    """Return Pearson's r of every two features; 0 with one that has one value only."""
    count = X.shape[0]
    if issparse(X):
        means = np.asarray(X.mean(axis=0)).ravel()
        products = (csc_matrix(X.T) @ X).toarray() / count - np.outer(means, means)
    else:
        centred = X - X.mean(axis=0)
        products = centred.T @ centred / count
    deviations = np.sqrt(_variances(X))
    scale = np.outer(deviations, deviations)
    found: NDArray[np.float64] = np.divide(
        products, scale, out=np.zeros_like(products), where=scale > 0
    )
    return found
