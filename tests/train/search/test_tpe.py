"""Optuna asked and told: trial i follows from the seed and the trials before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from mlpipe.errors import SpecError
from mlpipe.metrics.scores import METRICS
from mlpipe.train.search import tpe
from mlpipe.train.search.spec import Search
from mlpipe.train.search.trial import Trial, Tried, defaults
from mlpipe.train.spec import Train

if TYPE_CHECKING:
    from collections.abc import Callable

SPACE = {
    "linear.C": {"log_uniform": [0.01, 10]},
    "boosted.learning_rate": {"uniform": [0.01, 0.5]},
    "boosted.max_leaf_nodes": {"integers": {"between": [4, 64], "log": True}},
    "boosted.max_depth": [None, 3, 5],
}
MODELS = Train().candidates("binary")
AUC = METRICS["roc_auc"]


def made(trial: Trial) -> Tried:
    """A score that has its best at a learning rate of 0.2 and at C of 1."""
    params = trial.params or {"learning_rate": 0.1, "C": 1.0}
    value = (
        -abs(params["learning_rate"] - 0.2)
        if "learning_rate" in params
        else -abs(np.log(params["C"]))
    )
    return Tried(trial, {"mean": float(value), "std": None, "folds": []})


def proposed(
    trials: int, batch: int = 4, seed: int = 7, judge: Callable[[Trial], Tried] = made, **more: Any
) -> list[list[Trial]]:
    spec = Search.read(
        {"method": "optuna", "trials": trials, "batch": batch, "space": SPACE, **more}
    )
    generator = tpe.propose(spec, MODELS, seed, AUC, [judge(t) for t in defaults(MODELS)], "binary")
    found = [next(generator)]
    try:
        while True:
            found.append(generator.send([judge(trial) for trial in found[-1]]))
    except StopIteration:
        return found


def flat(batches: list[list[Trial]]) -> list[tuple[int, str, Any]]:
    return [(t.number, t.candidate, t.params) for batch in batches for t in batch]


def test_a_longer_search_begins_with_the_shorter_one() -> None:
    short, long = flat(proposed(25)), flat(proposed(47))
    assert [number for number, _, _ in long] == list(range(2, 47))
    assert long[: len(short)] == short
    assert flat(proposed(25)) == short
    assert flat(proposed(25, seed=8)) != short


def test_batches_are_of_the_size_that_the_spec_says() -> None:
    assert [len(batch) for batch in proposed(25, batch=10)] == [10, 10, 3]
    assert flat(proposed(25, batch=10)) != flat(proposed(25, batch=1))


def test_it_learns_from_what_it_is_told() -> None:
    """Later trials are nearer to the best; told nothing but nonsense, they are not."""

    def gap(judge: Callable[[Trial], Tried]) -> float:
        trials = [t for batch in proposed(120, judge=judge) for t in batch]
        rates = [t.params["learning_rate"] for t in trials if t.candidate == "boosted"]
        return float(np.mean(np.abs(np.array(rates[-25:]) - 0.2)))

    def same(trial: Trial) -> Tried:
        return Tried(trial, {"mean": 0.5, "std": None, "folds": []})

    assert gap(made) < 0.05 < gap(same)


def test_one_at_a_time_is_what_optuna_itself_does() -> None:
    """The oracle: a study of Optuna's own with the same sampler, over one candidate."""
    spec = Search.read({"method": "optuna", "trials": 16, "batch": 1, "space": {
        key: value for key, value in SPACE.items() if key.startswith("boosted")}})  # fmt: skip
    models = {"boosted": MODELS["boosted"]}
    generator = tpe.propose(spec, models, 7, AUC, [], "binary")
    ours, batch = [], next(generator)
    try:
        while True:
            ours.append(batch[0].params)
            batch = generator.send([made(batch[0])])
    except StopIteration:
        pass
    own = int(np.random.SeedSequence([7, 0]).generate_state(1)[0])
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=own))
    space = {
        "learning_rate": FloatDistribution(0.01, 0.5),
        "max_depth": CategoricalDistribution([None, 3, 5]),
        "max_leaf_nodes": IntDistribution(4, 64, log=True),
    }
    theirs = []
    for _ in range(15):
        trial = study.ask(space)
        theirs.append(trial.params)
        study.tell(trial, -abs(trial.params["learning_rate"] - 0.2))
    assert ours == theirs


def test_lists_among_the_choices_come_back_as_lists() -> None:
    space = {"net.hidden_layer_sizes": [[4], [4, 4]], "net.activation": ["relu", "tanh"]}
    models = Train.read({"models": {"net": "sklearn.neural_network.MLPClassifier"}}).models
    spec = Search.read({"method": "optuna", "trials": 9, "space": space})
    (batch, *_) = [next(tpe.propose(spec, models, 7, AUC, [], "binary"))]
    assert {trial.params["hidden_layer_sizes"] for trial in batch} <= {(4,), (4, 4)}
    assert batch[0].model.model_dump()["hidden_layer_sizes"] in {(4,), (4, 4)}


def test_a_trial_without_a_score_is_no_reason_to_stop() -> None:
    def undefined(trial: Trial) -> Tried:
        mean = None if trial.number % 2 else made(trial).mean
        return Tried(trial, {"mean": mean, "std": None, "folds": []})

    assert len(flat(proposed(20, judge=undefined))) == 18


@pytest.mark.parametrize(
    ("name", "way", "told"), [("roc_auc", "maximize", -0.5), ("rmse", "minimize", -0.5)]
)
def test_the_direction_is_that_of_the_metric(name: str, way: str, told: float) -> None:
    assert tpe.direction(METRICS[name]) == way
    assert tpe.goal(METRICS[name], -0.5) == told
    assert tpe.goal(METRICS[name], None) is None


def test_where_both_sides_are_wrong_the_distance_is_told() -> None:
    for name, told in (("bias", 0.5), ("calibration_slope", 1.5)):
        assert tpe.direction(METRICS[name]) == "minimize"
        assert tpe.goal(METRICS[name], -0.5) == told


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tpe, "is_missing", lambda: True)
    with pytest.raises(SpecError) as caught:
        proposed(10)
    (problem,) = caught.value.problems
    assert problem.message == "method: optuna needs the extra `tune`"
    assert problem.hint == "pip install 'mlpipe[tune]'"
