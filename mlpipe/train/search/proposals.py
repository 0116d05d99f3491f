"""Which trials come next: for each method a generator that yields batches and takes scores."""

from __future__ import annotations

from collections import Counter
from math import inf
from typing import TYPE_CHECKING

from mlpipe.train.search import tpe
from mlpipe.train.search.halving import iterations, rungs, smallest_rows
from mlpipe.train.search.sampling import grid, random, turn, wanted
from mlpipe.train.search.trial import defaults, sampled

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from mlpipe.metrics.scores import Metric
    from mlpipe.train.models import AnyModel
    from mlpipe.train.search.setting import Setting
    from mlpipe.train.search.spec import Search
    from mlpipe.train.search.trial import Trial, Tried

    Batches = Generator[list[Trial], list[Tried], None]

__all__ = ["evaluations", "propose"]

FACTOR = 3
"""One in so many trials goes on to the next rung, where the spec does not say."""


def propose(spec: Search | None, models: Mapping[str, AnyModel], setting: Setting) -> Batches:
    """Yield batches of trials; send back what the folds said of each, in their order.

    The candidates as the spec writes them come first, always, and with all of the resource. What
    does not wait for scores is drawn, and checked, before any batch is yielded.

    Raises
    ------
    SpecError
        Where a model refuses a combination of values, or the extra of a method is missing.
    """
    first = defaults(models)
    if spec is None:
        yield first
        return
    if spec.method == "optuna":
        tpe.require()
        tried = yield first
        task = setting.rows.data.task
        yield from tpe.propose(spec, models, setting.seed, setting.metric, tried, task)
        return
    names = list(models)
    drawn = grid(spec, names) if spec.method == "grid" else random(spec, names, setting.seed)
    task = setting.rows.data.task
    trials = sampled(drawn, models, len(names), task)
    yield first
    if spec.method == "halving":
        yield from _halved(trials, _schedules(spec, models, setting), setting.metric)
    elif trials:
        yield trials


def evaluations(spec: Search | None, models: Mapping[str, AnyModel], setting: Setting) -> int:
    """Return how often a trial is fitted in every fold: once, but on each rung of halving."""
    if spec is None:
        return len(models)
    if spec.method != "halving":
        return wanted(spec, list(models))
    schedules = _schedules(spec, models, setting).values()
    return len(models) + sum(count for schedule in schedules for count, _ in schedule)


def _schedules(
    spec: Search, models: Mapping[str, AnyModel], setting: Setting
) -> dict[str, list[tuple[int, float]]]:
    """Return the rungs of each candidate: little data suits one more than another."""
    names = list(models)
    numbers = range(len(names), wanted(spec, names))
    shares = Counter(turn(spec, names, number) for number in numbers)
    return {
        name: rungs(count, spec.factor or FACTOR, _steps(spec, models[name], setting))
        for name, count in shares.items()
    }


def _steps(spec: Search, model: AnyModel, setting: Setting) -> int:
    """Return how often the smallest amount of the resource is contained in all of it."""
    if spec.resource == "iterations":
        found = iterations(model)
        return found[1] if found else 1
    rows = setting.rows
    return len(rows.train) // smallest_rows(len(rows.pairs), rows.data.classes)


def _halved(
    trials: Sequence[Trial], schedules: Mapping[str, list[tuple[int, float]]], metric: Metric
) -> Batches:
    for rung in range(max(map(len, schedules.values()))):
        batch = [
            trial.with_share(schedule[rung][1])
            for name, schedule in schedules.items()
            if rung < len(schedule)
            for trial in [each for each in trials if each.candidate == name][: schedule[rung][0]]
        ]
        tried = yield batch
        trials = _ranked(tried, metric)


def _ranked(tried: Sequence[Tried], metric: Metric) -> list[Trial]:
    """Return the trials, the best first; of equals, those that came first."""
    ranked = sorted(
        tried,
        key=lambda each: -inf if each.mean is None else float(metric.goodness(each.mean)),
        reverse=True,
    )
    return [each.trial for each in ranked]
