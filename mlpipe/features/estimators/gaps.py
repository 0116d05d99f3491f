"""Refuse missing values before a step that takes none, and say where they are."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from typing import Any, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin

from mlpipe.errors import Problem, SpecError

__all__ = ["NoGaps"]

_SHOWN = 5


class NoGaps(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Pass values on; refuse to be fitted on missing ones.

    Parameters
    ----------
    word : str
        The word of featurize that takes no gaps.
    columns : list of str
        The columns of its block.
    """

    def __init__(self, word: str = "", columns: list[str] | None = None) -> None:
        self.word = word
        self.columns = columns

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002
        """Look for missing values.

        Raises
        ------
        SpecError
            If there are some, with the columns that have them.
        """
        self.n_features_in_ = X.shape[1]
        if hasattr(X, "columns"):
            self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        gaps = _with_gaps(X)
        if gaps.any():
            raise SpecError(
                Problem(
                    f"`{self.word}` takes no nulls, and {self._named(X, gaps)}",
                    key="featurize",
                    hint=f"put `impute: median` before `{self.word}` in the steps of the block",
                )
            )
        return self

    def transform(self, X: Any) -> Any:
        """Return ``X``; what comes next refuses gaps that train did not have."""
        return X

    def _named(self, X: Any, gaps: Any) -> str:
        columns = list(getattr(X, "columns", self.columns or []))
        if len(columns) != len(gaps):
            return f"what the steps before it make of {', '.join(columns[:_SHOWN])} has some"
        names = [str(name) for name, gap in zip(columns, gaps, strict=True) if gap]
        shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
        return f"these columns have some: {shown}"


def _with_gaps(X: Any) -> Any:
    """Return for each column whether a value is missing."""
    if issparse(X):
        cells = X.tocoo()
        found = np.zeros(X.shape[1], dtype=bool)
        found[cells.col[np.isnan(cells.data)]] = True
        return found
    return np.isnan(np.asarray(X, dtype=np.float64)).any(axis=0)
