"""How much more quiet counts vary than chance would have it: between chunks, between models."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from mlpipe.monitor.drift import chi_square, pool

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FEWEST_CHUNKS", "between_models", "of_neighbours", "overdispersion"]

FEWEST_CHUNKS = 8
"""Fewest reference chunks that tell how much quiet ones vary."""

FEWEST_FOLDS = 3
"""Fewest models of folds that tell how much models differ."""


def overdispersion(chunks: Sequence[Sequence[int]], total: Sequence[int]) -> float | None:
    """Return how much more reference chunks differ from the rest than chance would have it.

    Parameters
    ----------
    chunks : sequence of counts
        Counts of each reference chunk.
    total : counts
        Counts of the whole reference.

    Returns
    -------
    float or None
        max(1, mean of X²/df), a correction in the manner of Rao and Scott (1981) for seasons and
        dependent rows; None with fewer than eight chunks.
    """
    if len(chunks) < FEWEST_CHUNKS:
        return None
    return _mean_excess(_frozen(chunks), tuple(total), None)


def of_neighbours(
    alone: float | None, neighbours: Sequence[Sequence[int]], total: Sequence[int], chunks: int
) -> float | None:
    """Return the dispersion of several chunks in a row, counted together.

    Where days vary each for itself, it is that of one day: the mean of three varies a third as
    much, and three times the rows show it. Days that resemble their neighbours, as those of a
    season do, vary by more, so the neighbours of the reference are asked too, and the greater
    one counts.

    Parameters
    ----------
    alone : float or None
        That of single chunks.
    neighbours : sequence of counts
        Of so many reference chunks in a row; with fewer than eight, neighbours are taken to be
        quite alike, and what is beyond chance to grow with the rows.
    total : counts
        Counts of the whole reference.
    chunks : int
        How many chunks are in a row.
    """
    if alone is None:
        return None
    together = overdispersion(neighbours, total)
    return max(alone, 1 + (alone - 1) * chunks if together is None else together)


def between_models(
    folds: Sequence[Sequence[int]], total: Sequence[int], current: Sequence[int]
) -> float:
    """Return the dispersion that comes of other models having said what is the reference.

    Out-of-fold predictions are those of the folds' models, and the one that is watched differs
    from them as they do from each other. That is no matter of chance, so it grows with the rows.

    Parameters
    ----------
    folds : sequence of counts
        Of what each fold's model said.
    total : counts
        Of all folds.
    current : counts
        Of the chunk.
    """
    n, m = sum(total), sum(current)
    if len(folds) < FEWEST_FOLDS or not n or not m:
        return 1.0
    return _mean_excess(_frozen(folds), tuple(total), n * m / (n + m))


def _frozen(parts: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(part) for part in parts)


@lru_cache(maxsize=4096)  # every chunk asks the same of the same reference
def _mean_excess(
    parts: tuple[tuple[int, ...], ...], total: tuple[int, ...], size: float | None
) -> float:
    """Return max(1, mean of X²/df) of parts against the rest, as it would be at another size."""
    import numpy as np

    whole = np.asarray(total, float)
    ratios = []
    for part in parts:
        counts = np.asarray(part, float)
        if not 0 < counts.sum() < whole.sum():
            continue
        rest, own = pool(list(whole - counts), list(counts))
        if len(rest) > 1:
            ratio = chi_square(rest, own) / (len(rest) - 1)
            scale = 1.0 if size is None else size * (1 / rest.sum() + 1 / own.sum())
            ratios.append(1 + (ratio - 1) * scale)
    return max(1.0, float(np.mean(ratios))) if ratios else 1.0
