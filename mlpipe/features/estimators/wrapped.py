"""A transformer of anyone's, held to what a feature must be."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from mlpipe.errors import ComputeError, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Wrapped"]

_TRIED = 20
"""So many rows of train are transformed alone and together, to see that it is the same."""


class Wrapped(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Fit a clone of a transformer, and take numbers of its rows and nothing else.

    Parameters
    ----------
    transformer : estimator
        Unfitted.
    """

    def __init__(self, transformer: Any = None) -> None:
        self.transformer = transformer

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit it."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Fit it, and return the features of train, shape (n_rows, n_features).

        Raises
        ------
        ComputeError
            If it makes something else than a row of numbers for each row, or if what it makes
            of a row depends on the rows beside it.
        """
        self.transformer_ = clone(self.transformer)
        self.n_features_in_ = X.shape[1]
        rows = self._handed(X)
        if hasattr(self.transformer_, "fit_transform"):
            made = self.transformer_.fit_transform(rows, y)
        else:
            made = self.transformer_.fit(rows, y).transform(rows)
        made = self._numbers(made, X.shape[0])
        self.width_ = int(made.shape[1])
        self._try(X[:_TRIED])
        return made

    def transform(self, X: Any) -> Any:
        """Return the features, shape (n_rows, n_features)."""
        check_is_fitted(self)
        return self._numbers(self.transformer_.transform(self._handed(X)), X.shape[0])

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return its own names, or its name and numbers; ``column__part`` where it is a part."""
        check_is_fitted(self)
        given = [str(name) for name in input_features]
        names = self._names(given)
        return np.asarray([_part(name, given, _own(name, given)) for name in names], dtype=object)

    def made_from(self, names: list[str]) -> list[list[int]]:
        """Return all columns for each feature, since nobody knows; its own first, by its name."""
        every = range(self.n_features_in_)
        own = (_own(name, names) for name in self._names(names))
        return [
            list(every) if first is None else [first, *every[:first], *every[first + 1 :]]
            for first in own
        ]

    def _names(self, given: list[str]) -> list[str]:
        """Return the names that it gives by itself, or its class and numbers."""
        if hasattr(self.transformer_, "get_feature_names_out"):
            asked = [] if self._takes_texts() else [given]
            return [str(name) for name in self.transformer_.get_feature_names_out(*asked)]
        own = type(self.transformer_).__name__.lower()
        return [f"{own}{at}" for at in range(self.width_)]

    def _takes_texts(self) -> bool:
        tags = get_tags(self.transformer_).input_tags
        return bool(tags.string and not tags.two_d_array)

    def _handed(self, X: Any) -> Any:
        """Return the rows as it takes them: of texts one column, in which a gap is no text."""
        if not self._takes_texts() or self.n_features_in_ != 1:
            return X
        texts = np.asarray(X, dtype=object)[:, 0]
        return np.where(pd.isna(texts), "", texts)

    def _numbers(self, made: Any, rows: int) -> Any:
        if not issparse(made):
            try:
                made = np.asarray(made, dtype=np.float64)
            except (TypeError, ValueError) as error:
                raise self._refusal("must make numbers") from error
        if made.ndim != 2 or made.shape[0] != rows:
            raise self._refusal("must make one row of features for each row")
        return made

    def _try(self, X: Any) -> None:
        """Refuse a transformer that looks at the rows beside a row."""
        together = _dense(self.transform(X))
        for at in range(X.shape[0]):
            alone = _dense(self.transform(X[at : at + 1]))
            if alone.shape[1] != self.width_ or not np.allclose(
                alone[0], together[at], rtol=1e-9, atol=1e-12, equal_nan=True
            ):
                raise self._refusal("gives a row other values when other rows are left out")

    def _refusal(self, what: str) -> ComputeError:
        name = type(self.transformer_).__name__
        hint = "a feature follows from its own row and from what was learned on train"
        return ComputeError(Problem(f"`transform`: {name} {what}", key="featurize", hint=hint))


def _own(name: str, given: list[str]) -> int | None:
    """Return the position of the column whose name a feature begins with, the longest one."""
    found = [
        at for at, column in enumerate(given) if name == column or name.startswith(f"{column}_")
    ]
    return max(found, key=lambda at: len(given[at])) if found else None


def _part(name: str, given: list[str], own: int | None) -> str:
    if own is not None:
        rest = name.removeprefix(given[own]).lstrip("_")
        return f"{given[own]}__{rest}" if rest else given[own]
    return f"{given[0]}__{name}" if len(given) == 1 else name


def _dense(made: Any) -> NDArray[np.float64]:
    return np.asarray(made.toarray() if issparse(made) else made, dtype=np.float64)
