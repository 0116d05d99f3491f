"""The distances between two distributions that people know; they are printed and decide nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.float64]

__all__ = [
    "hellinger",
    "jensen_shannon",
    "kolmogorov_smirnov",
    "largest_difference",
    "psi",
    "total_variation",
    "wasserstein",
]


def psi(reference: Sequence[int], current: Sequence[int]) -> float:
    """Return the population stability index; empty bins count as half a row."""
    import numpy as np

    p, q = (_shares(np.maximum(np.asarray(each, float), 0.5)) for each in (reference, current))
    return float(((q - p) * np.log(q / p)).sum())


def jensen_shannon(reference: Sequence[int], current: Sequence[int], base: float = 2.0) -> float:
    """Return the Jensen-Shannon distance; to base 2, 0 is for equal shares, 1 for disjoint ones."""
    import numpy as np

    p, q = (_shares(np.asarray(each, float)) for each in (reference, current))
    middle = (p + q) / 2
    divergence = sum(
        (each[each > 0] * np.log(each[each > 0] / middle[each > 0])).sum() / 2 for each in (p, q)
    )
    return float(np.sqrt(max(float(divergence), 0.0) / np.log(base)))


def kolmogorov_smirnov(reference: Sequence[int], current: Sequence[int]) -> float:
    """Return the largest distance between the two distribution functions at the bins' edges."""
    import numpy as np

    p, q = (_shares(np.asarray(each, float)) for each in (reference, current))
    return float(np.abs(np.cumsum(p - q)).max())


def wasserstein(
    ends: Sequence[tuple[float, float]], reference: Sequence[int], current: Sequence[int]
) -> float:
    """Return the earth mover's distance with each bin's rows spread evenly over it.

    Parameters
    ----------
    ends : sequence of (low, high)
        Both ends of each bin, in units of the column; consecutive.
    reference, current : counts of the same bins
    """
    import numpy as np

    p, q = (_shares(np.asarray(each, float)) for each in (reference, current))
    gap = np.concatenate([[0.0], np.cumsum(p - q)])
    width = np.array([high - low for low, high in ends])
    left, right = gap[:-1], gap[1:]
    crossing = left * right < 0
    total = np.abs(left) + np.abs(right)
    # The gap is linear within a bin: a trapezium, or two triangles where it changes sign.
    area = np.where(crossing, (left**2 + right**2) / np.where(total > 0, 2 * total, 1), total / 2)
    return float((area * width).sum())


def total_variation(reference: Sequence[int], current: Sequence[int]) -> float:
    """Return half the sum of the differences of the shares: 0 for equal ones, 1 for disjoint."""
    import numpy as np

    return float(np.abs(_difference(reference, current)).sum() / 2)


def largest_difference(reference: Sequence[int], current: Sequence[int]) -> float:
    """Return the largest difference of a share (the L-infinity distance)."""
    import numpy as np

    return float(np.abs(_difference(reference, current)).max())


def hellinger(reference: Sequence[int], current: Sequence[int]) -> float:
    """Return the Hellinger distance: 0 for equal shares, 1 for disjoint ones."""
    import numpy as np

    p, q = (np.sqrt(_shares(np.asarray(each, float))) for each in (reference, current))
    return float(np.sqrt(((p - q) ** 2).sum() / 2))


def _difference(reference: Sequence[int], current: Sequence[int]) -> Counts:
    import numpy as np

    p, q = (_shares(np.asarray(each, float)) for each in (reference, current))
    return p - q


def _shares(counts: Counts) -> Counts:
    total = counts.sum()
    return counts / total if total else counts
