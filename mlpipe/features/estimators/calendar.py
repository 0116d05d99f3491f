"""Calendar parts of dates."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Calendar"]

_PERIODS = {
    "quarter": (1, 4),
    "month": (1, 12),
    "week": (1, 53),
    "day": (1, 31),
    "dayofweek": (0, 7),
    "dayofyear": (1, 366),
    "hour": (0, 24),
    "minute": (0, 60),
}
"""First value and length of the parts that come round again."""

_ATTRIBUTES = {"dayofweek": "day_of_week", "dayofyear": "day_of_year"}


class Calendar(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Numbers that a calendar gives for each date.

    Parameters
    ----------
    parts : list of str
        Names of the parts, as the word ``date`` takes them.
    cyclic : bool
        Write parts that come round again as sine and cosine.
    """

    def __init__(self, parts: list[str] | None = None, cyclic: bool = False) -> None:
        self.parts = parts
        self.cyclic = cyclic

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:  # noqa: ARG002
        """Remember the columns; nothing else is learned."""
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return an array of shape (n_rows, n_columns × parts), in the order of the names."""
        check_is_fitted(self)
        columns = [
            values
            for name in self.feature_names_in_
            for part in self._parts()
            for values in self._columns(_part(X[name], part), part)
        ]
        return np.column_stack(columns)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return ``column_part``, or ``column_part_sin`` and ``column_part_cos``."""
        check_is_fitted(self)
        names = [
            f"{column}_{part}{ending}"
            for column in self.feature_names_in_
            for part in self._parts()
            for ending in (("_sin", "_cos") if self._turns(part) else ("",))
        ]
        return np.asarray(names, dtype=object)

    def _parts(self) -> list[str]:
        return list(dict.fromkeys(self.parts or []))

    def _turns(self, part: str) -> bool:
        return self.cyclic and part in _PERIODS

    def _columns(self, values: NDArray[np.float64], part: str) -> list[NDArray[np.float64]]:
        if not self._turns(part):
            return [values]
        first, length = _PERIODS[part]
        angle = (values - first) * (2 * np.pi / length)
        return [np.sin(angle), np.cos(angle)]


def _part(dates: pd.Series[Any], part: str) -> NDArray[np.float64]:
    """One calendar part of each date; NaN where there is none."""
    if part == "week":
        values = dates.dt.isocalendar()["week"]
    elif part == "weekend":
        values = (dates.dt.day_of_week >= 5).astype(float).where(dates.notna())
    elif part == "days":
        values = (dates - pd.Timestamp(0)) / pd.Timedelta(days=1)
    else:
        values = getattr(dates.dt, _ATTRIBUTES.get(part, part))
    return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))
