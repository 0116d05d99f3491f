"""Many rows encoded some at a time, so that only the result is in memory as a whole."""
# ruff: noqa: TID253 - imported by scikit-learn transformers only

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, issparse, vstack
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from mlpipe.features.estimators.calendar import Calendar
from mlpipe.features.estimators.levels import OneHotLevels
from mlpipe.features.estimators.numbers import Bounds, Logarithm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["PART", "by_parts", "one_below_another"]

PART = 32_768
"""Rows that are encoded at a time."""

ROW_BY_ROW = frozenset(
    {
        Bounds,
        Calendar,
        FunctionTransformer,
        Logarithm,
        MaxAbsScaler,
        MinMaxScaler,
        OneHotLevels,
        OrdinalEncoder,
        RobustScaler,
        SimpleImputer,
        StandardScaler,
    }
)
"""Of these, what a row becomes follows from what was learned alone, in training too. Of a target
encoder it does not; and what reads texts learns and encodes them in one pass."""


def by_parts(blocks: Sequence[tuple[str, Any, Any]], X: Any) -> bool:
    """Whether rows are many, and each block encodes a row by itself."""
    return (
        isinstance(X, pd.DataFrame)
        and len(X) > PART
        and all(_is_row_by_row(block) for _, block, _ in blocks)
    )


def _is_row_by_row(block: Any) -> bool:
    if isinstance(block, Pipeline):
        return all(_is_row_by_row(step) for _, step in block.steps)
    return type(block) in ROW_BY_ROW


def one_below_another(encode: Callable[[slice], Any], rows: int, first: Any) -> Any:
    """Return the features of all rows, those of the first part being known.

    Parameters
    ----------
    encode : callable
        From where some rows begin and end to their features.
    rows : int
        How many there are.
    first : array or csr_matrix, shape (PART, n_features)
        The features of the first rows.
    """
    if not issparse(first):
        made = np.empty((rows, first.shape[1]))
        for part, some in _parts(encode, rows, first):
            made[part] = some
        return made
    stored = _stored(first)
    if stored is None:
        return vstack([some for _, some in _parts(encode, rows, first)], format="csr")
    return _even(encode, rows, first, stored)


def _parts(encode: Callable[[slice], Any], rows: int, first: Any) -> Iterator[tuple[slice, Any]]:
    yield slice(0, first.shape[0]), first
    for start in range(first.shape[0], rows, PART):
        part = slice(start, min(start + PART, rows))
        yield part, encode(part)


def _stored(rows: csr_matrix) -> int | None:
    """Return how many values each row stores; None where they differ."""
    lengths = np.diff(rows.indptr)
    return int(lengths[0]) if (lengths == lengths[0]).all() else None


def _even(encode: Callable[[slice], Any], rows: int, first: csr_matrix, stored: int) -> csr_matrix:
    """Write the values of each part to their place, while all rows store equally many."""
    count = rows * stored
    values = np.empty(count)
    columns = np.empty(count, dtype=np.int32 if count < 2**31 else np.int64)
    for part, some in _parts(encode, rows, first):
        if _stored(some) != stored:
            return vstack([one for _, one in _parts(encode, rows, first)], format="csr")
        place = slice(part.start * stored, part.stop * stored)
        values[place], columns[place] = some.data, some.indices
    starts = np.arange(rows + 1, dtype=columns.dtype) * columns.dtype.type(stored)
    return csr_matrix((values, columns, starts), shape=(rows, first.shape[1]))
