"""Numbers within bounds, and their logarithms."""
# ruff: noqa: TID253 - defines scikit-learn transformers; imported lazily

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Bounds", "Logarithm"]


class Bounds(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Hold each column within bounds; missing values stay.

    Parameters
    ----------
    low_quantile, high_quantile : float, optional
        Bounds learned on train.
    minimum, maximum : float, optional
        Bounds given, which win.
    """

    def __init__(
        self,
        low_quantile: float | None = None,
        high_quantile: float | None = None,
        minimum: float | None = None,
        maximum: float | None = None,
    ) -> None:
        self.low_quantile = low_quantile
        self.high_quantile = high_quantile
        self.minimum = minimum
        self.maximum = maximum

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002
        """Learn the quantiles of each column; a column without values has no bounds."""
        values = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan")
        self.low_ = _bound(values, self.low_quantile, self.minimum, -np.inf)
        self.high_ = _bound(values, self.high_quantile, self.maximum, np.inf)
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Return the bounded values, shape (n_rows, n_columns)."""
        check_is_fitted(self)
        values = validate_data(
            self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False
        )
        clipped: NDArray[np.float64] = np.clip(values, self.low_, self.high_)
        return clipped


def _bound(
    values: NDArray[np.float64], quantile: float | None, given: float | None, none: float
) -> NDArray[np.float64]:
    if given is not None:
        return np.full(values.shape[1], float(given))
    if quantile is None:
        return np.full(values.shape[1], none)
    seen = (column[~np.isnan(column)] for column in values.T)
    return np.array([np.quantile(one, quantile) if one.size else none for one in seen])


class Logarithm(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Natural logarithm of value + offset; NaN where that is not positive.

    Parameters
    ----------
    offset : float
        Added to each value first.
    """

    def __init__(self, offset: float = 1.0) -> None:
        self.offset = offset

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002
        """Remember the columns; say where a value has no logarithm. Nothing else is learned."""
        values = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan")
        without = int(np.count_nonzero(values + self.offset <= 0))
        if without:
            names = ", ".join(getattr(self, "feature_names_in_", ()))
            said = f"log of {names}: {without:,} values + {self.offset:g} are not positive: missing"
            warnings.warn(said, UserWarning, stacklevel=2)
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Return the logarithms, shape (n_rows, n_columns)."""
        check_is_fitted(self, "n_features_in_")
        values = validate_data(
            self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False
        )
        shifted = values + self.offset
        logs: NDArray[np.float64] = np.log(np.where(shifted > 0, shifted, np.nan))
        return logs
