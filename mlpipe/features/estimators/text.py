"""Counts and TF-IDF weights of the words in a column of a frame."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.utils.validation import check_is_fitted

from mlpipe.features.estimators.word_counts import count, learn, pieces

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

__all__ = ["TextCounts", "TextWeights"]


class TextCounts(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A `CountVectorizer` for a frame of one column; a missing text has no words.

    Parameters
    ----------
    max_features, ngram_range, analyzer, min_df, lowercase, stop_words, binary
        As `CountVectorizer` has them.
    """

    def __init__(
        self,
        *,
        max_features: int | None = None,
        ngram_range: tuple[int, int] = (1, 1),
        analyzer: str = "word",
        min_df: int = 1,
        lowercase: bool = True,
        stop_words: str | None = None,
        binary: bool = False,
    ) -> None:
        self.max_features = max_features
        self.ngram_range = ngram_range
        self.analyzer = analyzer
        self.min_df = min_df
        self.lowercase = lowercase
        self.stop_words = stop_words
        self.binary = binary

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:
        """Learn the vocabulary."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: pd.DataFrame, y: Any = None) -> csr_matrix:  # noqa: ARG002
        """Learn, and return the counts in one pass over the texts, shape (n_rows, n_words).

        Raises
        ------
        ValueError
            If no word is left.
        """
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        self.vectorizer_ = CountVectorizer(**self.get_params())
        return learn(self.vectorizer_, _texts(X))[0]

    def transform(self, X: pd.DataFrame) -> csr_matrix:
        """Return the counts, shape (n_rows, n_words); words that train did not have count 0."""
        check_is_fitted(self)
        return count(self.vectorizer_, _texts(X))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return ``column_word``."""
        check_is_fitted(self)
        return _names(self.feature_names_in_[0], self.vectorizer_)


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
        """Learn, and return the weights in one pass over the texts, shape (n_rows, n_words).

        Raises
        ------
        ValueError
            If no word is left.
        """
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        self.vectorizer_ = TfidfVectorizer(**self.get_params())
        counts, frequencies = learn(self.vectorizer_, _texts(X))
        # As `TfidfTransformer.fit` smooths it; to count the texts it would copy all columns.
        self.vectorizer_.idf_ = np.log((len(X) + 1) / (frequencies + 1.0)) + 1.0
        return self._weighted(counts)

    def transform(self, X: pd.DataFrame) -> csr_matrix:
        """Return the weights, shape (n_rows, n_words); words that train did not have count 0."""
        check_is_fitted(self)
        return self._weighted(count(self.vectorizer_, _texts(X)))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return ``column_word``."""
        check_is_fitted(self)
        return _names(self.feature_names_in_[0], self.vectorizer_)

    def _weighted(self, counts: csr_matrix) -> csr_matrix:
        """Turn counts into weights where they are, some rows at a time."""
        weights = TfidfTransformer(sublinear_tf=self.sublinear_tf)
        weights.idf_ = self.vectorizer_.idf_
        for part, piece in pieces(counts):
            counts.data[part] = weights.transform(piece).data
        return counts


def _texts(X: pd.DataFrame) -> NDArray[np.object_]:
    return X.iloc[:, 0].to_numpy(dtype=object)


def _names(column: str, vectorizer: CountVectorizer) -> NDArray[np.object_]:
    words = vectorizer.get_feature_names_out()
    return np.asarray([f"{column}_{word}" for word in words], dtype=object)
