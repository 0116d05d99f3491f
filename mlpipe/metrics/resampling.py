"""How sure a figure is, by drawing the rows again: Efron's percentile bootstrap.

Resamples are counts of how often each row was drawn, which the formulas take as weights; whole
groups are drawn where rows belong together. `redraw` does the same of many rows in less time.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.counts import AT_ONCE, one_by_one

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np

    from mlpipe.metrics.arrays import Array

__all__ = ["bootstrap", "percentiles", "resample"]

_MANY = 20_000
"""From so many units on, counts are drawn one by one."""


def bootstrap(
    function: Callable[..., Any],
    arrays: Sequence[Array],
    *,
    times: int = 2000,
    seed: int | Sequence[int],
    groups: Array | None = None,
    weight: Array | None = None,
    level: float = 0.95,
) -> tuple[Array, Array]:
    """Return the percentile interval of ``function``: low and high, each of its answer's shape.

    Parameters
    ----------
    function : callable
        ``function(*arrays, weight)`` with ``weight`` of shape (resamples, n): how often each row
        was drawn, times its weight. The answer has resamples as its first axis.
    arrays : sequence of array, shape (n, ...)
    times : int
        How many resamples.
    seed : int or sequence of int
    groups : array of int, shape (n,), optional
        Codes from 0 of what is drawn as a whole: an entity's rows, or a block of time.
    weight : array, shape (n,), optional
    level : float

    Returns
    -------
    low, high : array
        NaN where more than one resample in twenty leaves the figure undefined.
    """
    drawn = resample(function, arrays, times=times, seed=seed, groups=groups, weight=weight)
    return percentiles(drawn, level)


def resample(
    function: Callable[..., Any],
    arrays: Sequence[Array | None],
    *,
    times: int = 2000,
    seed: int | Sequence[int],
    groups: Array | None = None,
    weight: Array | None = None,
) -> Array:
    """Return the answers of ``function`` over resamples of the rows: see `bootstrap`."""
    import numpy as np

    rows = len(next(each for each in arrays if each is not None))
    answers = [
        function(*arrays, counts if weight is None else counts * weight)
        for counts in _counts(rows, times, seed, groups)
    ]
    return np.concatenate(answers, axis=0)


def percentiles(drawn: Array, level: float = 0.95) -> tuple[Array, Array]:
    """Return the percentile interval over the first axis; NaN where over 5 % are undefined."""
    import numpy as np

    tails = [(1 - level) / 2, (1 + level) / 2]
    flat = drawn.reshape(len(drawn), -1)
    ends = np.full((2, flat.shape[1]), np.nan)
    for column in range(flat.shape[1]):
        defined = flat[np.isfinite(flat[:, column]), column]
        if len(defined) >= 0.95 * len(flat) and len(defined):
            ends[:, column] = np.quantile(defined, tails)
    return ends[0].reshape(drawn.shape[1:]), ends[1].reshape(drawn.shape[1:])


def _counts(
    rows: int, times: int, seed: int | Sequence[int], groups: Array | None
) -> Iterator[Array]:
    """Yield chunks of resamples: how often each row was drawn, float64 of shape (chunk, rows)."""
    import numpy as np

    generator = np.random.default_rng(seed)
    units = rows if groups is None else int(groups.max(initial=-1)) + 1
    step = max(1, AT_ONCE // max(1, rows, units))
    draw = _poisson if units >= _MANY else one_by_one
    for start in range(0, times, step):
        drawn = draw(generator, min(step, times - start), units)
        yield drawn if groups is None else drawn[:, groups]


def _poisson(generator: np.random.Generator, times: int, units: int) -> Array:
    """Draw the counts as Poisson(1), each from 16 random bits.

    Of many units, the counts of draws with replacement are as good as independent (Hanley and
    MacGibbon 2006), and a table look-up is several times faster than counting.
    """
    import numpy as np

    chances = np.array([math.exp(-1) / math.factorial(count) for count in range(9)])
    edges = np.round(65536 * chances.cumsum()).astype(int)
    table = np.searchsorted(edges, np.arange(65536), side="right").astype(float)
    return table[generator.integers(0, 65536, size=(times, units), dtype=np.uint16)]
