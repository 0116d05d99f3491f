"""Imputers and scalers that learn from one column after the other."""
# ruff: noqa: TID253 - imported by scikit-learn transformers only

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

__all__ = ["fitted"]

_LEARNED: dict[type, tuple[str, ...]] = {
    SimpleImputer: ("statistics_",),
    StandardScaler: ("mean_", "var_", "scale_", "n_samples_seen_"),
}
"""What each learns of a column, whatever the columns beside it."""


def fitted(block: Any, X: pd.DataFrame, y: Any = None) -> Any:
    """Return a block of columns fitted: what scikit-learn's own fit gives, to the last bit.

    The columns of a frame are apart in memory. Fitted together they would be put side by side,
    and several copies of all of them be there at once; one after the other they need none.

    Parameters
    ----------
    block : transformer
        Unfitted, and left so.
    X : DataFrame, shape (n_rows, n_columns)
    y : array, shape (n_rows,), optional
    """
    if X.shape[1] < 2 or not all(map(_is_by_column, _steps(block))):
        return clone(block).fit(X, y)
    each = [clone(block).fit(X.iloc[:, [at]], y) for at in range(X.shape[1])]
    for together in zip(*map(_steps, each), strict=True):
        _join(together, X)
    return each[0]


def _steps(block: Any) -> list[Any]:
    return [step for _, step in block.steps] if isinstance(block, Pipeline) else [block]


def _is_by_column(step: Any) -> bool:
    if type(step) is SimpleImputer:
        plain = step.keep_empty_features and not step.add_indicator
        return bool(plain) and step.strategy in {"mean", "median"}
    return type(step) is StandardScaler and step.with_mean and step.with_std


def _join(each: Sequence[Any], X: pd.DataFrame) -> None:
    """Give the first of several fitted steps what all of them have learned."""
    first = each[0]
    first.n_features_in_ = X.shape[1]
    if hasattr(first, "feature_names_in_"):
        first.feature_names_in_ = np.asarray(X.columns, dtype=object)
    for name in _LEARNED[type(first)]:
        setattr(first, name, np.hstack([getattr(one, name) for one in each]))
    if type(first) is StandardScaler and np.ptp(first.n_samples_seen_) == 0:
        first.n_samples_seen_ = first.n_samples_seen_[0]
