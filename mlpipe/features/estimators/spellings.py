"""Levels near each other where they are spelled alike."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.validation import check_is_fitted

from mlpipe.features.estimators.categories import codes, columns_of
from mlpipe.features.estimators.components import Components

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Spellings"]


class Spellings(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """TF-IDF of the character n-grams of each level, pressed by an SVD.

    As skrub's ``StringEncoder`` does it, but over the different levels of train, not its rows:
    how a level is spelled does not depend on how often it is met.

    Parameters
    ----------
    size : int
        How many components at most.
    ngrams : tuple of int
        Shortest and longest run of characters, inside words.
    random_state : int, optional
        Seed of the randomized solver.
    """

    def __init__(
        self, size: int = 8, ngrams: tuple[int, int] = (2, 4), random_state: int | None = None
    ) -> None:
        self.size = size
        self.ngrams = ngrams
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002
        """Learn the n-grams of the levels, and the directions in which the levels differ."""
        (column,) = columns_of(X)
        # In the order of their text: the order of rows says nothing about levels.
        levels = sorted(level for level in codes(column)[1] if level.strip())
        self.n_features_in_ = 1
        self.vectorizer_ = None
        if not levels:
            return self
        self.vectorizer_ = TfidfVectorizer(analyzer="char_wb", ngram_range=self.ngrams)
        weights = self.vectorizer_.fit_transform(levels)
        # numpy's integers would be a file each in the bundle.
        grams = self.vectorizer_.vocabulary_
        self.vectorizer_.vocabulary_ = {gram: int(place) for gram, place in grams.items()}
        width = min(self.size, len(levels))
        self.components_ = Components(width, self.random_state).fit(weights)
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Return shape (n_rows, n_components); a missing value is at 0."""
        check_is_fitted(self, "n_features_in_")
        (column,) = columns_of(X)
        numbers, levels = codes(column)
        places = np.zeros((len(levels) + 1, self._width()))
        if levels and self.vectorizer_ is not None:
            places[:-1] = self.components_.transform(self.vectorizer_.transform(levels))
        found: NDArray[np.float64] = places[numbers]
        return found

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return ``embed0``, ``embed1`` and so on."""
        check_is_fitted(self, "n_features_in_")
        return np.asarray([f"embed{number}" for number in range(self._width())], dtype=object)

    def _width(self) -> int:
        return 1 if self.vectorizer_ is None else len(self.components_.get_feature_names_out())
