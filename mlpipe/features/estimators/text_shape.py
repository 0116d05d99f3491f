"""What a text says without a vocabulary: hashes of its words, and its measures."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.utils.validation import check_is_fitted

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

__all__ = ["TextHashes", "TextMeasures"]


class TextHashes(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A `HashingVectorizer` for a frame of one column; a missing text has no words.

    Parameters
    ----------
    n_features, ngram_range, analyzer, lowercase, alternate_sign, norm
        As `HashingVectorizer` has them.
    """

    def __init__(
        self,
        *,
        n_features: int = 1024,
        ngram_range: tuple[int, int] = (1, 1),
        analyzer: str = "word",
        lowercase: bool = True,
        alternate_sign: bool = True,
        norm: str | None = "l2",
    ) -> None:
        self.n_features = n_features
        self.ngram_range = ngram_range
        self.analyzer = analyzer
        self.lowercase = lowercase
        self.alternate_sign = alternate_sign
        self.norm = norm

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:  # noqa: ARG002
        """Remember the column; nothing else is learned."""
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: pd.DataFrame) -> csr_matrix:
        """Return the counts of the hashed words, shape (n_rows, n_features)."""
        check_is_fitted(self)
        return HashingVectorizer(**self.get_params()).transform(X.iloc[:, 0].fillna(""))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return ``column_hash0``, ``column_hash1`` and so on."""
        check_is_fitted(self)
        column = self.feature_names_in_[0]
        return np.asarray([f"{column}_hash{n}" for n in range(self.n_features)], dtype=object)


class TextMeasures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Lengths and shares of each text.

    Parameters
    ----------
    parts : list of str
        Names of the measures, as the word ``text_length`` takes them.
    """

    def __init__(self, parts: list[str] | None = None) -> None:
        self.parts = parts

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:  # noqa: ARG002
        """Remember the columns; nothing else is learned."""
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return an array of shape (n_rows, n_columns × parts); NaN where the text is missing."""
        check_is_fitted(self)
        columns = [
            measured
            for name in self.feature_names_in_
            for measured in _measured(X[name], [_MEASURES[part] for part in self._parts()])
        ]
        return np.column_stack(columns)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return ``column_part``, such as ``note_words``."""
        check_is_fitted(self)
        names = [f"{column}_{part}" for column in self.feature_names_in_ for part in self._parts()]
        return np.asarray(names, dtype=object)

    def _parts(self) -> list[str]:
        return list(dict.fromkeys(self.parts or []))


def _measured(
    texts: pd.Series[Any], measures: list[Callable[[str], float]]
) -> list[NDArray[np.float64]]:
    """Return each measure of each text: a text that comes again is measured once."""
    codes, distinct = pd.factorize(texts)
    # Code −1 is missing: the last one.
    return [np.array([*map(measure, distinct), np.nan])[codes] for measure in measures]


def _word_length(text: str) -> float:
    words = text.split()
    return sum(map(len, words)) / len(words) if words else 0.0


def _capitals(text: str) -> float:
    letters = sum(map(str.isalpha, text))
    return sum(map(str.isupper, text)) / letters if letters else 0.0


def _digits(text: str) -> float:
    return sum(map(str.isdigit, text)) / len(text) if text else 0.0


def _punctuation(text: str) -> float:
    others = (not (character.isalnum() or character.isspace()) for character in text)
    return sum(others) / len(text) if text else 0.0


_MEASURES: dict[str, Callable[[str], float]] = {
    "characters": len,
    "words": lambda text: len(text.split()),
    "word_length": _word_length,
    "capitals": _capitals,
    "digits": _digits,
    "punctuation": _punctuation,
}
"""Each part by its name."""
