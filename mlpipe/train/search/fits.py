"""The fits of trials: features and model in every fold, and what the metric says of the scores."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mlpipe.train.compare import fold_scores
from mlpipe.train.fit import Fit, Fitted, run
from mlpipe.train.search.halving import fewer_iterations, fewer_rows
from mlpipe.train.search.setting import Setting
from mlpipe.train.search.trial import Trial, Tried

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = ["judge", "judge_alone", "scores_of"]

AT_ONCE = 16
"""The scores of so many trials are in memory together; no result depends on it."""

Raw = list[Any]


def judge(
    trials: Sequence[Trial], setting: Setting, words: Callable[[Trial], str]
) -> Iterator[tuple[Tried, Raw | None]]:
    """Yield each trial with what the folds said, and its scores of each fold where it has any.

    Parameters
    ----------
    trials : sequence of Trial
    setting : Setting
    words : callable
        What a watcher is told of a trial.

    Raises
    ------
    MlpipeError
        Where a candidate as the spec writes it cannot be fitted. A trial with parameters that were
        searched is noted as failed instead.
    """
    for first in range(0, len(trials), AT_ONCE):
        chunk = trials[first : first + AT_ONCE]
        fits = [fit for trial in chunk for fit in _fits(trial, setting, words(trial))]
        folds = len(setting.rows.pairs)
        forgiven = {at for at in range(len(fits)) if chunk[at // folds].params}
        done = run(
            fits,
            setting.rows.data,
            setting.plan,
            setting.seed,
            jobs=setting.jobs,
            watch=setting.watch,
            forgive=forgiven,
        )
        for at, trial in enumerate(chunk):
            yield _judged(trial, done[at * folds : (at + 1) * folds], setting)


def judge_alone(
    trial: Trial, setting: Setting, beside: Sequence[Fit]
) -> tuple[Tried, Raw, list[Fitted]]:
    """Judge the only trial there is; other fits are done beside those of its folds.

    Raises
    ------
    MlpipeError
        Where one of the fits cannot be done.
    """
    fits = _fits(trial, setting, trial.candidate)
    done = run(
        [*fits, *beside],
        setting.rows.data,
        setting.plan,
        setting.seed,
        jobs=setting.jobs,
        watch=setting.watch,
    )
    of_folds = done[: len(fits)]
    tried, _ = _judged(trial, of_folds, setting)
    return tried, [each.scores for each in of_folds], done[len(fits) :]


def scores_of(trial: Trial, setting: Setting) -> Raw:
    """Return the scores of each fold by a trial that was fitted before, fitted once more."""
    fits = _fits(trial, setting, "")
    data = setting.rows.data
    done = run(fits, data, setting.plan, setting.seed, jobs=setting.jobs)
    return [each.scores for each in done]


def _fits(trial: Trial, setting: Setting, words: str) -> list[Fit]:
    pairs, model = setting.rows.pairs, trial.model
    if setting.resource == "iterations":
        model = fewer_iterations(model, trial.share)
    return [
        Fit(
            trial.candidate,
            model,
            _taught(on, trial, setting, fold),
            score,
            False,
            f"{words}, fold {fold} of {len(pairs)}",
        )
        for fold, (on, score) in enumerate(pairs, start=1)
    ]


def _taught(on: "Array", trial: Trial, setting: Setting, fold: int) -> "Array":
    """Return the rows that a fold is fitted on: a part of them on the first rungs of halving."""
    data = setting.rows.data
    if setting.resource != "rows" or trial.share >= 1:
        return on
    return fewer_rows(on, data.y, data.classes, trial.share, [setting.seed, fold])


def _judged(trial: Trial, done: Sequence[Fitted], setting: Setting) -> tuple[Tried, Raw | None]:
    setting.times(trial.number, sum(each.seconds for each in done))
    warnings = tuple(each.warnings for each in done)
    failed = [each.error for each in done if each.error is not None]
    if failed:
        _, problems = failed[0]
        found = _undefined(problems[0].message, setting)
        return Tried(trial, found, warnings, problems[0].message), None
    raw = [each.scores for each in done]
    found = fold_scores(
        raw,
        setting.rows.pairs,
        setting.rows.data,
        metric=setting.metric,
        calibrate=setting.calibrate,
    )
    return Tried(trial, found, warnings), raw if trial.share >= 1 else None


def _undefined(why: str, setting: Setting) -> dict[str, Any]:
    folds = [
        {"fold": number, "rows": len(rows), "value": None, "why": why}
        for number, (_, rows) in enumerate(setting.rows.pairs, start=1)
    ]
    return {"mean": None, "std": None, "folds": folds}
