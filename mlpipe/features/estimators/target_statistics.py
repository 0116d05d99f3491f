"""Several statistics of the target for each level, cross-fitted."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.model_selection import KFold
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted

from mlpipe.features.estimators.categories import codes, columns_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TargetStatistics"]

_QUANTILES = {"low": 0.1, "median": 0.5, "high": 0.9}


class TargetStatistics(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """What the target does at each level of one column, drawn to what it does overall.

    A statistic of n rows counts n, that of all rows ``smooth`` (Micci-Barreca 2001). For classes
    these are the share of each (of the positive one, where there are two) and the log-odds of
    that; for numbers the mean, the deviation, and the quantiles 0.1, 0.5 and 0.9; for both how
    often the level is met, as a share of the rows. `fit_transform` gives each row the statistics
    of the folds that it is not in. A missing value is a level of its own; a level that train did
    not have gets what the target does overall.

    Parameters
    ----------
    smooth : float
        How many rows the whole of train weighs.
    folds : int
        In how many parts train is cross-fitted.
    target_type : {"auto", "binary", "multiclass", "continuous"}
        What the target is.
    random_state : int, optional
        Seed of the folds.
    """

    def __init__(
        self,
        smooth: float = 20.0,
        folds: int = 5,
        target_type: str = "auto",
        random_state: int | None = None,
    ) -> None:
        self.smooth = smooth
        self.folds = folds
        self.target_type = target_type
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Learn the statistics of each level from all rows."""
        (column,) = columns_of(X)
        self._learn(*codes(column), self._target(y))
        return self

    def fit_transform(self, X: Any, y: Any) -> NDArray[np.float64]:
        """Learn, and return for each row what the other folds say of its level."""
        (column,) = columns_of(X)
        numbers, levels = codes(column)
        target = self._target(y)
        self._learn(numbers, levels, target)
        found = np.empty((len(numbers), self.table_.shape[1]))
        folds = KFold(min(self.folds, len(numbers)), shuffle=True, random_state=self.random_state)
        for on, out in folds.split(numbers):
            found[out] = self._table(numbers[on], len(levels), target[on])[numbers[out]]
        return found

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Return the statistics, shape (n_rows, n_statistics)."""
        check_is_fitted(self)
        (column,) = columns_of(X)
        numbers, levels = codes(column)
        rows = np.array([*(self.rows_.get(level, -2) for level in levels), -1])
        found: NDArray[np.float64] = self.table_[rows[numbers]]
        return found

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return the names of the statistics: ``share``, ``logit``, ``frequency``."""
        check_is_fitted(self)
        return np.asarray(self._names(), dtype=object)

    def _target(self, y: Any) -> NDArray[np.float64]:
        """Return the target as numbers: a column of 0 and 1 for each class that is counted."""
        kind = type_of_target(y) if self.target_type == "auto" else self.target_type
        self.n_features_in_ = 1
        self.classes_ = None
        if kind == "continuous":
            return np.asarray(y, dtype=np.float64)[:, None]
        self.classes_ = np.unique(np.asarray(y))
        counted = self.classes_[1:] if len(self.classes_) == 2 else self.classes_
        marks: NDArray[np.float64] = (np.asarray(y)[:, None] == counted).astype(np.float64)
        return marks

    def _learn(
        self, numbers: NDArray[np.intp], levels: list[str], target: NDArray[np.float64]
    ) -> None:
        self.rows_ = {level: at for at, level in enumerate(levels)}
        self.table_ = self._table(numbers, len(levels), target)

    def _table(
        self, numbers: NDArray[np.intp], levels: int, target: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the statistics of each level; then of one that is unknown, and of missing."""
        places = np.where(numbers < 0, levels + 1, numbers)
        counts = np.bincount(places, minlength=levels + 2).astype(np.float64)
        weights = (counts / np.maximum(counts + self.smooth, 1e-9))[:, None]
        statistics = self._of_classes if self.classes_ is not None else self._of_numbers
        return np.column_stack(
            [statistics(target, places, counts, weights), counts / max(len(numbers), 1)]
        )

    def _of_classes(
        self,
        target: NDArray[np.float64],
        places: NDArray[np.intp],
        counts: NDArray[np.float64],
        weights: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        means = _means(target, places, counts)
        shares = weights * means + (1 - weights) * target.mean(axis=0)
        # Half a row for and half a row against: no share is so sure that its odds have no end.
        seen = np.maximum(counts + self.smooth, 1.0)[:, None]
        sure = (shares * seen + 0.5) / (seen + 1.0)
        return np.column_stack([shares, np.log(sure / (1 - sure))])

    def _of_numbers(
        self,
        target: NDArray[np.float64],
        places: NDArray[np.intp],
        counts: NDArray[np.float64],
        weights: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        means = _means(target, places, counts)
        squares = _means((target - means[places]) ** 2, places, counts)
        deviation = np.sqrt(weights * squares + (1 - weights) * target.var(axis=0))
        quantiles = _quantiles(target[:, 0], places, len(counts))
        overall = np.quantile(target[:, 0], list(_QUANTILES.values()))
        return np.column_stack(
            [
                weights * means + (1 - weights) * target.mean(axis=0),
                deviation,
                weights * quantiles + (1 - weights) * overall,
            ]
        )

    def _names(self) -> list[str]:
        if self.classes_ is None:
            return ["mean", "deviation", *_QUANTILES, "frequency"]
        if len(self.classes_) == 2:
            return ["share", "logit", "frequency"]
        shares = [f"share_{each}" for each in self.classes_]
        return [*shares, *(f"logit_{each}" for each in self.classes_), "frequency"]


def _means(
    values: NDArray[np.float64], places: NDArray[np.intp], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the mean of each column at each place, 0 where there is no row."""
    sums = [np.bincount(places, column, minlength=len(counts)) for column in values.T]
    return np.column_stack(sums) / np.maximum(counts, 1.0)[:, None]


def _quantiles(
    values: NDArray[np.float64], places: NDArray[np.intp], count: int
) -> NDArray[np.float64]:
    """Return the quantiles at each place, shape (places, quantiles); 0 where there is no row."""
    order = np.argsort(places, kind="stable")
    bounds = np.searchsorted(places[order], np.arange(count + 1))
    found = np.zeros((count, len(_QUANTILES)))
    for place in np.flatnonzero(np.diff(bounds)):
        rows = order[bounds[place] : bounds[place + 1]]
        found[place] = np.quantile(values[rows], list(_QUANTILES.values()))
    return found
