"""Optuna's tree-structured Parzen estimator, asked and told (extra ``tune``).

Bergstra et al., "Algorithms for Hyper-Parameter Optimization" (2011), as `optuna.samplers`
implements it. Each candidate has a study of its own, seeded. A fixed number of trials is asked for
at once and told of in order, so that trial ``i`` follows from the seed and the trials of the
batches before it, however many processes fit them and whatever number of trials follows.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.train.search.domain import Choices, Integers, LogUniform
from mlpipe.train.search.sampling import turn, wanted
from mlpipe.train.search.trial import sampled

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    import optuna

    from mlpipe.metrics.scores import Metric
    from mlpipe.train.models import AnyModel
    from mlpipe.train.search.domain import AnyDomain
    from mlpipe.train.search.spec import Search
    from mlpipe.train.search.trial import Trial, Tried

__all__ = [
    "INSTALL",
    "direction",
    "distributions",
    "given",
    "goal",
    "is_missing",
    "propose",
    "quiet",
    "require",
    "within",
]

BATCH = 4
"""So many trials are asked for at once, where the spec does not say."""

INSTALL = "pip install 'mlpipe[tune]'"


def is_missing() -> bool:
    """Whether the extra is not installed."""
    from importlib.util import find_spec

    return find_spec("optuna") is None


def require() -> None:
    """Refuse to go on without the extra.

    Raises
    ------
    SpecError
        With the command that installs it.
    """
    if is_missing():
        problem = Problem("method: optuna needs the extra `tune`", key="train.search", hint=INSTALL)
        raise SpecError(problem)


def propose(
    spec: Search,
    models: Mapping[str, AnyModel],
    seed: int,
    metric: Metric,
    first: Sequence[Tried],
    task: str,
) -> Generator[list[Trial], list[Tried], None]:
    """Yield batches of trials; take what the folds said of each.

    Parameters
    ----------
    spec : Search
    models : mapping of str to Model
    seed : int
    metric : Metric
    first : sequence of Tried
        The candidates as the spec writes them; those within the space are told to the sampler.
    task : str

    Raises
    ------
    SpecError
        Where the extra is not installed, or a model refuses a combination of values.
    """
    require()
    names = list(models)
    with quiet():
        studies = {name: _study(metric, [seed, names.index(name)]) for name in spec.searched(names)}
        for tried in first:
            if tried.trial.candidate in studies:
                _tell_of_default(studies[tried.trial.candidate], spec, tried, metric)
    total = wanted(spec, names)
    batch = spec.batch or BATCH
    for start in range(len(names), total, batch):
        asked = []
        for number in range(start, min(start + batch, total)):
            name = turn(spec, names, number)
            with quiet():
                asked.append((name, studies[name].ask(distributions(spec, name))))
        drawn = [(name, _values(spec, name, trial.params)) for name, trial in asked]
        results = yield sampled(drawn, models, start, task)
        with quiet():
            for (name, trial), tried in zip(asked, results, strict=True):
                _tell(studies[name], trial, goal(metric, tried.mean))


def direction(metric: Metric) -> str:
    """Return which way is better, in Optuna's word; nearer to the best of two sides."""
    return "maximize" if metric.greater_is_better else "minimize"


def goal(metric: Metric, mean: float | None) -> float | None:
    """Return the number that a study is told."""
    if mean is None or metric.greater_is_better is not None:
        return mean
    return abs(mean - metric.best)


def distributions(spec: Search, candidate: str) -> dict[str, Any]:
    """Return the space of a candidate as Optuna's distributions, by parameter."""
    return {name: _distribution(each) for name, each in spec.domains(candidate).items()}


def _distribution(domain: AnyDomain) -> Any:
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if isinstance(domain, Choices):
        return CategoricalDistribution([_plain(value) for value in domain.values])
    if isinstance(domain, Integers):
        return IntDistribution(*domain.between, log=domain.log)
    return FloatDistribution(*domain.between, log=isinstance(domain, LogUniform))


def _plain(value: Any) -> Any:
    """Return a value that Optuna takes: a list is written as text."""
    return json.dumps(value) if isinstance(value, tuple) else value


def within(spec: Search, candidate: str, model: AnyModel) -> dict[str, Any]:
    """Return the searched parameters of a candidate as it is written; none outside the space."""
    own = model.model_dump(mode="python")
    domains = spec.domains(candidate)
    if not all(name in own and domain.holds(own[name]) for name, domain in domains.items()):
        return {}
    return {name: own[name] for name in domains}


def given(spec: Search, candidate: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as Optuna keeps them."""
    kept = spec.domains(candidate)
    return {name: json.dumps(params[name]) if isinstance(params[name], list | tuple)
            else params[name] for name in kept}  # fmt: skip


def _values(spec: Search, candidate: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as the model takes them."""
    found = {}
    for name, domain in spec.domains(candidate).items():
        value = params[name]
        if isinstance(domain, Choices):
            value = next(
                each
                for each in domain.values
                if _plain(each) == value and type(_plain(each)) is type(value)
            )
        found[name] = value
    return found


def _study(metric: Metric, seed: Sequence[int]) -> optuna.Study:
    import numpy as np
    import optuna

    own = int(np.random.SeedSequence(seed).generate_state(1)[0])
    sampler = optuna.samplers.TPESampler(seed=own)
    return optuna.create_study(direction=direction(metric), sampler=sampler)


def _tell(study: optuna.Study, trial: optuna.Trial, value: float | None) -> None:
    import optuna

    if value is None:
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
    else:
        study.tell(trial, value)


def _tell_of_default(study: optuna.Study, spec: Search, tried: Tried, metric: Metric) -> None:
    """Tell of the parameters that `models` gives, where all of them are within the space."""
    import optuna

    name = tried.trial.candidate
    own, value = within(spec, name, tried.trial.model), goal(metric, tried.mean)
    if value is not None and own:
        kept, space = given(spec, name, own), distributions(spec, name)
        study.add_trial(optuna.trial.create_trial(params=kept, distributions=space, value=value))


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Optuna from writing of its own accord."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
