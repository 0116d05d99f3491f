"""Which of the worse slices others say already: parts of a worse one, or made worse by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.evaluate.slices.worse import Sums, less, sums_of, welch
from mlpipe.metrics.intervals import holm

if TYPE_CHECKING:
    from mlpipe.evaluate.slices.candidates import Candidates
    from mlpipe.metrics.arrays import Array

__all__ = ["redundant"]

_ERROR = 0.05


def redundant(candidates: Candidates, whole: Sums, worse: Array) -> set[int]:
    """Return the places of worse slices that need not be shown.

    A pair within a worse slice stays where it is worse than the rest of that slice too, after
    Holm's correction over the pairs. A slice whose rest, without such a pair, is not worse than
    all other rows goes: it is the pair that is bad.

    Parameters
    ----------
    candidates : Candidates
    whole : Sums
        Over all rows.
    worse : array of bool, shape (m,)
    """
    import numpy as np

    places = np.flatnonzero(worse)
    single = {
        (int(candidates.first[place]), int(candidates.here[place])): int(place)
        for place in places
        if candidates.second[place] < 0
    }
    within = [
        (int(place), parent)
        for place in places
        if candidates.second[place] >= 0
        for parent in (
            single.get((int(candidates.first[place]), int(candidates.here[place]))),
            single.get((int(candidates.second[place]), int(candidates.there[place]))),
        )
        if parent is not None
    ]
    if not within:
        return set()
    pairs, parents = (np.array(each) for each in zip(*within, strict=True))
    inside, around = sums_of(candidates.take(pairs)), sums_of(candidates.take(parents))
    p = holm(_apart(inside, less(around, inside)).tolist())
    gone = {pair for (pair, _), each in zip(within, p, strict=True) if each > _ERROR}
    rests = less(around, inside)
    p_rest = _apart(rests, less(whole, around))
    made = {
        parent
        for (pair, parent), each in zip(within, p_rest, strict=True)
        if pair not in gone and each > _ERROR
    }
    return gone | made


def _apart(inside: Sums, outside: Sums) -> Array:
    """Return the p-values of the first not being worse; 1 where either has no rows to speak of."""
    import numpy as np

    outside = Sums(*(np.broadcast_to(each, inside.rows.shape) for each in outside))
    kept = (inside.rows >= 2) & (outside.rows >= 2)
    p = np.ones(len(kept))
    if kept.any():
        both = (Sums(*(each[kept] for each in sums)) for sums in (inside, outside))
        p[kept] = welch(*both).p
    return p
