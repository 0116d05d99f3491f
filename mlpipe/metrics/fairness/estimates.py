"""Rates and disparities with their intervals, by the method that suits each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlpipe.metrics.estimate import Estimate, from_draws, from_noise
from mlpipe.metrics.fairness.disparity import DISPARITIES, Disparity
from mlpipe.metrics.fairness.rates import RATES, group_rates
from mlpipe.metrics.intervals import wilson
from mlpipe.metrics.resampling import resample

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.outcomes import Outcomes

    Seed = int | Sequence[int]

__all__ = ["disparities", "rate_estimates"]

_NO_RATE = "a group has no rows to take the rate of"
_NO_SCORES = "there are no scores"
_WORK = 100_000_000
"""How many weights are drawn at most, unless that leaves fewer than 200 resamples."""


def rate_estimates(
    names: Sequence[str], told: Outcomes, codes: Array, *, seed: Seed, times: int = 2000
) -> list[dict[str, Estimate]]:
    """Return the rates of each group with their intervals.

    Proportions get Wilson's interval and means Student's, unless rows are weighted or belong
    together; then all share the same bootstrap resamples.

    Parameters
    ----------
    names : sequence of str
        In `RATES`.
    told : Outcomes
    codes : array of int, shape (n,)
        Each row's group; −1 for rows that belong to none.
    seed : int or sequence of int
    times : int
    """
    count = int(codes.max(initial=-1)) + 1
    if not count or told.independent:
        return [
            {name: _by_formula(name, told, codes == code) for name in names}
            for code in range(count)
        ]

    def rates(weight: Array) -> Array:
        import numpy as np

        drawn = group_rates(
            names, told.y, told.pred, told.score, codes=codes, count=count, weight=weight
        )
        return np.stack([drawn[name] for name in names], axis=-1)

    point, drawn = rates(_whole(told)), _of_rows(rates, told, seed, times)
    return [
        {
            name: from_draws(_point(float(point[code, place])), drawn[:, code, place])
            for place, name in enumerate(names)
        }
        for code in range(count)
    ]


def disparities(
    names: Sequence[str], told: Outcomes, codes: Array, *, seed: Seed, times: int = 2000
) -> dict[str, Estimate]:
    """Return each fairness metric over the groups of ``codes`` (−1: in no group).

    Where rows count for themselves and only labels are compared, what is drawn again are the
    counts of (group, truth, label): the same resamples at a cost that the rows have no part in.

    Parameters are those of `rate_estimates`, with names in `DISPARITIES`.
    """
    if int(codes.max(initial=-1)) < 1:
        return {
            name: Estimate(None, why="fewer than two groups have enough rows") for name in names
        }
    lost = [name for name in names if told.score is None and DISPARITIES[name].needs_score]
    found = {name: Estimate(None, why=_NO_SCORES) for name in lost}
    chosen = [DISPARITIES[name] for name in names if name not in lost]
    of_labels = [each for each in chosen if _counts_suffice(each, told)]
    of_rows = [each for each in chosen if each not in of_labels]
    if of_labels:
        found |= _estimated(of_labels, *_counted(told, codes), _drawn_counts(seed, times))
    if of_rows:
        found |= _estimated(of_rows, told, codes, _drawn_rows(seed, times))
    return {name: found[name] for name in names}


def _counts_suffice(each: Disparity, told: Outcomes) -> bool:
    labels = all(RATES[name].proportion for name in each.rates)
    return labels and told.independent


def _estimated(
    chosen: Sequence[Disparity],
    told: Outcomes,
    codes: Array,
    draw: Callable[[Callable[[Array], Array], Outcomes], Array],
) -> dict[str, Estimate]:
    import numpy as np

    names = list(dict.fromkeys(name for each in chosen for name in each.rates))
    count = int(codes.max()) + 1

    def rates(weight: Array) -> dict[str, Array]:
        return group_rates(
            names, told.y, told.pred, told.score, codes=codes, count=count, weight=weight
        )

    found = rates(_whole(told))

    def changes(weight: Array) -> Array:
        drawn = rates(weight)
        with np.errstate(invalid="ignore"):
            sizes = [one.size(one.levels(drawn) - one.levels(found)) for one in chosen]
        return np.stack(sizes, axis=-1)

    drawn = draw(changes, told)
    return {
        each.name: from_noise(_point(float(each.value(found))), drawn[:, place], ratio=each.ratio)
        for place, each in enumerate(chosen)
    }


def _counted(told: Outcomes, codes: Array) -> tuple[Outcomes, Array]:
    """Return one row for each (group, truth, label) that occurs, with its count as the weight."""
    import numpy as np

    cells = np.column_stack([codes, told.y, told.pred]).astype(np.int64)
    low = cells.min(axis=0)
    sizes = cells.max(axis=0) - low + 1
    key = np.ravel_multi_index(tuple((cells - low).T), tuple(int(size) for size in sizes))
    _, first, counts = np.unique(key, return_index=True, return_counts=True)
    told = type(told)(y=told.y[first], pred=told.pred[first], weight=counts.astype(float))
    return told, codes[first]


def _drawn_counts(seed: Seed, times: int) -> Callable[[Callable[[Array], Array], Outcomes], Array]:
    def draw(function: Callable[[Array], Array], told: Outcomes) -> Array:
        import numpy as np

        counts = _whole(told)
        rows = int(counts.sum())
        drawn = np.random.default_rng(seed).multinomial(rows, counts / rows, size=times)
        return function(drawn.astype(float))

    return draw


def _drawn_rows(seed: Seed, times: int) -> Callable[[Callable[[Array], Array], Outcomes], Array]:
    def draw(function: Callable[[Array], Array], told: Outcomes) -> Array:
        return _of_rows(function, told, seed, times)

    return draw


def _of_rows(function: Callable[[Array], Array], told: Outcomes, seed: Seed, times: int) -> Array:
    """Draw rows, or whole groups of them, and hand over how often each came."""
    return resample(
        lambda _, weight: function(weight),
        (told.y,),
        times=max(min(200, times), min(times, _WORK // max(1, len(told)))),
        seed=seed,
        groups=told.groups,
        weight=told.weight,
    )


def _by_formula(name: str, told: Outcomes, inside: Array) -> Estimate:
    """Return a rate of the rows inside, with the interval that a formula gives."""
    score = None if told.score is None else told.score[inside]
    top, bottom = RATES[name].terms(told.y[inside], told.pred[inside], score)
    rows = float(bottom.sum())
    if not rows:
        return Estimate(None, why="no rows to take the rate of")
    if RATES[name].proportion:
        hits = round(float(top.sum()))
        low, high = wilson(hits, round(rows))
        return Estimate(hits / rows, low, high, "wilson")
    return _mean(top)


def _mean(values: Array) -> Estimate:
    """Return the mean with Student's interval (Gosset 1908)."""
    from scipy.stats import t

    mean, rows = float(values.mean()), len(values)
    if rows < 2:
        return Estimate(mean, why="one row has no spread")
    half = float(t.ppf(0.975, rows - 1)) * float(values.std(ddof=1)) / math.sqrt(rows)
    return Estimate(mean, mean - half, mean + half, "student")


def _whole(told: Outcomes) -> Array:
    import numpy as np

    return np.ones(len(told)) if told.weight is None else told.weight


def _point(value: float) -> Estimate:
    return Estimate(value) if math.isfinite(value) else Estimate(None, why=_NO_RATE)
