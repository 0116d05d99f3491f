"""How often each unit is drawn in a resample, a few thousand resamples a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from mlpipe.metrics.arrays import Array

__all__ = ["AT_ONCE", "counts", "loose_counts", "one_by_one"]

AT_ONCE = 1_000_000
"""How many weights are held at a time: about 8 MB, so that a chunk stays in the cache."""


def counts(
    generator: np.random.Generator, times: int, stands_for: Array, held: int
) -> Iterator[Array]:
    """Yield chunks of resamples: how often each came, float64 of shape (chunk, units).

    Parameters
    ----------
    generator : Generator
    times : int
    stands_for : array, shape (units,)
        How many each stands for. As many are drawn as there are in all.
    held : int
        How many weights a resample takes.
    """
    alone = bool((stands_for == 1).all())
    every = stands_for.sum()
    step = max(1, AT_ONCE // max(1, held, len(stands_for)))
    for start in range(0, times, step):
        some = min(step, times - start)
        if alone:
            yield one_by_one(generator, some, len(stands_for))
        else:
            drawn = generator.multinomial(round(every), stands_for / every, some)
            yield drawn.astype(float)


def loose_counts(
    generator: np.random.Generator, times: int, stands_for: Array, held: int
) -> Iterator[Array]:
    """Yield chunks of resamples, the counts independent of each other.

    Of so many they are as good as those with a fixed sum (Hanley and MacGibbon 2006), and drawn in
    half the time.
    """
    step = max(1, AT_ONCE // held)
    for start in range(0, times, step):
        shape = min(step, times - start), len(stands_for)
        yield generator.poisson(stands_for, shape).astype(float)


def one_by_one(generator: np.random.Generator, times: int, units: int) -> Array:
    """Draw units with replacement: how often each came, float64 of shape (times, units)."""
    import numpy as np

    draws = generator.integers(0, units, size=(times, units))
    draws += np.arange(times)[:, None] * units
    counts = np.bincount(draws.ravel(), minlength=times * units)
    return counts.reshape(times, units).astype(float)
