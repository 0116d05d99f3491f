"""Importance on held-out rows: scikit-learn's, pooled where columns tell the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression
from sklearn.metrics import root_mean_squared_error

from mlpipe.explain.correlated import correlated
from mlpipe.explain.importance import importance
from tests.explain.asked import explained, held, numbers


def measured(model: Any, rows: Any, groups: Any = None, metric: str = "rmse", **more: Any) -> Any:
    return importance(
        model,
        rows,
        np.arange(len(rows)),
        groups or {name: [name] for name in rows.frame},
        **{"metric": metric, "repeats": 5, "random": np.random.default_rng(0), **more},
    )


def test_it_is_what_scikit_learn_finds() -> None:
    X = numbers(500)
    y = 3 * X["a"] - X["b"] + np.random.default_rng(2).normal(size=500)
    model = LinearRegression().fit(X, y)
    rows = held(X, y, model.predict(X))
    found = measured(explained(model.predict, X), rows, repeats=20)
    theirs = permutation_importance(
        model, X, y, n_repeats=20, random_state=1,
        scoring=lambda est, X, y: -root_mean_squared_error(y, est.predict(X)),
    )  # fmt: skip
    for each in found["importance"]:
        at = list(X).index(each["column"])
        spread = theirs.importances_std[at]
        assert each["value"] == pytest.approx(theirs.importances_mean[at], abs=spread + 1e-9)
        reach = t.ppf(0.975, 19) * spread / np.sqrt(20)
        assert each["high"] - each["value"] == pytest.approx(reach, rel=0.8, abs=1e-3)
        assert each["low"] <= each["value"] <= each["high"]
    assert [each["column"] for each in found["importance"]][:2] == ["a", "b"]
    assert found["metric"] == "rmse"


def test_columns_that_tell_the_same_are_shuffled_together_too() -> None:
    """Each half of a pair covers for the other; together they are what the model rests on."""
    X = numbers(400)
    X["same"] = X["a"] + np.random.default_rng(3).normal(0, 0.05, 400)
    y = X["a"] + X["b"]

    def predict(frame: pd.DataFrame) -> Any:
        return (frame["a"] + frame["same"]) / 2 + frame["b"]

    found = measured(explained(predict, X), held(X, y, predict(X)), metric="r2")
    (pair,) = found["correlated"]
    alone = {each["column"]: each["value"] for each in found["importance"]}
    assert pair["columns"] == ["a", "same"]
    assert pair["value"] > 1.5 * max(alone["a"], alone["same"])
    assert pair["value"] == pytest.approx(alone["b"], rel=0.25)


def test_where_the_metric_is_undefined_a_loss_takes_its_place() -> None:
    X = numbers(60)
    rows = held(X, np.ones(60, int), np.full(60, 0.7), "binary")
    found = measured(explained(lambda frame: 1 / (1 + np.exp(-frame["a"])), X), rows,
                     metric="roc_auc")  # fmt: skip
    assert found["metric"] == "log_loss"
    assert len(found["importance"]) == 4


def test_labels_are_those_of_the_threshold() -> None:
    """At 0.9 all rows are negative whatever is shuffled; at 0.5 they are not."""
    X = numbers(200)
    chance = 1 / (1 + np.exp(-X["a"]))
    y = (X["a"] > 0).astype(int)
    model = explained(lambda frame: 0.89 / (1 + np.exp(-frame["a"])), X)
    losses = {
        at: measured(model, held(X, y, chance, "binary", threshold=at), metric="accuracy")
        for at in (0.445, 0.9)
    }
    assert losses[0.445]["importance"][0]["value"] > 0.3
    assert {each["value"] for each in losses[0.9]["importance"]} == {0}


def test_one_repeat_has_no_interval() -> None:
    X = numbers(50)
    found = measured(explained(lambda f: f["a"], X), held(X, X["a"], X["a"]), repeats=1)
    assert {(each["low"], each["high"]) for each in found["importance"]} == {(None, None)}


def test_ties_of_numbers_and_of_levels() -> None:
    random = np.random.default_rng(0)
    a, level = random.normal(size=300), random.choice(list("xyz"), 300)
    frame = pd.DataFrame(
        {
            "a": a,
            "cubed": np.where(random.random(300) < 0.02, np.nan, a**3),
            "noise": random.normal(size=300),
            "minus": -np.exp(a),
            "level": level,
            "same": [f"as {each}" for each in level],
            "other": random.choice(list("xyz"), 300),
            "one": "x",
            "note": [f"n{number}" for number in range(300)],
            "many": [f"n{number}" for number in range(300)],
            "day": pd.Timestamp("2026-01-01") + pd.to_timedelta((a * 100).round(), "D"),
        }
    )
    kinds = {
        **dict.fromkeys(["a", "cubed", "noise", "minus"], "number"),
        **dict.fromkeys(["level", "same", "other", "one", "many"], "category"),
        "note": "text",
        "day": "date",
    }
    assert correlated(frame, kinds) == [["a", "cubed", "minus", "day"], ["level", "same"]]
    assert correlated(frame[["noise", "other"]], kinds) == []


def test_what_is_nearly_tied_is_not_tied() -> None:
    random = np.random.default_rng(1)
    a = random.normal(size=5000)
    frame = pd.DataFrame({"a": a, "b": a + random.normal(0, 0.6, 5000)})
    assert 0.8 < abs(frame.corr("spearman").iloc[0, 1]) < 0.9
    assert correlated(frame, {"a": "number", "b": "number"}) == []
