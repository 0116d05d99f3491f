"""A scaler that learns from one column after the other."""
# ruff: noqa: TID253 - imported by scikit-learn transformers only

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone
from sklearn.preprocessing import StandardScaler

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["fitted"]

_BY_COLUMN = ("mean_", "var_", "scale_", "n_samples_seen_")


def fitted(block: Any, X: pd.DataFrame, y: Any = None) -> Any:
    """Return a block of columns fitted: what scikit-learn's own fit gives, to the last bit.

    The columns of a frame are apart in memory. A `StandardScaler` would put them side by side and
    work on a copy of all of them, but learns nothing of one column from another.
    """
    scaler = clone(block)
    if type(scaler) is not StandardScaler or not (scaler.with_mean and scaler.with_std):
        return scaler.fit(X, y)
    each = [clone(block).fit(X.iloc[:, [at]]) for at in range(X.shape[1])]
    scaler.n_features_in_ = X.shape[1]
    scaler.feature_names_in_ = np.asarray(X.columns, dtype=object)
    for name in _BY_COLUMN:
        setattr(scaler, name, np.hstack([getattr(one, name) for one in each]))
    if np.ptp(scaler.n_samples_seen_) == 0:
        scaler.n_samples_seen_ = scaler.n_samples_seen_[0]
    return scaler
