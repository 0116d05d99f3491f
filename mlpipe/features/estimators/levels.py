"""Levels as numbers: each level is looked up once, however many rows have it."""
# ruff: noqa: TID253 - defines scikit-learn transformers; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils.validation import check_is_fitted

from mlpipe.features.estimators.typed import FEW

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OneHotLevels"]


class OneHotLevels(OneHotEncoder):  # type: ignore[misc]
    """A `OneHotEncoder` that is quick where many rows share few levels.

    The parameters, what is learned and the result are those of scikit-learn's encoder, which
    looks each value of each row up in a dictionary. Here the levels of a column are encoded once,
    and each row takes that of its own.
    """

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the levels; of a ``Categorical`` from those it has, unless they are counted."""
        if _is_coded(X) and self.min_frequency is None and self.max_categories is None:
            X = _coded_levels(X, only_met=True)[1]
        fitted: Self = super().fit(X, y)
        return fitted

    def transform(self, X: Any) -> Any:
        """Return a matrix of 0 and 1, shape (n_rows, n_levels)."""
        check_is_fitted(self)
        found = _levels(X)
        if found is None:
            return super().transform(X)
        codes, levels = found
        return super().transform(levels)[codes]


def _is_coded(X: Any) -> bool:
    one = isinstance(X, pd.DataFrame) and X.shape[1] == 1
    return one and isinstance(X.iloc[:, 0].dtype, pd.CategoricalDtype)


def _coded_levels(X: pd.DataFrame, *, only_met: bool = False) -> tuple[NDArray[Any], pd.DataFrame]:
    """Return the level of each row by number, and the levels; a missing value is the last."""
    (column,), told = X.columns, X.iloc[:, 0].array
    codes, levels = told.codes, told.categories.to_numpy(dtype=object)
    if only_met:
        levels = levels[np.unique(codes[codes >= 0])]
    if codes.min(initial=0) < 0:  # −1, which is the last one
        levels = np.append(levels, np.nan)
    return codes, pd.DataFrame({column: pd.Series(levels, dtype=object)})


def _levels(X: Any) -> tuple[NDArray[Any], pd.DataFrame] | None:
    """Return the level of each row by number, and the levels; None where there are many."""
    if not isinstance(X, pd.DataFrame) or X.shape[1] != 1 or len(X) < FEW:
        return None
    if _is_coded(X):
        return _coded_levels(X)
    (column,), values = X.columns, X.iloc[:, 0].to_numpy()
    try:
        texts = pa.string() if values.dtype == object else None
        told = pa.array(values, type=texts, from_pandas=True).dictionary_encode()
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # of several types
        return None
    levels = told.dictionary.to_numpy(zero_copy_only=False)
    if len(levels) > len(X) // 2:
        return None
    if told.null_count:
        missing = values[told.is_null().to_numpy(zero_copy_only=False)]
        if any(value is None for value in missing):  # a level of its own beside NaN
            return None
        levels = np.append(levels, np.nan)
    # A missing value is the last level.
    codes = told.indices.fill_null(len(levels) - 1).to_numpy()
    return codes, pd.DataFrame({column: pd.Series(levels, dtype=values.dtype)})
