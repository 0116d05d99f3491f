"""Side by side: each block of columns with its steps, and clean names for what comes out."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from mlpipe.features.estimators.column_by_column import fitted
from mlpipe.features.estimators.joined import is_joined, traced
from mlpipe.features.estimators.parts import PART, by_parts, one_below_another
from mlpipe.features.estimators.stacking import side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["FeatureEncoder"]

_MISSING = "missingindicator_"


class FeatureEncoder(ColumnTransformer):  # type: ignore[misc]
    """A `ColumnTransformer` whose feature names are unique and say where they come from.

    A column that stays one feature keeps its name; a part is ``column__part``. Names of what is
    made from several columns come from what makes it: ``tenure*charges``.
    """

    transformers: list[tuple[str, Any, Any]]
    transformers_: list[tuple[str, Any, Any]]

    def fit_transform(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Learn each block from all rows; then encode the rows, many of them some at a time.

        Returns
        -------
        array or csr_matrix, shape (n_rows, n_features)
        """
        if not by_parts(self.transformers, X):
            return super().fit_transform(X, y, **params)
        written = self.transformers
        # What is fitted already only has its columns counted, on the first rows.
        self.transformers = [
            (name, FrozenEstimator(fitted(block, X[columns], y)), columns)
            for name, block, columns in written
        ]
        try:
            first = super().fit_transform(X.iloc[:PART], **params)
        finally:
            self.transformers = written
        self.transformers_ = [
            (name, getattr(block, "estimator", block), columns)
            for name, block, columns in self.transformers_
        ]
        return one_below_another(self._some_rows_of(X), len(X), first)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return the names of the features, in the order of the output."""
        return np.asarray(list(self.lineage()), dtype=object)

    def lineage(self) -> dict[str, list[str]]:
        """Return the columns that each feature is made from, in the order of the output."""
        return {name: columns for name, (_, columns) in self._named_features().items()}

    def entries(self) -> dict[str, str]:
        """Return the entry of `transformers` that makes each feature, in the same order."""
        return {name: entry for name, (entry, _) in self._named_features().items()}

    def _named_features(self) -> dict[str, tuple[str, list[str]]]:
        check_is_fitted(self)
        found: dict[str, tuple[str, list[str]]] = {}
        for entry, name, columns in self._features():
            unique, number = name, 2
            while unique in found:
                unique, number = f"{name}__{number}", number + 1
            found[unique] = entry, columns
        return found

    def _some_rows_of(self, X: pd.DataFrame) -> Callable[[slice], Any]:
        """Return what encodes some rows of a frame, whose columns are picked once for all parts."""
        blocks = [
            (block, X[columns])
            for _, block, columns in self.transformers_
            if not isinstance(block, str)  # "drop"
        ]

        def encode(part: slice) -> Any:
            made = [block.transform(frame.iloc[part]) for block, frame in blocks]
            return self._hstack(made, n_samples=part.stop - part.start)

        return encode

    def _hstack(self, Xs: list[Any], *, n_samples: int) -> Any:
        """Put the blocks side by side; scikit-learn leaves how to its subclasses."""
        if self.sparse_output_:
            return side_by_side(Xs, n_samples)
        return super()._hstack(Xs, n_samples=n_samples)

    def _features(self) -> Iterator[tuple[str, str, list[str]]]:
        """Yield the entry, the name and the columns of each feature."""
        for entry, transformer, columns in self.transformers_:
            if isinstance(transformer, str):  # "drop"
                continue
            if is_joined(transformer):
                yield from ((entry, name, read) for name, read in traced(transformer))
                continue
            for name in transformer.get_feature_names_out(columns):
                yield entry, *_named(str(name), list(columns))


def _named(name: str, columns: list[str]) -> tuple[str, list[str]]:
    """Return the feature's name and its columns."""
    if name in columns:
        return name, [name]
    if name.startswith(_MISSING) and (column := name.removeprefix(_MISSING)) in columns:
        return f"{column}__missing", [column]
    # Whatever makes parts has one column, then those it reads: see `Transform.beside`.
    column = columns[0]
    return f"{column}__{name.removeprefix(f'{column}_')}", columns
