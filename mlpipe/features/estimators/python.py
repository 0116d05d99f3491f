"""Features of the user's own, carried as source."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from mlpipe.features.estimators.typed import Typed
from mlpipe.features.python import call

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PythonColumns"]


class PythonColumns(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Add the columns that a user's function makes of the others.

    Runs the user's code: a bundle that holds one is loaded only with consent.

    Parameters
    ----------
    path, function, source : str
        Where the function stands, its name, and the text of its file.
    outputs : dict of str to str
        The columns to take from what it returns, and their kinds.
    """

    def __init__(
        self,
        path: str = "",
        function: str = "",
        source: str = "",
        outputs: dict[str, str] | None = None,
    ) -> None:
        self.path = path
        self.function = function
        self.source = source
        self.outputs = outputs

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:  # noqa: ARG002
        """Remember the columns; the function is stateless."""
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the columns of ``X`` and the new ones.

        Raises
        ------
        ComputeError
            If the function fails or does not keep its promise.
        """
        made = call(self.path, self.function, self.source, X)
        return pd.concat([X, Typed(self.outputs).transform(made)], axis=1)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return the names of all columns, the new ones last."""
        return np.asarray([*self.feature_names_in_, *(self.outputs or [])], dtype=object)
