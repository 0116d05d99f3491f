"""Levels of a category as texts: how often each is met, and into which column it hashes."""
# ruff: noqa: TID253 - defines scikit-learn transformers; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.feature_extraction import FeatureHasher
from sklearn.utils.validation import check_is_fitted

from mlpipe.features.estimators.typed import level_text

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

__all__ = ["LevelCounts", "LevelHashes", "codes", "columns_of"]


def codes(column: pd.Series[Any]) -> tuple[NDArray[np.intp], list[str]]:
    """Return the number of each row's level, -1 where it is missing, and the levels as texts.

    Levels stand in the order in which they are met.
    """
    numbers, levels = pd.factorize(column)
    return numbers, [level_text(level) for level in levels]


def columns_of(X: Any) -> list[pd.Series[Any]]:
    """Return the columns of a frame, or of an array that an earlier step made of one."""
    frame = X if isinstance(X, pd.DataFrame) else pd.DataFrame(X)
    return [frame.iloc[:, at] for at in range(frame.shape[1])]


class LevelCounts(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """How many rows of train have the level of a row; a missing value is a level of its own.

    Parameters
    ----------
    normalize : bool
        Give the share of the rows in place of their number.
    """

    def __init__(self, normalize: bool = False) -> None:
        self.normalize = normalize

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002
        """Count the levels of each column."""
        if isinstance(X, pd.DataFrame):
            self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        self.counts_, self.missing_ = [], []
        whole = len(X) if self.normalize else 1
        for column in columns_of(X):
            numbers, levels = codes(column)
            # Counted from -1, the missing value, on. Python's numbers: numpy's would be a file
            # each in the bundle.
            missing, *counts = (
                np.bincount(numbers + 1, minlength=len(levels) + 1) / whole
            ).tolist()
            self.missing_.append(missing)
            self.counts_.append(dict(zip(levels, counts, strict=True)))
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Return the counts, shape (n_rows, n_columns); 0 for a level that train did not have."""
        check_is_fitted(self)
        made = []
        for column, counts, missing in zip(columns_of(X), self.counts_, self.missing_, strict=True):
            numbers, levels = codes(column)
            # Code -1 is missing: the last one.
            made.append(np.array([*(counts.get(each, 0.0) for each in levels), missing])[numbers])
        return np.column_stack(made)


class LevelHashes(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A `FeatureHasher` for a frame of one column; a missing value is 0 everywhere.

    Parameters
    ----------
    n_features : int
        Into how many columns.
    """

    def __init__(self, n_features: int = 32) -> None:
        self.n_features = n_features

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002
        """Remember the column; nothing else is learned."""
        if isinstance(X, pd.DataFrame):
            self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: Any) -> csr_matrix:
        """Return shape (n_rows, n_features), with one 1 or -1 in each row."""
        check_is_fitted(self, "n_features_in_")
        (column,) = columns_of(X)
        numbers, levels = codes(column)
        hasher = FeatureHasher(self.n_features, input_type="string")
        # One row a level and an empty one, the last, for the missing value: code -1.
        return hasher.transform([*([level] for level in levels), []])[numbers]

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return ``hash0``, ``hash1`` and so on."""
        return np.asarray([f"hash{number}" for number in range(self.n_features)], dtype=object)
