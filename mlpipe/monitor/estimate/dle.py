"""DLE: the error of each row by where it falls, added up over a chunk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.monitor.estimate.expected import Expected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlpipe.metrics.arrays import Array

__all__ = ["ESTIMATED", "direct"]

ESTIMATED = ("mae", "rmse")
"""The metrics of numbers that are means over rows of something a row may be expected to have."""


def direct(name: str, tree: Mapping[str, Any], leaves: Array, between: float = 0.0) -> Expected:
    """Estimate the mean absolute, or the root mean squared error.

    Parameters
    ----------
    name : {"mae", "rmse"}
    tree : mapping
        From `error_tree`.
    leaves : array of int, shape (n,)
        From `errors_at`.
    between : float
        Deviation of the mean absolute error of a chunk that rows do not explain: see
        `loss_reference`. Hours of a day are easy or hard together.
    """
    import numpy as np

    if not len(leaves):
        return Expected(None)
    at = ESTIMATED.index(name)
    means = np.asarray(tree["squared" if at else "absolute"])
    deviation, rows = np.asarray(tree["deviation"])[:, at], np.asarray(tree["rows"])
    shares = np.bincount(leaves, minlength=len(rows)) / len(leaves)
    value = float(shares @ means)
    drawn = float(shares @ deviation**2) / len(leaves)
    learned = float((shares**2) @ (deviation**2 / rows))
    among = float(shares @ (means - value) ** 2) / len(leaves)
    if not at:
        return Expected(value, (drawn + learned + between**2) ** 0.5, among**0.5)
    root = value**0.5
    scale = 1 / (2 * root) if root else 0.0  # of the square root, by the delta method
    absolute = float(shares @ np.asarray(tree["absolute"]))
    apart = between * root / absolute if absolute else 0.0
    doubt = (scale**2 * (drawn + learned) + apart**2) ** 0.5
    return Expected(root, doubt, scale * among**0.5)
