from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from sklearn.base import is_classifier, is_regressor

from mlpipe.errors import SpecError
from mlpipe.train.misfits import misfits
from mlpipe.train.models.single import TYPED as MODELS
from mlpipe.train.spec import Maximize, Threshold, Top, Train

SMALL = {"hist_gradient_boosting": {"max_iter": 3}, "catboost": {"iterations": 3}}
CASES = [
    (word, task)
    for word in MODELS
    for task in Train.read({"models": {"m": word}}).models["m"].tasks
]


def read(model: Any) -> Any:
    return Train.read({"models": {"m": model}}).models["m"]


def errors(section: dict[str, Any]) -> list[tuple[tuple[Any, ...], str, str]]:
    with pytest.raises(ValidationError) as caught:
        Train.read(section)
    return [(e["loc"], e["msg"], e.get("ctx", {}).get("hint", "")) for e in caught.value.errors()]


@pytest.mark.parametrize(("word", "task"), CASES)
def test_every_word_builds_a_seeded_estimator(word: str, task: str) -> None:
    X = np.random.default_rng(0).normal(size=(60, 3))
    model = read({"type": word, **SMALL.get(word, {})})
    y = (
        X[:, 0]
        if task == "regression"
        else np.digitize(X[:, 0], [0, 0.7] if task == "multiclass" else [0])
    )
    one, two = (model.build(task, 3).fit(X, y) for _ in range(2))
    assert (is_regressor if task == "regression" else is_classifier)(one)
    assert one.predict(X).tolist() == two.predict(X).tolist()
    known = one.get_params()
    assert known.get("random_state", known.get("seed", 3)) == 3 or word == "dummy"
    assert known.get("n_jobs", 1) in {1, None}


@pytest.mark.parametrize("word", MODELS)
def test_words_and_mappings_are_one(word: str) -> None:
    assert read(word) == read({"type": word})
    assert Train.read(Train.read({"models": {"m": word}}).model_dump(mode="json")).models[
        "m"
    ] == read(word)


@pytest.mark.parametrize("word", MODELS)
def test_every_parameter_is_described(word: str) -> None:
    fields = type(read(word)).model_fields
    assert [name for name, field in fields.items() if not field.description] == []


def test_parameters_reach_the_estimator() -> None:
    boosted = read({"type": "hist_gradient_boosting", "max_iter": 7, "learning_rate": 0.3})
    assert boosted.build("binary", 0).max_iter == 7
    assert boosted.build("regression", 0).learning_rate == 0.3
    lasso = read({"type": "logistic_regression", "l1_ratio": 1, "C": 2}).build("binary", 0)
    assert (lasso.solver, lasso.l1_ratio, lasso.C) == ("saga", 1, 2)


@pytest.mark.parametrize(
    ("model", "says", "hint"),
    [
        ("logistic_regresion", "is not a model", "did you mean 'logistic_regression'?"),
        ({"C": 1}, "needs a `type`", "boosted: {type: hist_gradient_boosting}"),
        ({"type": "ridge", "alpha": -1}, "greater than or equal to 0", ""),
        ({"type": "ridge", "alpha": "1"}, "valid number", ""),
        ({"type": "ridge", "alfa": 1}, "Extra inputs", ""),
        (
            {"type": "sklearn.svm.SVC", "gama": 1},
            "has no parameter 'gama'",
            "did you mean 'gamma'?",
        ),
        ("sklearn.svm.SVCC", "has no estimator 'SVCC'", "did you mean 'SVC'?"),
        ("nowhere.Model", "cannot import nowhere", "pip install nowhere"),
        ("os.path.join", "has no estimator 'join'", ""),
        ("sklearn.ensemble.VotingClassifier", "refuses its parameters", ""),
    ],
)
def test_mistakes_are_named(model: Any, says: str, hint: str) -> None:
    ((loc, message, said),) = errors({"models": {"m": model}})
    assert loc[:2] == ("models", "m")
    assert says in message
    assert hint in said


@pytest.mark.parametrize(
    ("path", "family"),
    [
        ("sklearn.svm.LinearSVC", "linear"),
        ("sklearn.tree.DecisionTreeClassifier", "trees"),
        ("sklearn.neighbors.KNeighborsClassifier", "other"),
    ],
)
def test_families_of_dotted_paths(path: str, family: str) -> None:
    assert read(path).family == family


def test_a_dotted_path_is_seeded_and_checked() -> None:
    tree = read({"type": "sklearn.ensemble.ExtraTreesClassifier", "n_estimators": 3})
    made = tree.build("binary", 5)
    assert (made.random_state, made.n_jobs, made.n_estimators) == (5, 1, 3)
    assert tree.tasks == ("binary", "multiclass")
    own = read({"type": "sklearn.tree.DecisionTreeClassifier", "random_state": 9})
    assert own.build("binary", 5).random_state == 9
    with pytest.raises(SpecError, match="not regression"):
        tree.build("regression", 5)


def test_names_that_differ_in_case() -> None:
    ((_, message, _),) = errors({"models": {"a": "dummy", "A": "dummy"}})
    assert "differ only in case" in message


def test_bad_sections() -> None:
    assert "at least 2" in errors({"folds": 1})[0][2]
    assert errors({"select": "rocauc"})[0][2] == "did you mean 'roc_auc'?"
    assert errors({"calibrate": "platt"})
    assert errors({"models": {"../x": "dummy"}})
    assert errors({"decide": {"treshold": 0.3}})[0][2] == "did you mean 'threshold'?"
    assert errors({"decide": {"threshold": 30}})
    assert errors({"decide": {"top": 0}})


def test_defaults() -> None:
    for task, linear in (("binary", "logistic_regression"), ("regression", "ridge")):
        models = Train().candidates(task)
        assert {name: model.type for name, model in models.items()} == {
            "linear": linear,
            "boosted": "hist_gradient_boosting",
        }
        assert Train().families(task) == {"linear": "linear", "boosted": "trees"}
    assert [Train().metric(task) for task in ("binary", "multiclass", "regression")] == [
        "roc_auc",
        "f1_macro",
        "rmse",
    ]
    assert Train().decide == Threshold(at=0.5)


def test_decide_is_read() -> None:
    assert Train.read({"decide": {"threshold": 0.3}}).decide == Threshold(at=0.3)
    assert Train.read({"decide": {"top": 500}}).decide == Top(rows=500)
    assert Train.read({"decide": {"top": 0.05}}).decide == Top(rows=0.05)
    assert Train.read({"decide": {"maximize": "f1"}}).decide == Maximize(metric="f1")


@pytest.mark.parametrize(
    ("section", "task", "place"),
    [
        ({"models": {"m": "ridge"}}, "binary", ("models", "m", "type")),
        ({"models": {"m": "logistic_regression"}}, "regression", ("models", "m", "type")),
        ({"models": {"m": "sklearn.svm.SVR"}}, "binary", ("models", "m", "type")),
        ({"select": "rmse"}, "binary", ("select",)),
        ({"calibrate": "isotonic"}, "regression", ("calibrate",)),
        ({"decide": {"threshold": 0.3}}, "multiclass", ("decide",)),
        ({"decide": {"maximize": "roc_auc"}}, "binary", ("decide", "maximize")),
        ({"decide": {"maximize": "profits"}}, "binary", ("decide", "maximize")),
    ],
)
def test_what_does_not_fit_the_task(section: dict[str, Any], task: str, place: Any) -> None:
    ((found, message, hint),) = misfits(Train.read(section), task, ["profit"])
    assert found == place
    assert message
    assert hint


def test_what_fits() -> None:
    fine = {
        "models": {"a": "random_forest"},
        "calibrate": "isotonic",
        "decide": {"maximize": "profit"},
    }
    assert list(misfits(Train.read(fine), "binary", ["profit"])) == []
    assert list(misfits(Train(), "regression")) == []
