"""The first step of every pipeline: columns of the types that the others expect."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from mlpipe.errors import DataError, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CODED", "FEW", "Typed", "level_text"]

CODED = "level"
"""The kind of a category of which a later step reads the number of each row's level alone."""
FEW = 1000
"""With fewer rows there is nothing to gain from numbers."""


class Typed(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Bring each column to one type by its kind, whatever a reader or one row made of it.

    Numbers and booleans become float64; categories and texts Python strings, NaN where
    missing; dates naive ``datetime64[us]`` in ``timezone``. Other columns are left out. Many rows
    of the kind `CODED` become a ``Categorical`` of the same strings.

    Parameters
    ----------
    kinds : dict of str to str
        The kind of each column, in the order of the result.
    timezone : str, optional
        The zone that moments with a zone are shown in; UTC by default.
    """

    def __init__(self, kinds: dict[str, str] | None = None, timezone: str | None = None) -> None:
        self.kinds = kinds
        self.timezone = timezone

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:  # noqa: ARG002
        """Check that the columns are there; nothing is learned."""
        self._require(X)
        self.n_features_in_ = len(self.kinds or {})
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the columns in their types, with the index of ``X``.

        Raises
        ------
        DataError
            If a column is missing, or a value cannot be of its kind.
        """
        self._require(X)
        columns = {name: self._column(X[name], kind) for name, kind in (self.kinds or {}).items()}
        return pd.DataFrame(columns, index=X.index, copy=False)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return the names of the columns."""
        return np.asarray(list(self.kinds or {}), dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def _require(self, X: pd.DataFrame) -> None:
        missing = [name for name in self.kinds or {} if name not in X.columns]
        if missing:
            raise DataError(*(Problem("the column is missing", key=name) for name in missing))

    def _column(self, column: pd.Series[Any], kind: str) -> Any:
        try:
            if kind in {"number", "boolean"}:
                return _numbers(column)
            if kind == "text" and isinstance(column.dtype, pd.StringDtype):
                return _texts(column)
            if kind == "date":
                return self._dates(column)
            return _levels(column, coded=kind == CODED and len(column) >= FEW)
        except (TypeError, ValueError) as error:
            told = "category" if kind == CODED else kind
            raise DataError(
                Problem(f"a value is not a {told}: {error}", key=str(column.name))
            ) from error

    def _dates(self, column: pd.Series[Any]) -> pd.Series[Any]:
        dates = pd.to_datetime(column)
        if isinstance(dates.dtype, pd.DatetimeTZDtype):
            dates = dates.dt.tz_convert(self.timezone or "UTC").dt.tz_localize(None)
        return dates.astype("datetime64[us]")


def _numbers(column: pd.Series[Any]) -> Any:
    if column.dtype == np.float64:
        return column  # pandas copies it where it is written to
    if column.dtype == object:
        # Decimals, and booleans with gaps.
        return np.asarray(column.astype(np.float64), dtype=np.float64)
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))


def _texts(column: pd.Series[Any]) -> pd.Series[Any]:
    """Strings one by one: where nearly all differ, to find those that do not takes memory."""
    strings = column.to_numpy(dtype=object, na_value=np.nan)
    return pd.Series(strings, index=column.index, dtype=object, copy=False)


def _levels(column: pd.Series[Any], *, coded: bool) -> Any:
    """Strings, one object a level: later steps compare and hash them quickly, or not at all."""
    codes, levels = pd.factorize(column)
    texts = np.array([*map(level_text, levels), np.nan], dtype=object)
    if coded and len(set(texts)) == len(texts):
        return pd.Categorical.from_codes(codes, pd.Index(texts[:-1], dtype=object))
    # Code −1 is missing: the last one. The dtype is said, or pandas makes its own strings of it.
    return pd.Series(texts[codes], index=column.index, dtype=object)


def level_text(level: Any) -> str:
    """Write a level as text; 5.0 is 5, since a gap turns a column of integers into floats."""
    if isinstance(level, str):
        return str(level)
    if isinstance(level, bool | np.bool_):
        return "true" if level else "false"
    if isinstance(level, float | np.floating) and float(level).is_integer():
        return str(int(level))
    return str(level)
