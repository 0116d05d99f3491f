"""Every word of featurize and every model, fitted on the small table."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from mlpipe.bundle.model import Model
from mlpipe.features.pipeline import build
from mlpipe.train.models import MODELS
from mlpipe.train.spec import Train
from tests.train.samples import CLASSES, NUMBERS, plan, rows

FILLED: list[dict[str, Any]] = [{"impute": {}}]
BLOCKS: dict[str, dict[str, Any]] = {
    "impute": {"columns": ["fee"], "steps": [{"impute": {"indicator": True}}]},
    **{
        f"scale {method}": {"columns": ["fee"], "steps": [*FILLED, {"scale": {"method": method}}]}
        for method in ("standard", "minmax", "robust", "maxabs")
    },
    "clip": {"columns": ["fee"], "steps": [*FILLED, {"clip": {}}]},
    "log": {"columns": ["fee"], "steps": [{"log": {}}, *FILLED]},
    "power": {"columns": ["fee"], "steps": [{"power": {}}, *FILLED]},
    "quantile": {"columns": ["fee"], "steps": [{"quantile": {"quantiles": 20}}, *FILLED]},
    "bin": {"columns": ["fee"], "steps": [*FILLED, {"bin": {}}]},
    "bin edges": {"columns": ["fee"], "steps": [*FILLED, {"bin": {"edges": [40, 60]}}]},
    "normalize": {"columns": ["age", "fee"], "steps": [*FILLED, {"normalize": {}}]},
    "polynomial": {"columns": ["age", "fee"], "steps": [*FILLED, {"polynomial": {}}]},
    "interactions": {"columns": ["age", "fee"], "steps": [*FILLED, {"interactions": {}}]},
    "spline": {"columns": ["fee"], "steps": [*FILLED, {"spline": {}}]},
    "one_hot": {"columns": ["plan"], "steps": [{"one_hot": {"min_frequency": 70}}]},
    "ordinal": {"columns": ["plan"], "steps": [{"ordinal": {"missing": "code"}}]},
    "ordinal ordered": {
        "columns": ["plan"],
        "steps": [{"ordinal": {"order": ["basic", "plus", "pro"]}}],
    },
    "count": {"columns": ["plan"], "steps": [{"count": {}}]},
    "hash": {"columns": ["plan"], "steps": [{"hash": {"size": 4}}]},
    "embed strings": {"columns": ["plan"], "steps": [{"embed": {"size": 2}}]},
    "embed cooccurrence": {
        "columns": ["plan", "note"],
        "steps": [{"embed": {"size": 2, "from": "cooccurrence"}}],
    },
    "embed target": {"columns": ["plan"], "steps": [{"embed": {"from": "target"}}]},
    "target_encode": {"columns": ["plan"], "steps": [{"target_encode": {}}]},
    "date": {
        "columns": ["since"],
        "steps": [{"date": {"parts": ["month", "days"], "cyclic": True}}],
    },
    "select": {
        "columns": ["plan"],
        "steps": [{"one_hot": {}}, {"select": {"by": "mutual_information", "keep": 2}}],
    },
    "select correlation": {
        "columns": ["fee", "age"],
        "steps": [*FILLED, {"select": {"by": "correlation"}}],
    },
    "transform": {
        "columns": ["plan"],
        "steps": [{"transform": {"type": "sklearn.preprocessing.OneHotEncoder"}}],
    },
    "tfidf": {"columns": ["note"], "steps": [{"tfidf": {"stop_words": "english"}}]},
    "svd": {"columns": ["note"], "steps": [{"tfidf": {}}, {"svd": {"components": 3}}]},
    "keep": {"columns": ["paid"], "steps": [{"keep": {}}]},
}

SMALL: dict[str, dict[str, Any]] = {
    "hist_gradient_boosting": {"max_iter": 2, "max_features": 0.5, "max_leaf_nodes": 8},
    "random_forest": {"n_estimators": 3},
    "extra_trees": {"n_estimators": 3},
    "bagging": {"n_estimators": 3},
    "ada_boost": {"n_estimators": 3},
    "gradient_boosting": {"n_estimators": 3},
    "lightgbm": {"n_estimators": 3},
    "xgboost": {"n_estimators": 3},
    "catboost": {"iterations": 3},
    "theil_sen": {"max_subpopulation": 100},
    "radius_neighbors": {"radius": 30.0},
    "gaussian_process": {"optimizer": None},
    "logistic_regression_cv": {"Cs": 2, "cv": 2},
    "quadratic_discriminant_analysis": {"reg_param": 0.1},
    "mlp": {"max_iter": 20},
}
ONE_NUMBER = {"columns": ["age"], "steps": [{"keep": {}}]}
FROM_ZERO = {"columns": ["age", "paid"], "steps": [{"keep": {}}]}
OWN_BLOCKS = {
    "isotonic_regression": ONE_NUMBER,
    **dict.fromkeys(("categorical_nb", "complement_nb", "multinomial_nb"), FROM_ZERO),
}
"""Models that take one feature only, or no numbers below 0."""
ABOVE_ZERO = ("gamma", "poisson")
"""Regressions of a target above 0."""


def tasks(word: str) -> tuple[str, ...]:
    found: tuple[str, ...] = part(word).tasks
    return found


def part(word: str) -> Any:
    written = {"type": word, **SMALL.get(word, {})}
    return Train.read({"models": {"m": written}}).models["m"]


def fitted(word: str, task: str, *blocks: dict[str, Any], seed: int = 3) -> Model:
    """A model of one word over some blocks, fitted on the whole table."""
    from sklearn.pipeline import Pipeline

    frame = rows(task=task)
    if word in ABOVE_ZERO:
        frame["target"] = np.exp(frame["target"])
    blocks = blocks or ((OWN_BLOCKS[word],) if word in OWN_BLOCKS else (NUMBERS, CLASSES))
    family = part(word).family
    features = build(plan({"m": family}, blocks, task), "m", seed)
    y = frame["target"].to_numpy()
    if task != "regression":
        y = np.unique(y, return_inverse=True)[1]
    estimator = part(word).build(task, seed)
    made = features.fit_transform(frame, y)
    with warnings.catch_warnings():
        # Few rows and few rounds: some do not converge, and one announces another default.
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", FutureWarning)
        estimator.fit(made, y)
    pipeline = Pipeline([("features", features), ("model", estimator)])
    classes = {"binary": 2, "multiclass": 3, "regression": 0}[task]
    return Model(task, classes, pipeline)


def all_models() -> dict[str, Model]:
    """Each transform under a linear model, each model for each of its tasks."""
    words = {f"{w} {t}": fitted(w, t) for w in MODELS for t in tasks(w)}
    return {
        **words,
        **{name: fitted("logistic_regression", "binary", b) for name, b in BLOCKS.items()},
    }
