"""Boosters: their text comes back, a text that was tampered with is refused, none runs code."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pytest

from mlpipe.bundle.boosters.booster import Booster, Examples
from mlpipe.bundle.boosters.catboost import CatBoostBooster
from mlpipe.bundle.boosters.lightgbm import LightGBMBooster
from mlpipe.bundle.boosters.xgboost import XGBoostBooster
from mlpipe.bundle.model import Model
from mlpipe.errors import SpecError, StoreError
from tests.bundle.samples import fitted

BOOSTERS: dict[str, Any] = {
    "lightgbm": LightGBMBooster,
    "xgboost": XGBoostBooster,
    "catboost": CatBoostBooster,
}
TASKS = ("binary", "multiclass", "regression")
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(300, 3))
X[5, 1] = np.nan
SIGNAL = X[:, 0] + RANDOM.normal(0, 0.3, 300)
TARGETS: dict[str, Any] = {
    "binary": (SIGNAL > 0).astype(int),
    "multiclass": np.digitize(SIGNAL, [-0.5, 0.5]),
    "regression": SIGNAL,
}


def made(name: str, task: str, **more: Any) -> Booster:
    rounds = {"iterations" if name == "catboost" else "n_estimators": more.pop("rounds", 20)}
    booster: Booster = BOOSTERS[name](task, rounds, 1)
    return booster.fit(X, TARGETS[task], **more)


def scores(booster: Booster) -> Any:
    return booster.predict(X) if booster.task == "regression" else booster.predict_proba(X)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", BOOSTERS)
def test_they_learn_and_take_gaps(name: str, task: str) -> None:
    found = made(name, task).predict(X)
    if task == "regression":
        assert np.corrcoef(found, SIGNAL)[0, 1] > 0.9
    else:
        assert (found == TARGETS[task]).mean() > 0.8
        assert np.allclose(scores(made(name, task)).sum(axis=1), 1)


@pytest.mark.parametrize("name", BOOSTERS)
def test_classes_that_are_missing_keep_their_code(name: str) -> None:
    rounds = {"iterations" if name == "catboost" else "n_estimators": 5}
    booster = BOOSTERS[name]("multiclass", rounds, 0)
    booster.fit(X, np.where(TARGETS["multiclass"] == 1, 2, TARGETS["multiclass"]))
    assert booster.classes_.tolist() == [0, 2]
    assert set(booster.predict(X)) == {0, 2}


@pytest.mark.parametrize("name", BOOSTERS)
def test_stopping_ends_sooner_and_weights_count(name: str) -> None:
    y = TARGETS["binary"]
    watched = Examples(X[200:], 1 - y[200:], np.ones(100))
    assert made(name, "binary", rounds=300, watched=watched, patience=3).rounds_ < 300
    assert made(name, "binary", rounds=300).rounds_ == 300
    heavy = made(name, "binary", sample_weight=np.where(y == 1, 9.0, 1.0))
    assert scores(heavy)[:, 1].mean() > scores(made(name, "binary"))[:, 1].mean() + 0.02


@pytest.mark.parametrize("name", BOOSTERS)
def test_another_width_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="3 features, not 2"):
        made(name, "binary").predict(X[:, :2])


@pytest.mark.parametrize("name", BOOSTERS)
def test_a_missing_extra_is_said(name: str, monkeypatch: Any) -> None:
    booster = made(name, "binary")
    monkeypatch.setitem(sys.modules, name, None)
    extra = "catboost" if name == "catboost" else "boosting"
    for call in (lambda: made(name, "binary"), lambda: booster.predict(X)):
        with pytest.raises(SpecError, match=f"{name} is not installed") as caught:
            call()
        assert caught.value.problems[0].hint == f"pip install 'mlpipe[{extra}]'"


def lightgbm_with(field: str, value: str) -> Any:
    def change(text: str) -> str:
        head, tree, rest = text.partition("\nTree=0")
        line = next(each for each in rest.split("\n") if each.startswith(f"{field}="))
        items = line.partition("=")[2].split()
        return head + tree + rest.replace(line, f"{field}={' '.join([value, *items[1:]])}", 1)

    return change


def json_with(*path: Any) -> Any:
    *way, last, value = path

    def change(text: str) -> str:
        root = json.loads(text)
        here = root
        for part in way:
            here = here[part]
        here[last] = value
        return json.dumps(root)

    return change


MODEL = ("learner", "gradient_booster", "model")
TREE = (*MODEL, "trees", 0)
SPLIT = ("oblivious_trees", 0, "splits", 0)
TAMPERED = [
    ("lightgbm", lightgbm_with("split_feature", "999")),
    ("lightgbm", lightgbm_with("split_feature", "-1")),
    ("lightgbm", lightgbm_with("left_child", "0")),
    ("lightgbm", lightgbm_with("right_child", "7000")),
    ("lightgbm", lightgbm_with("right_child", "-7000")),
    ("lightgbm", lightgbm_with("decision_type", "1")),
    ("lightgbm", lightgbm_with("num_leaves", "99")),
    ("lightgbm", lightgbm_with("num_cat", "1")),
    ("lightgbm", lambda text: text.replace("max_feature_idx=2", "max_feature_idx=9", 1)),
    ("lightgbm", lambda text: text.replace("num_class=1", "num_class=9", 1)),
    ("lightgbm", lambda text: text.replace("\nnum_cat=0", "\nnum_cat=0\nnum_leaves=4", 1)),
    ("lightgbm", lambda text: ""),
    ("xgboost", json_with(*TREE, "left_children", 0, 0)),
    ("xgboost", json_with(*TREE, "left_children", 0, 9999)),
    ("xgboost", json_with(*TREE, "right_children", 0, -7)),
    ("xgboost", json_with(*TREE, "split_indices", 0, 9999)),
    ("xgboost", json_with(*TREE, "split_type", 0, 1)),
    ("xgboost", json_with(*TREE, "split_conditions", [])),
    ("xgboost", json_with(*MODEL, "tree_info", 0, 5)),
    ("xgboost", json_with(*MODEL, "iteration_indptr", -1, 5)),
    ("xgboost", json_with("learner", "learner_model_param", "num_feature", "99")),
    ("xgboost", lambda text: "[]"),
    ("catboost", json_with(*SPLIT, "split_index", 9999)),
    ("catboost", json_with(*SPLIT, "float_feature_index", 9999)),
    ("catboost", json_with(*SPLIT, "split_type", "OneHotFeature")),
    ("catboost", json_with("oblivious_trees", 0, "leaf_values", [1.0])),
    ("catboost", json_with("features_info", "float_features", 0, "flat_feature_index", 9999)),
    ("catboost", json_with("scale_and_bias", [1, []])),
    ("catboost", json_with("ctr_data", {})),
    ("catboost", lambda text: "{"),
]


@pytest.mark.parametrize(("name", "change"), TAMPERED)
def test_a_tampered_text_is_refused(name: str, change: Any) -> None:
    model = fitted(name, "binary", {"columns": ["age", "fee", "paid"], "steps": [{"keep": {}}]})
    booster = model.pipeline.named_steps["model"]
    text = booster.model_.decode()
    assert change(text) != text
    booster.model_ = change(text).encode()
    with pytest.raises(StoreError, match="is not sound"):
        Model.loads(model.dumps())


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", BOOSTERS)
def test_honest_texts_pass(name: str, task: str) -> None:
    made(name, task).check()
    made(name, task, rounds=1).check()
    y = TARGETS[task]
    made(name, task, watched=Examples(X[:50], y[:50]), patience=1).check()
    rounds = {"iterations" if name == "catboost" else "n_estimators": 2}
    BOOSTERS[name](task, rounds, 0).fit(X[:8], y[:8]).check()


@pytest.mark.parametrize("name", BOOSTERS)
def test_a_direction_is_kept(name: str) -> None:
    y = -SIGNAL + np.random.default_rng(1).normal(0, 0.5, 300)
    rounds = {"iterations" if name == "catboost" else "n_estimators": 30}
    booster = BOOSTERS[name]("regression", rounds, 0)
    grid = np.column_stack([np.linspace(-2, 2, 50), np.zeros((50, 2))])
    free = booster.fit(X, y).predict(grid)
    falling = booster.fit(X, y, monotonic=[-1, 0, 0]).predict(grid)
    assert (np.diff(falling) <= 1e-9).all()
    assert (np.diff(free) > 1e-9).any()
