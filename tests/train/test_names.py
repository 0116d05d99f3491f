"""scikit-learn's models by name: the table is what scikit-learn has, and nothing is imported."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib import import_module
from typing import Any

import pytest
from sklearn.base import is_classifier, is_regressor
from sklearn.utils import all_estimators

from mlpipe.train.misfits import misfits
from mlpipe.train.models import with_parameters
from mlpipe.train.models.named import NAMES, Named
from mlpipe.train.models.single import TYPED
from mlpipe.train.models.table import TABLE, UNREACHABLE, entry_of, snake_case
from mlpipe.train.spec import Train
from tests.train.test_models import errors, read

OURS = {"n_jobs", "verbose", "verbose_interval", "warm_start", "estimator", "base_estimator"}
CLASSES = dict([*all_estimators("classifier"), *all_estimators("regressor")])
REACHED = {
    name: getattr(import_module(f"sklearn.{entry.module}"), name)
    for entry in TABLE.values()
    for name in (entry.classifier, entry.regressor)
    if name
}


def parameters(cls: type) -> set[str]:
    known = set(inspect.signature(cls.__init__).parameters) - {"self"} - OURS
    return {"monotonic" if name == "monotonic_cst" else name for name in known}


def test_every_model_of_scikit_learn_has_a_name_or_a_reason() -> None:
    assert set(REACHED) | set(UNREACHABLE) == set(CLASSES)
    assert not set(REACHED) & set(UNREACHABLE)
    assert all(REACHED[name] is CLASSES[name] for name in REACHED)


@pytest.mark.parametrize("name", REACHED)
def test_the_whole_name_of_a_class_is_a_word_too(name: str) -> None:
    model = read({"type": snake_case(name)})
    tasks = ("regression",) if is_regressor(REACHED[name]()) else ("binary", "multiclass")
    assert model.tasks == tasks
    if isinstance(model, Named):
        assert type(model.build(tasks[0], 0)) is REACHED[name]


@pytest.mark.parametrize("name", TABLE)
def test_the_table_has_the_parameters_of_its_classes(name: str) -> None:
    entry = TABLE[name]
    classes = [REACHED[each] for each in (entry.classifier, entry.regressor) if each]
    assert set(entry.names) == set().union(*map(parameters, classes))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in TYPED])
def test_one_name_serves_the_tasks_it_can(name: str) -> None:
    model = read(name)
    for task in model.tasks:
        made = model.build(task, 4)
        assert (is_regressor if task == "regression" else is_classifier)(made)
        known = made.get_params(deep=False)
        assert known.get("random_state", 4) == 4
        assert known.get("n_jobs", 1) == 1
        assert list(model.refusals(task)) == []


def test_families_come_from_modules() -> None:
    of = {"svc": "linear", "lasso": "linear", "extra_trees": "trees", "k_neighbors": "other"}
    assert {name: read(name).family for name in of} == of


@pytest.mark.parametrize(
    ("model", "place", "says", "hint"),
    [
        ({"type": "svc", "gama": 1}, ("gama", "[key]"), "svc has no parameter 'gama'", "'gamma'"),
        ({"type": "svc", "x": 1}, ("x", "[key]"), "no parameter 'x'", "it has: C, kernel"),
        ({"type": "extra_trees", "n_jobs": 4}, ("n_jobs", "[key]"), "no parameter", "one thread"),
        ({"type": "lasso", "monotonic": {"a": "increasing"}}, ("monotonic", "[key]"), "no par", ""),
        ({"type": "svc", "class_weight": "blanced"}, ("class_weight",), "dictionary", ""),
    ],
)
def test_names_of_parameters_are_told_by_the_table(
    model: Any, place: Any, says: str, hint: str
) -> None:
    ((loc, message, said),) = errors({"models": {"m": model}})
    assert loc[-len(place) :] == place
    assert says in message
    assert hint in said


@pytest.mark.parametrize("word", ["extra_treees", "k_neighbours"])
def test_a_misspelled_name_is_told(word: str) -> None:
    ((_, message, hint),) = errors({"models": {"m": word}})
    assert "is not a model" in message
    assert "did you mean" in hint


@pytest.mark.parametrize(
    ("model", "task", "place", "says"),
    [
        ({"type": "extra_trees", "n_estimators": 0}, "binary", "n_estimators", "range [1, inf)"),
        ({"type": "extra_trees", "criterion": "gini"}, "regression", "criterion", "'criterion'"),
        ({"type": "svr", "epsilon": "x"}, "regression", "epsilon", "must be a float"),
        ({"type": "sgd", "epsilon": -1.0}, "binary", "epsilon", "[0.0, inf)"),
        ({"type": "k_neighbors", "algorithm": "kd_tree"}, "binary", "algorithm", "without pickle"),
        (
            {"type": "extra_trees", "class_weight": "balanced"},
            "regression",
            "class_weight",
            "for c",
        ),
        ({"type": "dummy_regressor", "quantile": 2.0}, "regression", "quantile", "quantile"),
        ({"type": "gradient_boosting", "alpha": 0.5}, "binary", "alpha", "has no 'alpha'"),
        ({"type": "hist_gradient_boosting", "loss": "poisson"}, "binary", "loss", "for regression"),
        ({"type": "lightgbm", "objective": "poisson"}, "binary", "objective", "for regression"),
        (
            {"type": "xgboost", "monotonic": {"a": "increasing"}},
            "multiclass",
            "monotonic",
            "no direction",
        ),
    ],
)
def test_values_are_judged_by_scikit_learn(model: Any, task: str, place: str, says: str) -> None:
    ((found, message, _),) = misfits(Train.read({"models": {"m": model}}), task)
    assert found == ("models", "m", place)
    assert says in message


def test_values_that_fit_are_left_alone() -> None:
    models = {
        "a": {"type": "mlp", "hidden_layer_sizes": [5, 5], "alpha": 1},
        "b": {"type": "extra_trees", "max_features": None, "class_weight": {"yes": 2}},
        "c": {"type": "svc", "gamma": "auto", "C": 2},
    }
    assert list(misfits(Train.read({"models": models}), "binary")) == []
    assert read(models["a"]).build("binary", 0).hidden_layer_sizes == (5, 5)


def test_with_parameters_judges_values_for_a_task() -> None:
    from mlpipe.errors import SpecError

    before = read({"type": "extra_trees", "max_depth": 3})
    after = with_parameters(before, {"n_estimators": 7}, task="binary")
    assert after.build("binary", 0).get_params()["n_estimators"] == 7
    assert after.build("binary", 0).max_depth == 3
    with pytest.raises(SpecError, match="range") as caught:
        with_parameters(before, {"n_estimators": 0}, task="binary", key="train.models.m")
    assert caught.value.problems[0].key == "train.models.m.n_estimators"
    with pytest.raises(SpecError, match="no parameter 'n_estimatrs'") as caught:
        with_parameters(before, {"n_estimatrs": 1}, key="train.models.m")
    assert caught.value.problems[0].key == "train.models.m.n_estimatrs"


def test_nothing_heavy_is_imported_for_names_of_parameters() -> None:
    code = (
        "import sys\n"
        "from pydantic import ValidationError\n"
        "from mlpipe.train.spec import Train\n"
        "for given in ({}, {'n_estimatrs': 1}):\n"
        "    try:\n"
        "        Train.read({'models': {'m': {'type': 'extra_trees', **given}}})\n"
        "    except ValidationError:\n"
        "        print('refused')\n"
        "print(sorted({'sklearn', 'numpy', 'lightgbm', 'pandas'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["refused", "[]"]


def test_models_round_trip_through_plain_values() -> None:
    models = {"a": {"type": "svc", "C": 2}, "b": "lasso_lars_ic", "c": {"type": "catboost"}}
    section = Train.read({"models": models})
    assert Train.read(section.model_dump(mode="json")) == section


def test_what_no_name_stands_for() -> None:
    assert entry_of("voting_classifier") is None
    assert all(UNREACHABLE.values())
