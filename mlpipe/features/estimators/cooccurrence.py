"""Levels near each other where they are met in the same company."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.extmath import randomized_svd
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from mlpipe.features.estimators.categories import codes, columns_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Companions"]

_SMOOTHING = 0.75
"""Exponent of the counts of contexts: rare ones would weigh too much."""


class Companions(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Place the levels of several columns by the levels of the others that they are met with.

    The positive pointwise mutual information of every two levels of different columns, pressed
    by an SVD whose left vectors are weighed by the root of the singular values (Levy and
    Goldberg 2014; smoothed contexts after Levy, Goldberg and Dagan 2015). A missing value is a
    level of its own.

    Parameters
    ----------
    size : int
        How many numbers a level gets, at most.
    random_state : int, optional
        Seed of the randomized solver.
    """

    def __init__(self, size: int = 8, random_state: int | None = None) -> None:
        self.size = size
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002
        """Count which levels are met together, and place them."""
        self.n_features_in_ = X.shape[1]
        marks, self.levels_, first = [], [], 0
        for column in columns_of(X):
            numbers, levels = codes(column)
            marks.append(_marks(numbers, len(levels) + 1))
            # The last place of a column is that of its missing value.
            self.levels_.append({level: first + at for at, level in enumerate(levels)})
            first += len(levels) + 1
        associations = _associations(marks)
        width = min(self.size, first)
        vectors, strengths, _ = randomized_svd(
            associations, width, random_state=self.random_state, n_iter=7
        )
        # A last place for levels that train did not have: nothing is known of their company.
        self.places_ = np.vstack([vectors * np.sqrt(strengths), np.zeros(width)])
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Return shape (n_rows, n_columns × size); a level that train did not have is at 0."""
        check_is_fitted(self)
        made, first = [], 0
        for column, known in zip(columns_of(X), self.levels_, strict=True):
            numbers, levels = codes(column)
            missing = first + len(known)
            rows = np.array([*(known.get(level, -1) for level in levels), missing])
            made.append(self.places_[rows[numbers]])
            first = missing + 1
        return np.hstack(made)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return ``column__embed0`` and so on, column by column."""
        check_is_fitted(self)
        given = _check_feature_names_in(self, input_features)
        width = range(self.places_.shape[1])
        return np.asarray([f"{name}__embed{at}" for name in given for at in width], dtype=object)

    def made_from(self, names: list[str]) -> list[list[int]]:  # noqa: ARG002
        """Return the column of each feature: the others have shaped its places, not its value."""
        return [[at] for at in range(self.n_features_in_) for _ in range(self.places_.shape[1])]


def _marks(numbers: NDArray[np.intp], width: int) -> csr_matrix:
    """Return a column of 0 and 1 for each level, the last for the missing value."""
    rows = np.arange(len(numbers))
    places = np.where(numbers < 0, width - 1, numbers)
    return csr_matrix((np.ones(len(rows)), (rows, places)), shape=(len(rows), width))


def _associations(marks: list[csr_matrix]) -> csr_matrix:
    """Return the positive pointwise mutual information, shape (all levels, all levels)."""
    every = hstack(marks, format="csr")
    together = (every.T @ every).tocoo()
    widths = [one.shape[1] for one in marks]
    column = np.repeat(np.arange(len(marks)), widths)
    # Levels of one column are never met together.
    other = column[together.row] != column[together.col]
    row, col, count = together.row[other], together.col[other], together.data[other]
    totals = np.bincount(row, count, minlength=sum(widths))
    contexts = totals**_SMOOTHING
    expected = totals[row] * contexts[col] / max(contexts.sum(), 1.0)
    information = np.maximum(np.log(count / expected), 0.0)
    found = csr_matrix((information, (row, col)), shape=together.shape)
    found.eliminate_zeros()
    return found
