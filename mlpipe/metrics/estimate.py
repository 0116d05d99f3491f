"""A metric's value with its interval, by the method that suits it, alone or against another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.arrays import share, total
from mlpipe.metrics.cells import Cells, grid, line, middle
from mlpipe.metrics.estimated import (
    Estimate,
    from_draws,
    from_log_odds,
    from_noise,
    unless_all_agree,
)
from mlpipe.metrics.intervals import delong_with_tail, wilson, wilson_tail
from mlpipe.metrics.outcomes import Outcomes
from mlpipe.metrics.paired import mcnemar, paired_areas
from mlpipe.metrics.probability import equal_mass_bins
from mlpipe.metrics.redraw import MANY, redraw, redrawn
from mlpipe.metrics.resampling import resample

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.metric import Metric

__all__ = ["Estimate", "Outcomes", "compare", "estimate", "from_draws", "from_noise", "point"]


def estimate(
    metrics: Sequence[Metric],
    outcomes: Outcomes,
    *,
    seed: int | Sequence[int],
    times: int = 2000,
) -> dict[str, Estimate]:
    """Return each metric's value and interval.

    Proportions get Wilson's interval and the area under the ROC curve DeLong's, unless rows are
    weighted or belong together. All else is resampled: metrics of labels over the counts of the
    confusion matrix, others over the same draws.

    Parameters
    ----------
    metrics : sequence of Metric
    outcomes : Outcomes
    seed : int or sequence of int
    times : int
        Resamples.
    """
    outcomes = _by_score(outcomes)
    found = {metric.name: _direct(metric, outcomes) for metric in metrics}
    open_ = [metric for metric in metrics if not _settled(found[metric.name])]
    for metric in (each for each in open_ if each.gaps is not None):
        noise = _noise(metric, outcomes, seed, times)
        found[metric.name] = from_noise(found[metric.name], noise)
    for metric in (each for each in open_ if each.resamples is not None):
        told = [outcomes.y, outcomes.pred, outcomes.score]
        drawn = _plain(metric.formula, told, metric, outcomes, seed, times)
        found[metric.name] = _counted(from_draws(found[metric.name], drawn), drawn)
    rest = [each for each in open_ if each.gaps is None and each.resamples is None]
    for kind in ("label", "score", "value", "median_ae"):
        kin = [each for each in rest if _kind(each) == kind]
        if kin:
            drawn = _draws(kin, outcomes, seed, times)
            for place, metric in enumerate(kin):
                around = from_log_odds if metric.log_odds else from_draws
                each = around(found[metric.name], drawn[:, place])
                ends = (metric.least, metric.most)
                found[metric.name] = unless_all_agree(each, ends, outcomes.trials)
    return found


def point(metric: Metric, outcomes: Outcomes) -> Estimate:
    """Return the value of a metric without an interval, or why there is none."""
    if metric.needs == "score" and outcomes.score is None:
        return Estimate(None, why="there are no scores")
    found = metric.measure(
        outcomes.y, pred=outcomes.pred, score=outcomes.score, weight=outcomes.weight
    )
    return Estimate(found.value, why=found.why)


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
    mine, theirs = point(metric, outcomes), point(metric, other)
    for each, whose in ((mine, ""), (theirs, "of the other: ")):
        if each.value is None:
            return Estimate(None, why=whose + each.why)
    value = float(metric.goodness(mine.value) - metric.goodness(theirs.value))
    if metric.unsure:
        return Estimate(value, why=metric.unsure)
    tested = _tested(metric, outcomes, other)
    if tested is not None:
        return tested

    difference = _difference(metric)
    if metric.resamples is not None:
        told = [each for one in (outcomes, other) for each in (one.pred, one.score)]
        drawn = _plain(difference, [outcomes.y, *told], metric, outcomes, seed, times)
        return _counted(from_draws(Estimate(value), drawn), drawn)
    told = [each for one in (outcomes, other) for each in _told(metric.needs, one)]
    drawn = redraw(
        difference,
        [outcomes.y, *told],
        times=times,
        seed=seed,
        groups=outcomes.groups,
        weight=outcomes.weight,
        uniform=metric.gaps is not None,
    )
    return from_draws(Estimate(value), drawn)


def _difference(metric: Metric) -> Callable[..., Array]:
    """Return the function of by how much the first of two is better."""
    import numpy as np

    def difference(y: Array, *both: Any) -> Array:
        *said, weight = both
        first, second = said[:2], said[2:]
        gain = metric.goodness(metric.formula(y, *first, weight))
        return np.asarray(gain - metric.goodness(metric.formula(y, *second, weight)))

    return difference


def _tested(metric: Metric, outcomes: Outcomes, other: Outcomes) -> Estimate | None:
    """Return the difference by a test of its own, where there is one."""
    if not outcomes.independent:
        return None
    if metric.name == "roc_auc":
        assert outcomes.score is not None  # noqa: S101  (roc_auc needs scores)
        assert other.score is not None  # noqa: S101
        return paired_areas(outcomes.y, outcomes.score, other.score)
    return mcnemar(outcomes.y, outcomes.pred, other.pred) if metric.name == "accuracy" else None


def _direct(metric: Metric, outcomes: Outcomes) -> Estimate:
    """Return the estimate, with its interval where a formula gives it."""
    found = point(metric, outcomes)
    if found.value is not None and metric.unsure:
        return replace(found, why=metric.unsure)
    if found.value is None or not outcomes.independent:
        return found
    if metric.counts is not None:
        successes, trials = metric.counts(outcomes.y, outcomes.pred)
        low, high = wilson(successes, trials)
        value = found.value
        return Estimate(
            value, low, high, "wilson", tail=lambda bound: wilson_tail(value, trials, bound)
        )
    if metric.name == "roc_auc" and outcomes.score is not None:
        (_, low, high), tail = delong_with_tail(outcomes.y, outcomes.score)
        return Estimate(found.value, low, high, "delong", tail=tail)
    return found


def _settled(estimate: Estimate) -> bool:
    return estimate.value is None or estimate.low is not None or bool(estimate.why)


def _by_score(outcomes: Outcomes) -> Outcomes:
    """Sort the rows by falling score once, so that no resample has to be sorted again."""
    import numpy as np

    if outcomes.score is None or outcomes.score.ndim != 1:
        return outcomes
    return outcomes.take(np.argsort(-outcomes.score, kind="stable"))


def _draws(
    metrics: Sequence[Metric], outcomes: Outcomes, seed: int | Sequence[int], times: int
) -> Array:
    """Draw metrics that need the same, shape (times, metrics)."""
    import numpy as np

    def all_of_them(*told: Any) -> Array:
        return np.stack([np.asarray(metric.formula(*told)) for metric in metrics], axis=-1)

    kind = _kind(metrics[0])
    return redraw(
        all_of_them,
        [outcomes.y, *_told(kind, outcomes)],
        times=times,
        seed=seed,
        groups=outcomes.groups,
        weight=outcomes.weight,
        cells=_cells(kind, outcomes) if len(outcomes) > MANY else None,
    )


def _plain(
    function: Callable[..., Array],
    arrays: list[Array | None],
    metric: Metric,
    outcomes: Outcomes,
    seed: int | Sequence[int],
    times: int,
) -> Array:
    """Draw a formula that must see the rows as they are, shape (resamples,)."""
    return resample(
        function,
        arrays,
        times=times if metric.resamples is None else min(times, metric.resamples),
        seed=seed,
        groups=outcomes.groups,
        weight=outcomes.weight,
    )


def _counted(estimate: Estimate, drawn: Array) -> Estimate:
    """Say how many resamples there were."""
    if estimate.low is None:
        return estimate
    return replace(estimate, method=f"bootstrap of {len(drawn)} resamples")


def _noise(metric: Metric, outcomes: Outcomes, seed: int | Sequence[int], times: int) -> Array:
    """Draw by how much the gaps of a metric change in all, shape (times,)."""
    import numpy as np

    gaps, told, cells = metric.gaps, [outcomes.y, outcomes.pred, outcomes.score], None
    assert gaps is not None  # noqa: S101
    if metric.name == "ece":
        gaps, told, cells = _binned(outcomes)
    whole = np.ones(len(outcomes)) if outcomes.weight is None else outcomes.weight
    over_all = gaps(*told, whole)
    drawn = redrawn(
        gaps,
        told,
        times=times,
        seed=seed,
        groups=outcomes.groups,
        weight=outcomes.weight,
        cells=cells,
        uniform=cells is None,
    )
    sizes = [
        np.abs(each - (over_all if around is None else around)).sum(axis=-1)
        for each, around in drawn
    ]
    return np.concatenate(sizes)


def _binned(outcomes: Outcomes) -> tuple[Callable[..., Array], list[Array | None], Cells]:
    """Return the gaps of the calibration error in bins that stay those of all rows."""
    import numpy as np

    assert outcomes.score is not None  # noqa: S101
    bins = equal_mass_bins(outcomes.score, 10)

    def gaps(inside: Array, apart: Array, weight: Array) -> Array:
        sums = [total(weight, apart * (inside == each)) for each in range(int(bins.max()) + 1)]
        return share(np.stack(sums, axis=-1), weight.sum(axis=-1)[..., None])

    cells = line(outcomes.score, [bins, outcomes.y])
    return gaps, [bins, outcomes.score - outcomes.y], Cells(cells.place, cells.firsts)


def _kind(metric: Metric) -> str:
    """Return what a metric needs of the rows; a median needs them finely where it is."""
    return metric.name if metric.name == "median_ae" else metric.needs


def _told(kind: str, outcomes: Outcomes) -> list[Array | None]:
    """Return what was said, as far as such metrics look at it."""
    return [outcomes.pred, outcomes.score if kind == "score" else None]


def _cells(kind: str, outcomes: Outcomes) -> Cells | None:
    """Return how many rows are made few; None where nothing but subsets of them will do."""
    import numpy as np

    if kind in ("value", "median_ae"):
        errors = outcomes.pred - outcomes.y
        signs = [np.sign(errors).astype(int), np.sign(outcomes.y).astype(int)]
        if kind == "median_ae":
            return middle(np.abs(errors), signs[:1], outcomes.weight)
        return grid(np.abs(outcomes.y), np.abs(errors), signs)
    if kind == "score" and outcomes.score is not None and outcomes.score.ndim == 1:
        return line(outcomes.score, [outcomes.y, outcomes.pred])
    return None
