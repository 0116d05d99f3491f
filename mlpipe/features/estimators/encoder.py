"""Side by side: each block of columns with its steps, and clean names for what comes out."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_matrix, issparse
from sklearn.compose import ColumnTransformer
from sklearn.utils.validation import check_is_fitted

from mlpipe.features.estimators.joined import is_joined, traced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["FeatureEncoder"]

_ROWS = 65_536

_MISSING = "missingindicator_"


class FeatureEncoder(ColumnTransformer):  # type: ignore[misc]
    """A `ColumnTransformer` whose feature names are unique and say where they come from.

    A column that stays one feature keeps its name; a part is ``column__part``. Names of what is
    made from several columns come from what makes it: ``tenure*charges``.
    """

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return the names of the features, in the order of the output."""
        return np.asarray(list(self.lineage()), dtype=object)

    def lineage(self) -> dict[str, list[str]]:
        """Return the columns that each feature is made from, in the order of the output."""
        check_is_fitted(self)
        found: dict[str, list[str]] = {}
        for name, columns in self._features():
            unique, number = name, 2
            while unique in found:
                unique, number = f"{name}__{number}", number + 1
            found[unique] = columns
        return found

    def _hstack(self, Xs: list[Any], *, n_samples: int) -> Any:
        """Put the blocks side by side; scikit-learn leaves how to its subclasses."""
        if self.sparse_output_:
            return _side_by_side(Xs, n_samples)
        return super()._hstack(Xs, n_samples=n_samples)

    def _features(self) -> Iterator[tuple[str, list[str]]]:
        for _, transformer, columns in self.transformers_:
            if isinstance(transformer, str):  # "drop"
                continue
            if is_joined(transformer):
                yield from traced(transformer)
                continue
            for name in transformer.get_feature_names_out(columns):
                yield _named(str(name), list(columns))


def _side_by_side(blocks: list[Any], rows: int) -> csr_matrix:
    """Return the blocks as one sparse matrix of shape (rows, all columns).

    Each value is written to its place once. `scipy.sparse.hstack` goes through coordinates,
    which takes three times as long and twice the memory where dense blocks are among them.
    """
    blocks = [b.tocsr() if issparse(b) else np.asarray(b, dtype=np.float64) for b in blocks]
    lengths = [np.diff(b.indptr) if issparse(b) else b.shape[1] for b in blocks]
    starts = np.zeros(rows + 1, dtype=np.int64)
    np.cumsum(np.broadcast_to(sum(lengths), rows), out=starts[1:])
    values = np.empty(starts[-1])
    width = sum(block.shape[1] for block in blocks)
    columns = np.empty(starts[-1], dtype=np.int32 if starts[-1] < 2**31 else np.int64)
    place, first = starts[:-1].copy(), 0
    for block, length in zip(blocks, lengths, strict=True):
        if issparse(block):
            _spread(block, place, first, values, columns)
        else:
            for column in range(length):
                values[place + column], columns[place + column] = block[:, column], first + column
        place += length
        first += block.shape[1]
    return csr_matrix((values, columns, starts.astype(columns.dtype)), shape=(rows, width))


def _spread(
    block: csr_matrix,
    place: NDArray[np.int64],
    first: int,
    values: NDArray[np.float64],
    columns: NDArray[Any],
) -> None:
    """Write a sparse block to its places, some rows at a time: the places are a large array."""
    for row in range(0, block.shape[0], _ROWS):
        starts = block.indptr[row : row + _ROWS + 1]
        shift = place[row : row + _ROWS] - starts[:-1]
        at = np.arange(starts[0], starts[-1]) + np.repeat(shift, np.diff(starts))
        part = slice(starts[0], starts[-1])
        values[at], columns[at] = block.data[part], block.indices[part] + first


def _named(name: str, columns: list[str]) -> tuple[str, list[str]]:
    """Return the feature's name and its columns."""
    if name in columns:
        return name, [name]
    if name.startswith(_MISSING) and (column := name.removeprefix(_MISSING)) in columns:
        return f"{column}__missing", [column]
    # Whatever makes parts has one column, then those it reads: see `Transform.beside`.
    column = columns[0]
    return f"{column}__{name.removeprefix(f'{column}_')}", columns
