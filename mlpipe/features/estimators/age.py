"""The time from one date to another."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Elapsed"]

_DAYS = {"days": 1.0, "months": 365.2425 / 12, "years": 365.2425}
"""How long a unit is; a year is the mean one of the Gregorian calendar."""


class Elapsed(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """How long before another date each date was; negative where it is after it.

    Parameters
    ----------
    at : str, optional
        The column to count to; the frame holds it beside the one that is counted from.
    date : str, optional
        The fixed date to count to where there is no such column.
    unit : {"days", "months", "years"}
        What is counted.
    """

    def __init__(self, at: str | None = None, date: str | None = None, unit: str = "days") -> None:
        self.at = at
        self.date = date
        self.unit = unit

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:  # noqa: ARG002
        """Remember the columns; nothing else is learned."""
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return the ages, shape (n_rows, 1); NaN where either date is missing."""
        check_is_fitted(self)
        until = X[self.at] if self.at is not None else pd.Timestamp(self.date or "")
        elapsed = (until - X[self.feature_names_in_[0]]) / pd.Timedelta(days=_DAYS[self.unit])
        return np.asarray(elapsed, dtype=np.float64)[:, np.newaxis]

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return ``column_age_days_at_reference``."""
        check_is_fitted(self)
        column, until = self.feature_names_in_[0], self.at or self.date
        return np.asarray([f"{column}_age_{self.unit}_at_{until}"], dtype=object)
