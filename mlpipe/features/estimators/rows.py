"""Numbers by their row's length, and by their rank."""
# ruff: noqa: TID253 - defines scikit-learn transformers; imported lazily

from __future__ import annotations

import warnings
from typing import Any, Self

from sklearn.preprocessing import Normalizer, QuantileTransformer

__all__ = ["Directions", "Ranks"]


class Directions(Normalizer):  # type: ignore[misc]
    """A `Normalizer` that says that each value is made from the whole row."""

    def fit(self, X: Any, y: Any = None) -> Self:
        """Remember the columns; nothing else is learned."""
        super().fit(X, y)
        return self

    def made_from(self, names: list[str]) -> list[list[int]]:  # noqa: ARG002
        """Return the positions that each feature is made from: its own, then all others."""
        every = range(self.n_features_in_)
        return [[own, *(other for other in every if other != own)] for own in every]


class Ranks(QuantileTransformer):  # type: ignore[misc]
    """A `QuantileTransformer` that takes fewer rows than quantiles without a word."""

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the quantiles: as many as asked for, at most one a row."""
        with warnings.catch_warnings():
            # The documentation of the word says so.
            warnings.filterwarnings("ignore", "n_quantiles", UserWarning)
            super().fit(X, y)
        return self
