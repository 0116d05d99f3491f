"""A metric's value with its interval, by the method that suits it, alone or against another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.metrics.estimated import Estimate, from_draws, from_noise
from mlpipe.metrics.intervals import delong, delong_tail, wilson, wilson_tail
from mlpipe.metrics.outcomes import Outcomes
from mlpipe.metrics.paired import mcnemar, paired_areas
from mlpipe.metrics.resampling import resample, times_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.metric import Metric

__all__ = ["Estimate", "Outcomes", "compare", "estimate", "from_draws", "from_noise"]


def estimate(
    metrics: Sequence[Metric],
    outcomes: Outcomes,
    *,
    seed: int | Sequence[int],
    times: int = 2000,
) -> dict[str, Estimate]:
    """Return each metric's value and interval.

    Proportions get Wilson's interval and the area under the ROC curve DeLong's, unless rows are
    weighted or belong together; all else shares the same bootstrap resamples.

    Parameters
    ----------
    metrics : sequence of Metric
    outcomes : Outcomes
    seed : int or sequence of int
    times : int
        Resamples, of which large data gets fewer (see `times_for`).
    """
    found = {metric.name: _direct(metric, outcomes) for metric in metrics}
    rest = [metric for metric in metrics if found[metric.name] is None]
    if rest:
        outcomes = _by_score(outcomes)
        values = [_measure(metric, outcomes) for metric in rest]
        drawn = _draw(_stacked(rest, outcomes), outcomes, (), seed, times)
        for place, (metric, value) in enumerate(zip(rest, values, strict=True)):
            around = from_draws if metric.gaps is None else from_noise
            found[metric.name] = around(value, drawn[:, place])
    return {name: each for name, each in found.items() if each is not None}


def compare(
    metric: Metric,
    outcomes: Outcomes,
    other: Outcomes,
    *,
    seed: int | Sequence[int],
    times: int = 2000,
) -> Estimate:
    """Return by how much the first is better than the other on the same rows, paired.

    The difference is signed so that above 0 is better, whichever way the metric goes.
    """
    mine, theirs = _measure(metric, outcomes), _measure(metric, other)
    for each, whose in ((mine, ""), (theirs, "of the other: ")):
        if each.value is None:
            return Estimate(None, why=whose + each.why)
    if metric.name == "roc_auc" and outcomes.independent:
        assert outcomes.score is not None  # noqa: S101  (roc_auc needs scores)
        assert other.score is not None  # noqa: S101
        return paired_areas(outcomes.y, outcomes.score, other.score)
    if metric.name == "accuracy" and outcomes.independent:
        return mcnemar(outcomes.y, outcomes.pred, other.pred)

    def difference(*arrays: Any) -> Array:
        *both, weight = arrays
        first, second = both[:3], both[3:]
        gain = metric.goodness(metric.formula(*first, weight))
        return _column(gain - metric.goodness(metric.formula(*second, weight)))

    drawn = _draw(difference, outcomes, (other,), seed, times)
    value = float(metric.goodness(mine.value) - metric.goodness(theirs.value))
    return from_draws(Estimate(value), drawn[:, 0])


def _direct(metric: Metric, outcomes: Outcomes) -> Estimate | None:
    """Return the estimate where a formula gives it, or where there is none to give."""
    point = _measure(metric, outcomes)
    if point.value is None or not outcomes.independent:
        return point if point.value is None else None
    if metric.counts is not None:
        successes, trials = metric.counts(outcomes.y, outcomes.pred)
        low, high = wilson(successes, trials)
        share = point.value
        return Estimate(
            share, low, high, "wilson", tail=lambda bound: wilson_tail(share, trials, bound)
        )
    if metric.name == "roc_auc" and outcomes.score is not None:
        _, low, high = delong(outcomes.y, outcomes.score)
        tail = delong_tail(outcomes.y, outcomes.score)
        return Estimate(point.value, low, high, "delong", tail=tail)
    return None


def _measure(metric: Metric, outcomes: Outcomes) -> Estimate:
    if metric.needs == "score" and outcomes.score is None:
        return Estimate(None, why="there are no scores")
    found = metric.measure(
        outcomes.y, pred=outcomes.pred, score=outcomes.score, weight=outcomes.weight
    )
    return Estimate(found.value, why=found.why)


def _by_score(outcomes: Outcomes) -> Outcomes:
    """Sort the rows by falling score once, so that no resample has to be sorted again."""
    import numpy as np

    if outcomes.score is None or outcomes.score.ndim != 1:
        return outcomes
    return outcomes.take(np.argsort(-outcomes.score, kind="stable"))


def _stacked(metrics: Sequence[Metric], outcomes: Outcomes) -> Callable[..., Array]:
    """Return the function that draws all metrics; of those with gaps, the size of their change."""
    import numpy as np

    told = outcomes
    whole = np.ones(len(told)) if told.weight is None else told.weight
    gaps = {
        metric.name: metric.gaps(told.y, told.pred, told.score, whole)
        for metric in metrics
        if metric.gaps is not None
    }

    def draw(metric: Metric, *told: Any) -> Array:
        if metric.gaps is None:
            return np.asarray(metric.formula(*told))
        return np.asarray(np.abs(metric.gaps(*told) - gaps[metric.name]).sum(axis=-1))

    def all_of_them(*told: Any) -> Array:
        return np.stack([draw(metric, *told) for metric in metrics], axis=-1)

    return all_of_them


def _draw(
    function: Callable[..., Array],
    outcomes: Outcomes,
    others: tuple[Outcomes, ...],
    seed: int | Sequence[int],
    times: int,
) -> Array:
    arrays: list[Any] = []
    for each in (outcomes, *others):
        arrays += [each.y, each.pred, each.score]
    return resample(
        function,
        arrays,
        times=times_for(len(outcomes), times),
        seed=seed,
        groups=outcomes.groups,
        weight=outcomes.weight,
    )


def _column(values: Array) -> Array:
    return values[:, None]
