"""Intervals between given edges."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted, validate_data

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Intervals"]


class Intervals(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The interval that each number falls into; an interval begins at its lower edge.

    Parameters
    ----------
    edges : list of float
        Where to cut, ascending; what lies below the first or above the last has an interval too.
    ordinal : bool
        Give the number of the interval, from 0, in place of a column of 0 and 1 for each.
    """

    def __init__(self, edges: list[float] | None = None, ordinal: bool = False) -> None:
        self.edges = edges
        self.ordinal = ordinal

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002
        """Remember the columns; nothing else is learned."""
        validate_data(self, X, dtype=np.float64)
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Return shape (n_rows, n_columns), or (n_rows, n_columns × intervals) of 0 and 1."""
        check_is_fitted(self, "n_features_in_")
        values = validate_data(self, X, dtype=np.float64, reset=False)
        numbers = np.searchsorted(self.edges or [], values, side="right")
        every = np.arange(len(self.edges or []) + 1)
        marks = (numbers[:, :, None] == every).reshape(len(values), -1)
        made: NDArray[np.float64] = (numbers if self.ordinal else marks).astype(np.float64)
        return made

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return ``column_below_18``, ``column_18_to_65``, ``column_from_65``; or the columns."""
        check_is_fitted(self, "n_features_in_")
        given = _check_feature_names_in(self, input_features)
        if self.ordinal:
            return np.asarray(given, dtype=object)
        edges = [
            f"{edge:g}" if float(f"{edge:g}") == edge else repr(edge) for edge in self.edges or []
        ]
        between = [f"{low}_to_{high}" for low, high in pairwise(edges)]
        parts = [f"below_{edges[0]}", *between, f"from_{edges[-1]}"]
        return np.asarray([f"{name}_{part}" for name in given for part in parts], dtype=object)


def _short(edge: float) -> str:
    """Write an edge as people do, 18 and not 18.0, as long as it says the same number."""
    return f"{edge:g}" if float(f"{edge:g}") == edge else repr(edge)
