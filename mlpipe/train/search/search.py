"""The search: batches of trials proposed, fitted in the folds, and the best of each candidate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.train.search.fits import judge, judge_alone, scores_of
from mlpipe.train.search.proposals import propose
from mlpipe.train.search.sampling import wanted
from mlpipe.train.search.trial import Tried, defaults

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    from mlpipe.train.fit import Fit, Fitted
    from mlpipe.train.models import AnyModel
    from mlpipe.train.search.setting import Setting
    from mlpipe.train.search.spec import Search
    from mlpipe.train.search.trial import Trial

__all__ = ["Searched", "search", "search_alone"]


@dataclass(frozen=True)
class Searched:
    """What a search found.

    Attributes
    ----------
    tried : list of Tried
        Every evaluation in its order: a trial of halving once for each of its rungs.
    best : dict of str to Tried
        For each candidate, the best trial with all of the resource; the first of equals.
    raw : callable
        From the name of a candidate to the scores of each fold by its best trial.
    """

    tried: list[Tried]
    best: dict[str, Tried]
    raw: Callable[[str], Sequence[Any]]

    def fitted(self) -> list[Tried]:
        """Return the evaluations that are no repetition of one before."""
        return [tried for tried in self.tried if tried.same_as is None]

    def warnings(self) -> list[str]:
        """Return what is odd about the trials: those that could not be fitted."""
        failed = [tried for tried in self.fitted() if tried.error]
        names = dict.fromkeys(tried.trial.candidate for tried in failed)
        return [
            f"{name}: {len(mine)} of {sum(t.trial.candidate == name for t in self.tried)} trials "
            f"could not be fitted: trial {mine[0].trial.number}: {mine[0].error}"
            for name in names
            if (mine := [tried for tried in failed if tried.trial.candidate == name])
        ]


def search(
    spec: Search | None,
    models: Mapping[str, AnyModel],
    setting: Setting,
    earlier: Iterable[Mapping[str, Any]] = (),
) -> Searched:
    """Try the candidates as they are written, and then with other parameters.

    Parameters
    ----------
    spec : Search or None
        Without a search, each candidate is one trial.
    models : mapping of str to Model
        The candidates.
    setting : Setting
    earlier : iterable of dict
        Trials of `Tried.to_json` from a search that differed in the number of its trials alone.
        They are taken over where the same trial comes up: that saves time, and changes no result.

    Raises
    ------
    MlpipeError
        Where a candidate as the spec writes it cannot be fitted.
    """
    known = {tried.trial.key: tried for tried in _read(earlier, models)}
    record = _Record(setting, known, _words(spec, models))
    batches = propose(spec, models, setting)
    batch = next(batches)
    while batch:
        batch = _next(batches, record.judge(batch))
    return Searched(record.tried, record.best, record.raw)


def search_alone(
    models: Mapping[str, AnyModel], setting: Setting, beside: Sequence[Fit]
) -> tuple[Searched, list[Fitted]]:
    """Judge the only candidate as it is written; its other fits are done beside those of its folds.

    There is nothing to choose from, so that no fit has to wait for the scores of another.

    Parameters
    ----------
    models : mapping of str to Model
        One.
    setting : Setting
    beside : sequence of Fit

    Raises
    ------
    MlpipeError
        Where it cannot be fitted.
    """
    (trial,) = defaults(models)
    tried, raw, done = judge_alone(trial, setting, beside)
    return Searched([tried], {trial.candidate: tried}, lambda _: raw), done


def _next(batches: Generator[list[Trial], list[Tried], None], tried: list[Tried]) -> list[Trial]:
    try:
        return batches.send(tried)
    except StopIteration:
        return []


def _read(earlier: Iterable[Mapping[str, Any]], models: Mapping[str, AnyModel]) -> Iterator[Tried]:
    return (Tried.from_json(each, models) for each in earlier)


def _words(spec: Search | None, models: Mapping[str, AnyModel]) -> Callable[[Trial], str]:
    if spec is None:
        return lambda trial: trial.candidate
    last = wanted(spec, list(models)) - 1
    return lambda trial: f"trial {trial.number} of {last}: {trial.candidate}"


class _Record:
    """What has been tried so far. The same trial is fitted once, and a known one not at all."""

    def __init__(
        self, setting: Setting, known: Mapping[str, Tried], words: Callable[[Trial], str]
    ) -> None:
        self.setting, self.known, self.words = setting, known, words
        self.tried: list[Tried] = []
        self.best: dict[str, Tried] = {}
        self._seen: dict[str, Tried] = {}
        self._raw: dict[str, tuple[Tried, Sequence[Any]]] = {}

    def judge(self, batch: Sequence[Trial]) -> list[Tried]:
        """Return what the folds say of each trial of a batch, in its order."""
        fresh: dict[str, Trial] = {}
        for trial in batch:
            if trial.key not in self._seen and trial.key not in self.known:
                fresh.setdefault(trial.key, trial)
        found = {}
        for tried, raw in judge(list(fresh.values()), self.setting, self.words):
            found[tried.trial.key] = tried
            before = self._raw.get(tried.trial.candidate)
            if raw is not None and (before is None or self._is_better(tried, before[0])):
                self._raw[tried.trial.candidate] = tried, raw
        return [self._add(trial, found) for trial in batch]

    def raw(self, candidate: str) -> Sequence[Any]:
        """Return the scores of each fold by the best trial; known trials come without any."""
        best = self.best[candidate]
        kept = self._raw.get(candidate)
        if kept is not None and kept[0].trial.number == best.trial.number:
            return kept[1]
        return scores_of(best.trial, self.setting)

    def _add(self, trial: Trial, found: Mapping[str, Tried]) -> Tried:
        key, folds = trial.key, len(self.setting.rows.pairs)
        if key in self._seen:
            first = self._seen[key]
            tried = first.again_as(trial, first.trial.number)
        else:
            tried = found[key] if key in found else self.known[key].again_as(trial, None)
            self._seen[key] = tried
        if key not in found or tried.same_as is not None:
            for _ in range(folds):
                self.setting.watch(f"{self.words(trial)}, known")
        self.tried.append(tried)
        best = self.best.get(trial.candidate)
        if trial.share >= 1 and (best is None or self._is_better(tried, best)):
            self.best[trial.candidate] = tried
        return tried

    def _is_better(self, tried: Tried, than: Tried) -> bool:
        if tried.mean is None or than.mean is None:
            return than.mean is None and tried.mean is not None
        goodness = self.setting.metric.goodness
        return bool(goodness(tried.mean) > goodness(than.mean))
