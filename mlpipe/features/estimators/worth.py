"""What a feature is worth: how much it says of the target, alone or in a model."""
# ruff: noqa: TID253 - calls scikit-learn; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression
from sklearn.linear_model import Lasso, LogisticRegression
from sklearn.preprocessing import MaxAbsScaler

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["importance", "information"]

_AT_ONCE = 64
"""So many columns of a sparse matrix are made dense at a time."""

_FEW = 20
"""A feature of at most so many whole numbers counts as discrete."""


def information(X: Any, y: NDArray[Any], kind: str, seed: int | None) -> NDArray[np.float64]:
    """Return the mutual information of each feature and the target, in nats.

    Parameters
    ----------
    X : array or sparse matrix, shape (n_rows, n_features)
    y : array, shape (n_rows,)
    kind : {"binary", "multiclass", "continuous"}
        What the target is.
    seed : int, optional
        Of the noise that tells equal numbers apart (Kraskov et al. 2004).
    """
    measure = mutual_info_regression if kind == "continuous" else mutual_info_classif
    found = []
    for first in range(0, X.shape[1], _AT_ONCE):
        part = X[:, first : first + _AT_ONCE]
        part = part.toarray() if issparse(part) else part
        discrete = np.array([_is_discrete(column) for column in part.T])
        found.append(measure(part, y, discrete_features=discrete, random_state=seed))
    return np.concatenate(found)


def _is_discrete(column: NDArray[np.float64]) -> bool:
    values = np.unique(column)
    return len(values) <= _FEW and bool((values == np.floor(values)).all())


def importance(
    X: Any, y: NDArray[Any], kind: str, model: str, seed: int | None
) -> NDArray[np.float64]:
    """Return how much a model makes of each feature.

    Parameters
    ----------
    X, y, kind, seed
        As `information` takes them.
    model : {"trees", "linear"}
        200 extremely randomized trees: the mean decrease in impurity. Or a linear model under
        an L1 penalty, over features of largest absolute value 1: absolute coefficients.
    """
    numbers = kind == "continuous"
    if model == "trees":
        trees = ExtraTreesRegressor if numbers else ExtraTreesClassifier
        grown = trees(200, min_samples_leaf=5, random_state=seed, n_jobs=1).fit(X, y)
        return np.asarray(grown.feature_importances_, dtype=np.float64)
    scaled = MaxAbsScaler().fit_transform(X)
    if numbers:
        target = np.asarray(y, dtype=np.float64)
        spread = float(target.std()) or 1.0
        fitted = Lasso(alpha=0.01, random_state=seed).fit(scaled, (target - target.mean()) / spread)
        return np.abs(np.asarray(fitted.coef_, dtype=np.float64))
    logistic = LogisticRegression(
        l1_ratio=1.0, C=0.1, solver="liblinear" if kind == "binary" else "saga",
        random_state=seed, max_iter=1000,
    )  # fmt: skip
    found: NDArray[np.float64] = np.abs(logistic.fit(scaled, y).coef_).max(axis=0)
    return found
