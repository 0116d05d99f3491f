"""Truncated singular value decomposition that fits narrow tables too."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import TruncatedSVD
from sklearn.utils.validation import check_is_fitted

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Components"]


class Components(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A `TruncatedSVD` with at most as many components as there are columns.

    A single column stays what it is: there is nothing to press.

    Parameters
    ----------
    n_components : int
        How many at most.
    random_state : int, optional
        Seed of the randomized solver.
    prefix : str
        What the names of the components begin with.
    """

    def __init__(
        self, n_components: int = 50, random_state: int | None = None, prefix: str = "svd"
    ) -> None:
        self.n_components = n_components
        self.random_state = random_state
        self.prefix = prefix

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the directions."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> NDArray[np.float64]:  # noqa: ARG002
        """Learn, and return the components, shape (n_rows, n_components)."""
        self.n_features_in_ = X.shape[1]
        width = min(self.n_components, self.n_features_in_)
        self.svd_ = None
        if self.n_features_in_ == 1:
            return _dense(X)
        self.svd_ = TruncatedSVD(width, random_state=self.random_state)
        # A column of one value has no variance to explain; scikit-learn divides by it.
        with np.errstate(invalid="ignore", divide="ignore"):
            components: NDArray[np.float64] = self.svd_.fit_transform(X)
        return components

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Return the components, shape (n_rows, n_components)."""
        check_is_fitted(self)
        if self.svd_ is None:
            return _dense(X)
        components: NDArray[np.float64] = self.svd_.transform(X)
        return components

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return ``svd0``, ``svd1`` and so on, with the prefix given."""
        check_is_fitted(self)
        width = 1 if self.svd_ is None else self.svd_.components_.shape[0]
        return np.asarray([f"{self.prefix}{number}" for number in range(width)], dtype=object)


def _dense(X: Any) -> NDArray[np.float64]:
    return np.asarray(X.toarray() if issparse(X) else X, dtype=np.float64)
