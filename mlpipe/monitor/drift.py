"""Has a distribution moved by more than a minimum effect? Tests on counts over frozen bins.

Two samples of any size differ; the question is by how much. The effect is Cohen's
w = sqrt(sum((q - p)^2 / p)), and the test asks whether it is above w0, not whether it is above
zero (the idea of testing resemblance instead of equality: arXiv 2307.11878). The distances that
people know are in `distances`, for the reader; they decide nothing. How much quiet chunks vary is
in `dispersion`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.float64]

__all__ = [
    "chi_square",
    "effect",
    "exceeds",
    "pool",
    "regressed",
    "significant",
    "stale",
    "too_many_missing",
    "unseen",
]

ALPHA = 0.01
"""Share of false discoveries among the columns of a chunk."""

FEWEST_EXPECTED = 5.0
"""Fewest rows expected in a bin of the smaller sample: less is pooled."""

LEAST_MISSING = 0.02
"""Smallest change of the share of missing values that counts."""

UNSEEN_MARGIN = 0.01
"""Share of never seen values that is fine beyond what the reference leads to expect."""


def regressed(counts: Sequence[int], seen: Mapping[str, Any]) -> Sequence[float]:
    """Return counts of the most frequent values as another sample would have them.

    Of many values the most frequent ones are there by luck too, and less frequent elsewhere:
    with 2,000 equal values, by half. Counts are drawn towards their mean as far as all of them
    vary no more than by chance (empirical Bayes, Robbins 1956); few values, or frequent ones,
    stay what they are.

    Parameters
    ----------
    counts : sequence of int
        Of the values that have a bin, then of all other ones.
    seen : mapping
        ``present``, ``distinct`` and ``squares`` of the reference.
    """
    listed, distinct = counts[:-1], seen["distinct"]
    if distinct <= len(listed) or "squares" not in seen:
        return counts
    mean = seen["present"] / distinct
    variance = seen["squares"] / distinct - mean**2
    trust = max(0.0, variance - mean) / variance if variance > 0 else 0.0
    drawn = [mean + trust * (count - mean) for count in listed]
    return [*drawn, counts[-1] + sum(listed) - sum(drawn)]


def pool(reference: Sequence[float], current: Sequence[float]) -> tuple[Counts, Counts]:
    """Join the bins in which the smaller sample must expect fewer than five rows.

    Bins are joined by the reference alone, so that the current sample cannot choose them; a bin
    that is empty in both is dropped. Where even together they expect too few, they go to the
    smallest of the others: a single row in a bin that the reference hardly knows is no drift,
    and Pearson's statistic would take it for one. Of a constant column there is one other bin
    only, and what is beside it stays apart.

    Returns
    -------
    tuple of arrays
        The two samples' counts, the joined bins last.
    """
    import numpy as np

    ref, cur = np.asarray(reference, float), np.asarray(current, float)
    total, smaller = ref.sum(), min(ref.sum(), cur.sum())
    if total == 0:
        return ref, cur
    rare = ref / total * smaller < FEWEST_EXPECTED
    kept, joined = ([each[~rare] for each in (ref, cur)], [each[rare].sum() for each in (ref, cur)])
    if len(kept[0]) > 1 and joined[0] / total * smaller < FEWEST_EXPECTED:
        least = int(np.argmin(kept[0]))
        for counts, more in zip(kept, joined, strict=True):
            counts[least] += more
    elif sum(joined) > 0:
        kept = [np.append(counts, more) for counts, more in zip(kept, joined, strict=True)]
    return kept[0], kept[1]


def chi_square(reference: Sequence[int] | Counts, current: Sequence[int] | Counts) -> float:
    """Return Pearson's X² between two samples of counts; bins empty in both add nothing."""
    import numpy as np

    ref, cur = np.asarray(reference, float), np.asarray(current, float)
    both, n, m = ref + cur, ref.sum(), cur.sum()
    if n == 0 or m == 0:
        return 0.0
    there = both > 0
    expected = both[there] / (n + m)
    return float(
        ((ref[there] - n * expected) ** 2 / (n * expected)).sum()
        + ((cur[there] - m * expected) ** 2 / (m * expected)).sum()
    )


def effect(reference: Sequence[int] | Counts, current: Sequence[int] | Counts) -> float:
    """Return Cohen's w of the current shares against the reference's.

    A bin that is empty in the reference is measured against the mean of both shares.
    """
    import numpy as np

    ref, cur = np.asarray(reference, float), np.asarray(current, float)
    if ref.sum() == 0 or cur.sum() == 0:
        return 0.0
    p, q = ref / ref.sum(), cur / cur.sum()
    base = np.where(p > 0, p, q / 2)
    there = base > 0
    return float(np.sqrt((((q - p)[there]) ** 2 / base[there]).sum()))


def exceeds(
    reference: Sequence[float] | Counts,
    current: Sequence[float] | Counts,
    least: float,
    dispersion: float = 1.0,
) -> float:
    """Return the p-value of the effect being no more than `least`.

    Parameters
    ----------
    reference, current : counts on the same bins
    least : float
        The minimum effect w0, in units of Cohen's w.
    dispersion : float
        By how much X² of quiet reference chunks exceeds its degrees of freedom, at least 1.
    """
    ref, cur = pool(list(reference), list(current))
    n, m, df = ref.sum(), cur.sum(), len(ref) - 1
    if df < 1 or n == 0 or m == 0 or _hardly(ref, cur):
        return 1.0
    size = n * m / (n + m)
    return _tail(chi_square(ref, cur), df, size * least**2, dispersion)


def too_many_missing(
    reference: tuple[int, int], current: tuple[int, int], least: float, dispersion: float = 1.0
) -> float:
    """Return the p-value of the change in missing values being no more than `least`.

    Parameters
    ----------
    reference, current : (missing, present)
    least : float
        The minimum effect w0. A change of less than two points never counts.
    dispersion : float
        As for `exceeds`.
    """
    n, m = sum(reference), sum(current)
    if not n or not m or abs(reference[0] / n - current[0] / m) < LEAST_MISSING:
        return 1.0
    # Two bins are never pooled: the change is large, and few missing values are the usual case.
    return _tail(chi_square(reference, current), 1, n * m / (n + m) * least**2, dispersion)


def unseen(count: int, present: int, seen: dict[str, Any]) -> tuple[float, float]:
    """Test the share of values that the reference never had.

    Parameters
    ----------
    count, present : int
        Rows with a never seen value, and rows with any value.
    seen : dict
        ``present`` and ``singletons`` of the reference: values seen once tell how many were
        not seen at all (Good and Turing).

    Returns
    -------
    tuple of float
        The p-value, and the share that is expected at most.
    """
    from scipy.stats import binom

    rows, once = max(seen["present"], 1), seen["singletons"]
    allowed = min(1.0, once / rows + 2 * math.sqrt(once) / rows + UNSEEN_MARGIN)
    return float(binom.sf(count - 1, present, allowed)) if present else 1.0, allowed


def stale(reference: tuple[int, int], current: tuple[int, int], chunks: Sequence[float]) -> float:
    """Return the p-value of the share of fresh dates being at least half of what it was.

    Parameters
    ----------
    reference, current : (fresh, others)
        A date is fresh if it is in the newest tenth of the reference, by its age.
    chunks : sequence of float
        The share in each quiet reference chunk, where they are known: the least of them is what
        is held against, so that a quiet season is no stop.
    """
    from scipy.stats import binom

    rows = sum(current)
    if not rows or not sum(reference):
        return 1.0
    least = min([reference[0] / sum(reference), *chunks])
    return float(binom.cdf(current[0], rows, least / 2)) if least > 0 else 1.0


def significant(p_values: Sequence[float]) -> list[float]:
    """Return q-values (Benjamini-Hochberg): at most `ALPHA` of those below it are false."""
    from scipy.stats import false_discovery_control

    return [float(q) for q in false_discovery_control(list(p_values))] if p_values else []


def _hardly(reference: Counts, current: Counts) -> bool:
    """Return whether a constant column has too few other values to count: as if missing."""
    n, m = reference.sum(), current.sum()
    few = reference.min() / n * min(n, m) < FEWEST_EXPECTED
    moved = abs(reference[0] / n - current[0] / m)
    return bool(len(reference) == 2 and few and moved < LEAST_MISSING)


def _tail(statistic: float, df: int, noncentrality: float, dispersion: float) -> float:
    """Return how likely a statistic this large is; one of nothing is certain."""
    from scipy.stats import ncx2

    scaled = statistic / dispersion
    if scaled < 1e-9:  # where scipy's own answer overflows
        return 1.0
    return float(ncx2.sf(scaled, df, noncentrality / dispersion))
