"""Metrics of the best-scored rows: what a capacity for some of them is worth.

The size of the top is a share of all rows or a number of them; a weighted row counts as its
weight. Of rows that tie at the cut, a random choice is expected, exactly: the order of the rows
never matters. ``weight`` may carry leading axes, one answer for each resample; undefined values
are NaN.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mlpipe.metrics.arrays import share
from mlpipe.metrics.family import Family, Parameter
from mlpipe.metrics.metric import BINARY, NO_POSITIVE, NO_ROWS, Metric
from mlpipe.metrics.ranked import cumulated

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlpipe.metrics.arrays import Array

__all__ = ["TOP", "lift_at", "ndcg", "precision_at", "recall_at"]

_EXACT = 100_000
"""Ranks up to which discounts are added one by one."""


def precision_at(
    y: Array,
    pred: Array | None,  # noqa: ARG001
    score: Array,
    weight: Array,
    *,
    at: float,
) -> Array:
    """Share of positives among the best-scored rows."""
    found, size, _, _ = _best(y, score, weight, at)
    return share(found, size)


def recall_at(
    y: Array,
    pred: Array | None,  # noqa: ARG001
    score: Array,
    weight: Array,
    *,
    at: float,
) -> Array:
    """Share of all positives that are among the best-scored rows."""
    found, _, positives, _ = _best(y, score, weight, at)
    return share(found, positives)


def lift_at(
    y: Array,
    pred: Array | None,  # noqa: ARG001
    score: Array,
    weight: Array,
    *,
    at: float,
) -> Array:
    """Share of positives among the best-scored rows, over their share in all rows."""
    found, size, positives, rows = _best(y, score, weight, at)
    return share(found * rows, size * positives)


def ndcg(
    y: Array,
    pred: Array | None,  # noqa: ARG001
    score: Array,
    weight: Array,
    *,
    k: int | None = None,
) -> Array:
    """Discounted gain of the positives by their rank, over that of the best order.

    The discount of rank r is 1 / log2(r + 1) (Järvelin and Kekäläinen 2002); rows that tie share
    the mean discount of their ranks (McSherry and Najork 2008), as in scikit-learn.
    """
    import numpy as np

    positives, rows, _ = cumulated(y, score, weight)
    counts, there = (np.diff(each, axis=-1, prepend=0.0) for each in (rows, positives))
    summed = np.diff(_discounts(rows, k), axis=-1, prepend=0.0)
    each = np.divide(summed, counts, out=np.zeros_like(summed), where=counts > 0)
    return share((there * each).sum(axis=-1), _discounts(positives[..., -1], k))


def _discounts(rank: Array, k: int | None) -> Array:
    """Sum the discounts up to each rank, which may be a fraction; none count after the k-th.

    Far down, the sum is an integral (the midpoint rule is off by less than 1e-8 there), so that
    no table of all ranks is needed.
    """
    import numpy as np

    rank = rank if k is None else np.minimum(rank, k)
    last = int(min(_EXACT, rank.max(initial=0.0)))
    each = 1 / np.log2(np.arange(2, last + 3))
    table = np.concatenate([[0.0], np.cumsum(each)])
    near = np.minimum(rank, _EXACT)
    whole = near.astype(int)
    sums = np.array(table[whole] + (near - whole) * each[whole])
    far = rank > _EXACT
    if far.any():
        from scipy.special import expi

        ends = expi(np.log(rank[far] + 1.5)) - expi(np.log(_EXACT + 1.5))
        sums[far] = table[_EXACT] + np.log(2) * ends
    return sums


def _best(y: Array, score: Array, weight: Array, at: float) -> tuple[Array, Array, Array, Array]:
    """Return the positives in the top, its size, and all positives and rows, each (...)."""
    import numpy as np

    positives, rows, _ = cumulated(y, score, weight)
    all_rows = rows[..., -1:]
    size = np.full_like(all_rows, at) if isinstance(at, int) else at * all_rows
    size = np.where(size > all_rows, np.nan, size)
    last = (rows < size).sum(axis=-1, keepdims=True).clip(max=rows.shape[-1] - 1)
    before = np.maximum(last - 1, 0)
    fewer, found = (
        np.where(last == 0, 0.0, np.take_along_axis(each, before, axis=-1))
        for each in (rows, positives)
    )
    step = np.take_along_axis(rows, last, axis=-1) - fewer
    gain = np.take_along_axis(positives, last, axis=-1) - found
    inside = np.divide(size - fewer, step, out=np.zeros_like(step), where=step > 0)
    found = np.where(np.isfinite(size), found + gain * inside, np.nan)
    return found[..., 0], size[..., 0], positives[..., -1], rows[..., -1]


def _family(word: str, formula: Callable[..., Array], what: str, why: str, most: float) -> Family:
    """Return the family of a formula over the size of the top."""

    def row(name: str, at: float) -> Metric:
        top = f"the {at:,} best-scored rows" if isinstance(at, int) else f"the top {at:.4g} of rows"
        missing = f", or there are fewer than {at:,} rows" if isinstance(at, int) else ""
        return Metric(
            name,
            BINARY,
            "score",
            True,
            what.format(top=top),
            partial(formula, at=at),
            why + missing,
            most=most,
        )

    parameters = Parameter("share", most=1), Parameter("rows", whole=True, least=1)
    return Family(word, parameters, row, "0.1")


def _ndcg_row(name: str, k: float) -> Metric:
    return Metric(
        name,
        BINARY,
        "score",
        True,
        f"discounted gain of the positives among the {k:,} best-scored rows",
        partial(ndcg, k=int(k)),
        NO_POSITIVE,
        most=1,
    )


_INF = float("inf")

TOP: tuple[Metric | Family, ...] = (
    Metric(
        "ndcg",
        BINARY,
        "score",
        True,
        "gain of the positives, discounted by the logarithm of their rank",
        ndcg,
        NO_POSITIVE,
        most=1,
    ),
    Family("ndcg", (Parameter("k", whole=True, least=1),), _ndcg_row, "100"),
    _family("precision_at", precision_at, "share of positives in {top}", NO_ROWS, 1),
    _family("recall_at", recall_at, "share of all positives that are in {top}", NO_POSITIVE, 1),
    _family(
        "gain_at",
        recall_at,
        "height of the cumulative gains curve: share of all positives that are in {top}",
        NO_POSITIVE,
        1,
    ),
    _family(
        "lift_at", lift_at, "share of positives in {top}, over that in all rows", NO_POSITIVE, _INF
    ),
)
