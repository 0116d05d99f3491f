"""Blocks of features side by side, as one sparse matrix that is written once."""
# ruff: noqa: TID253 - imported by scikit-learn transformers only

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, issparse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["side_by_side"]

CHUNK = 16_384
"""Rows that are written at a time: what they need fits into the cache of a processor."""


def side_by_side(blocks: list[Any], rows: int) -> csr_matrix:
    """Return the blocks as one sparse matrix of shape (rows, all columns).

    Each value is written to its place once, some rows at a time. `scipy.sparse.hstack` goes
    through coordinates, which takes three times as long and twice the memory where dense blocks
    are among them.

    Parameters
    ----------
    blocks : list of array, frame or sparse matrix, each of shape (rows, its columns)
        The values of dense blocks are all stored, zeros too.
    rows : int
    """
    runs = _runs(blocks)
    starts = np.zeros(rows + 1, dtype=np.int64)
    np.cumsum(np.broadcast_to(sum(run.lengths for run in runs), rows), out=starts[1:])
    width = sum(block.shape[1] for block in blocks)
    values = np.empty(starts[-1])
    columns = np.empty(starts[-1], dtype=np.int32 if starts[-1] < 2**31 else np.int64)
    for first in range(0, rows, CHUNK):
        part = slice(first, min(first + CHUNK, rows))
        place = slice(starts[part.start], starts[part.stop])
        _write(runs, part, values[place], columns[place])
    return csr_matrix((values, columns, starts.astype(columns.dtype)), shape=(rows, width))


class _Even:
    """Neighbouring blocks that store equally many values in every row."""

    def __init__(self, blocks: list[tuple[int, Any]]) -> None:
        self.parts = [_even(first, block) for first, block in blocks]
        self.lengths = sum(width for width, _, _ in self.parts)

    def write(self, part: slice, values: NDArray[Any], columns: NDArray[Any]) -> None:
        """Write the values and columns of some rows, one row after the other."""
        shape = (part.stop - part.start, self.lengths)
        values, columns = values.reshape(shape), columns.reshape(shape)
        at = 0
        for width, sources, places in self.parts:
            for number, source in enumerate(sources):
                values[:, at + number : at + number + source.shape[1]] = source[part]
            columns[:, at : at + width] = places if places.ndim == 1 else places[part]
            at += width

    def take(self, part: slice) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the values and columns of some rows, one row after the other."""
        count = (part.stop - part.start) * self.lengths
        values, columns = np.empty(count), np.empty(count, dtype=np.int64)
        self.write(part, values, columns)
        return values, columns


class _Uneven:
    """A sparse block whose rows store more or fewer values."""

    def __init__(self, first: int, block: csr_matrix) -> None:
        self.first, self.block = first, block
        self.lengths = np.diff(block.indptr)

    def take(self, part: slice) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the values and columns of some rows, one row after the other."""
        place = slice(self.block.indptr[part.start], self.block.indptr[part.stop])
        return self.block.data[place], self.block.indices[place] + self.first


def _runs(blocks: list[Any]) -> list[_Even | _Uneven]:
    placed = list(_placed(blocks))
    runs: list[_Even | _Uneven] = []
    for even, together in groupby(placed, key=lambda one: _is_even(one[1])):
        if even:
            runs.append(_Even(list(together)))
        else:
            runs.extend(_Uneven(first, block) for first, block in together)
    return runs


def _placed(blocks: list[Any]) -> Iterator[tuple[int, Any]]:
    """Yield each block with the number of its first column."""
    first = 0
    for block in blocks:
        yield first, block.tocsr() if issparse(block) else block
        first += block.shape[1]


def _is_even(block: Any) -> bool:
    if not issparse(block):
        return True
    lengths = np.diff(block.indptr)
    return not len(lengths) or bool((lengths == lengths[0]).all())


def _even(first: int, block: Any) -> tuple[int, list[NDArray[Any]], NDArray[Any]]:
    """Return how many values a row stores, where they are, and their columns."""
    if issparse(block):
        shape = (block.shape[0], block.nnz // max(block.shape[0], 1))
        return shape[1], [block.data.reshape(shape)], block.indices.reshape(shape) + first
    width = block.shape[1]
    columns = np.arange(first, first + width)
    if isinstance(block, pd.DataFrame):
        # Column by column: as one array they would be copied.
        sources = [block.iloc[:, [number]].to_numpy(np.float64) for number in range(width)]
        return width, sources, columns
    return width, [np.asarray(block, dtype=np.float64)], columns


def _write(
    runs: list[_Even | _Uneven], part: slice, values: NDArray[Any], columns: NDArray[Any]
) -> None:
    """Write some rows: of each run what it has of the first row, then of the second, and so on."""
    if len(runs) == 1 and isinstance(runs[0], _Even):
        runs[0].write(part, values, columns)
        return
    rows = part.stop - part.start
    lengths = [
        np.broadcast_to(run.lengths, rows) if isinstance(run, _Even) else run.lengths[part]
        for run in runs
    ]
    belongs = np.tile(np.arange(len(runs), dtype=np.int16), rows)
    belongs = np.repeat(belongs, np.column_stack(lengths).ravel())
    for number, run in enumerate(runs):
        mine = belongs == number
        values[mine], columns[mine] = run.take(part)
