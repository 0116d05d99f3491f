"""Rungs, the rows of a rung, and fewer iterations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import HalvingRandomSearchCV

from mlpipe.train.search.halving import (
    fewer_iterations,
    fewer_rows,
    iterations,
    rungs,
    smallest_rows,
)
from mlpipe.train.spec import Train


@pytest.mark.parametrize("trials", [1, 2, 3, 8, 9, 10, 27, 40])
@pytest.mark.parametrize("factor", [2, 3])
def test_as_many_trials_a_rung_as_scikit_learn(trials: int, factor: int) -> None:
    X, y = make_classification(200, random_state=0)
    theirs = HalvingRandomSearchCV(
        LogisticRegression(),
        {"C": np.geomspace(1e-3, 10, 40).tolist()},
        n_candidates=trials,
        factor=factor,
        cv=2,
        min_resources="exhaust",
        random_state=0,
        refit=False,
    ).fit(X, y)
    least = smallest_rows(2, 2)
    found = rungs(trials, factor, 200 // least)
    assert [count for count, _ in found] == theirs.n_candidates_
    shares = np.array(theirs.n_resources_) / theirs.n_resources_[-1]
    assert np.allclose([share for _, share in found], shares, atol=0.01)


def test_the_last_rung_has_everything() -> None:
    for trials in (1, 5, 100):
        for steps in (1, 2, 10, 10**6):
            found = rungs(trials, 3, steps)
            assert found[-1][1] == 1
            assert found[0][0] == trials
            assert found[0][1] * steps >= 1


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_rows_of_a_rung_are_nested_and_keep_the_classes(classes: int) -> None:
    random = np.random.default_rng(0)
    y = random.normal(size=900) if not classes else random.choice(classes, 900, p=_shares(classes))
    on = np.sort(random.choice(900, 600, replace=False))
    before: set[int] = set()
    for share in (1 / 27, 1 / 9, 1 / 3, 1.0):
        rows = fewer_rows(on, y, classes, share, [7, 1])
        assert len(rows) == round(share * 600)
        assert list(rows) == sorted(set(rows))
        assert before <= set(rows) <= set(on)
        before = set(rows)
        for code in range(classes):
            assert np.mean(y[rows] == code) == pytest.approx(np.mean(y[on] == code), abs=0.05)
    few = [fewer_rows(on, y, classes, 0.1, [seed, 1]).tolist() for seed in (7, 7, 8)]
    assert few[0] == few[1] != few[2]


def _shares(classes: int) -> list[float]:
    return [0.9, 0.1] if classes == 2 else [0.6, 0.3, 0.1]


def test_a_rare_class_is_on_every_rung() -> None:
    y = np.zeros(1000, int)
    y[:12] = 1
    assert y[fewer_rows(np.arange(1000), y, 2, 1 / 10, [0])].sum() == 1


def model(written: Any) -> Any:
    return Train.read({"models": {"m": written}}).models["m"]


@pytest.mark.parametrize(
    ("written", "name", "count"),
    [
        ({"type": "hist_gradient_boosting", "max_iter": 90}, "max_iter", 90),
        ("hist_gradient_boosting", "max_iter", 100),
        ({"type": "random_forest", "n_estimators": 30}, "n_estimators", 30),
        ("sklearn.ensemble.GradientBoostingClassifier", "n_estimators", 100),
    ],
)
def test_fewer_iterations(written: Any, name: str, count: int) -> None:
    whole = model(written)
    assert iterations(whole) == (name, count)
    third = fewer_iterations(whole, 1 / 3)
    assert iterations(third) == (name, round(count / 3))
    assert fewer_iterations(whole, 1.0) is whole
    assert iterations(fewer_iterations(whole, 1e-6)) == (name, 1)
    kept = {key: value for key, value in whole.model_dump().items() if key != name}
    assert {key: value for key, value in third.model_dump().items() if key != name} == kept


def test_a_linear_model_has_no_iterations_to_halve() -> None:
    assert iterations(model("logistic_regression")) is None
