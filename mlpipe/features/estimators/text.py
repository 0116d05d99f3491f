"""TF-IDF over a column of a frame."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.validation import check_is_fitted

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

__all__ = ["TextWeights"]


class TextWeights(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A `TfidfVectorizer` for a frame of one column; a missing text has no words.

    Parameters
    ----------
    max_features, ngram_range, analyzer, min_df, lowercase, sublinear_tf, stop_words
        As `TfidfVectorizer` has them.
    """

    def __init__(
        self,
        *,
        max_features: int | None = None,
        ngram_range: tuple[int, int] = (1, 1),
        analyzer: str = "word",
        min_df: int = 1,
        lowercase: bool = True,
        sublinear_tf: bool = False,
        stop_words: str | None = None,
    ) -> None:
        self.max_features = max_features
        self.ngram_range = ngram_range
        self.analyzer = analyzer
        self.min_df = min_df
        self.lowercase = lowercase
        self.sublinear_tf = sublinear_tf
        self.stop_words = stop_words

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        """Learn the vocabulary and how rare each word is."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: pd.DataFrame, y: Any = None) -> csr_matrix:  # noqa: ARG002
        """Learn, and return the weights in one pass over the texts."""
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        self.vectorizer_ = TfidfVectorizer(**self.get_params())
        weights = self.vectorizer_.fit_transform(_texts(X))
        # numpy's integers would be a file each in the bundle, and tens of thousands of them.
        words = self.vectorizer_.vocabulary_
        self.vectorizer_.vocabulary_ = {word: int(place) for word, place in words.items()}
        return weights

    def transform(self, X: pd.DataFrame) -> csr_matrix:
        """Return the weights, shape (n_rows, n_words); words that train did not have count 0."""
        check_is_fitted(self)
        return self.vectorizer_.transform(_texts(X))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return ``column_word``."""
        check_is_fitted(self)
        column = self.feature_names_in_[0]
        words = self.vectorizer_.get_feature_names_out()
        return np.asarray([f"{column}_{word}" for word in words], dtype=object)


def _texts(X: pd.DataFrame) -> NDArray[np.object_]:
    texts = X.iloc[:, 0].to_numpy(dtype=object)
    return np.where(pd.isna(texts), "", texts)
