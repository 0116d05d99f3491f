"""Which rows are resampled together, because they are not independent of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.metrics.arrays import Array
    from mlpipe.table.columns import Columns

__all__ = ["units"]

_FEWEST_BLOCKS = 30


def units(frame: pd.DataFrame, columns: Columns) -> tuple[Array | None, str]:
    """Return the code of each row's unit, or None where rows stand alone, and words for it.

    The rows of an entity stay together where one has several. Otherwise neighbours in time do:
    T distinct times make T^(2/3) blocks of T^(1/3) times, the usual compromise between keeping the
    dependence and having enough blocks; fewer than 30 blocks would say little, so there are none.
    """
    import numpy as np
    import pandas as pd

    if columns.entity in frame:
        codes, found = pd.factorize(frame[columns.entity])
        alone = codes < 0
        codes = np.where(alone, len(found) + np.cumsum(alone) - 1, codes)
        if len(found) + alone.sum() < len(frame):
            return codes, f"all rows of a {columns.entity}"
    if columns.time in frame:
        moments, found = pd.factorize(frame[columns.time], sort=True)
        blocks = round(len(found) ** (2 / 3))
        if blocks >= _FEWEST_BLOCKS and (moments >= 0).all():
            return moments * blocks // len(found), f"{blocks} blocks of {columns.time}"
    return None, "rows"
