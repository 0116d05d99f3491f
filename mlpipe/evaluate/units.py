"""Which rows are resampled together, because they are not independent of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.metrics.arrays import Array
    from mlpipe.table.columns import Columns

__all__ = ["OF_ENTITY", "units"]

OF_ENTITY = "all rows of a"
"""How the words begin where the units are entities."""
_FEWEST = 30
"""Units that say how much a figure varies; of fewer, the bootstrap is far too sure."""


def units(frame: pd.DataFrame, columns: Columns) -> tuple[Array | None, str]:
    """Return the code of each row's unit, or None where rows stand alone, and words for it.

    The rows of an entity stay together where one has several. Otherwise, or where the entities
    are fewer than 30, neighbours in time do: T distinct times make T^(2/3) blocks of T^(1/3)
    times, the usual compromise between keeping the dependence and having enough blocks.
    """
    import numpy as np
    import pandas as pd

    few = ""
    if columns.entity in frame:
        codes, found = pd.factorize(frame[columns.entity])
        alone = codes < 0
        codes = np.where(alone, len(found) + np.cumsum(alone) - 1, codes)
        count = len(found) + int(alone.sum())
        if _FEWEST <= count < len(frame):
            return codes, f"{OF_ENTITY} {columns.entity}"
        few = f", {count} values of {columns.entity} being too few" if count < _FEWEST else ""
    if columns.time in frame:
        moments, found = pd.factorize(frame[columns.time], sort=True)
        blocks = round(len(found) ** (2 / 3))
        if blocks >= _FEWEST and (moments >= 0).all():
            return moments * blocks // len(found), f"{blocks} blocks of {columns.time}"
    return None, f"rows{few}"
