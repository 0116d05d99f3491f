"""The realised figure of a business value or of a gap between groups, by a bootstrap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.metrics.estimated import Estimate, from_draws
from mlpipe.metrics.resampling import resample

if TYPE_CHECKING:
    from mlpipe.monitor.estimate.chunk import Unlabelled
    from mlpipe.monitor.estimate.quantity import Quantity

__all__ = ["realised_value"]

TIMES = 500
"""Resamples: the ends of the interval are shown, and judge nothing."""


def realised_value(
    quantity: Quantity, chunk: Unlabelled, *, seed: int
) -> tuple[float | None, float | None, float | None]:
    """Return the figure of the labelled rows and its 95 % interval.

    Parameters
    ----------
    quantity : Quantity
    chunk : Unlabelled
    seed : int
    """
    import numpy as np

    told = [chunk.truth.y, chunk.known, chunk.truth.score]
    value = float(quantity.formula(*told, np.ones(len(chunk.known))))
    if not np.isfinite(value):
        return None, None, None
    drawn = resample(quantity.formula, told, times=TIMES, seed=seed)
    found = from_draws(Estimate(value), drawn)
    return found.value, found.low, found.high
