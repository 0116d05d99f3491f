"""The rows that a bundle keeps for reasons to compare with: a few of train, taken at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.bundle.bundle import Bundle
    from mlpipe.metrics.arrays import Array

__all__ = ["FILE", "background_of", "drawn"]

FILE = "background.parquet"


def drawn(rows: Array, most: int, seed: int) -> Array:
    """Return at most so many of the rows, in their order.

    Parameters
    ----------
    rows : array of int
        Positions in the ingested table, in order.
    most : int
    seed : int
    """
    import numpy as np

    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng((seed, 3)).choice(rows, most, replace=False))


def background_of(bundle: Bundle) -> pd.DataFrame | None:
    """Return the rows that a bundle keeps; None where it keeps none.

    Its columns are those of `mlpipe.explain.explained.columns_read`.
    """
    if FILE not in bundle.about["files"]:
        return None
    import pyarrow.parquet as pq

    with pq.ParquetFile(bundle.path / FILE) as file:
        found: pd.DataFrame = file.read().to_pandas()
    return found if len(found) else None
