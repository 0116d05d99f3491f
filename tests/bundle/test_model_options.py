"""Models whose parameters choose other types inside: each comes back with the fixed list."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlpipe.bundle import trusted
from mlpipe.bundle.canonical import dumps
from mlpipe.train.spec import Train

X = np.abs(np.random.default_rng(0).normal(size=(80, 3)))
OPTIONS: list[dict[str, Any]] = [
    *({"type": "tweedie", "power": power} for power in (0, 1, 1.5, 2, 3)),
    *(
        {"type": "hist_gradient_boosting", "loss": loss, "max_iter": 3}
        for loss in ("squared_error", "absolute_error", "poisson")
    ),
    *(
        {"type": "gradient_boosting", "loss": loss, "n_estimators": 3}
        for loss in ("squared_error", "absolute_error", "huber", "quantile")
    ),
    *({"type": "sgd", "loss": loss} for loss in ("huber", "epsilon_insensitive")),
    *(
        {"type": "mlp", "solver": solver, "max_iter": 5, "early_stopping": solver != "lbfgs"}
        for solver in ("lbfgs", "sgd", "adam")
    ),
    *({"type": "svr", "kernel": kernel} for kernel in ("linear", "poly", "rbf", "sigmoid")),
    *({"type": "k_neighbors", "metric": metric} for metric in ("cosine", "manhattan", "chebyshev")),
    {"type": "bagging", "max_features": 0.5},
    {"type": "extra_trees", "n_estimators": 5, "bootstrap": True, "max_samples": 0.5},
    {"type": "lasso_cv", "cv": 3},
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("written", OPTIONS, ids=str)
def test_each_comes_back_and_predicts_the_same(written: dict[str, Any]) -> None:
    model = Train.read({"models": {"m": written}}).models["m"]
    assert list(model.refusals("regression")) == []
    made = model.build("regression", 0).fit(X, X[:, 0] + 0.1)  # type: ignore[union-attr]
    again = trusted.loads(dumps(made))
    assert again.predict(X).tobytes() == made.predict(X).tobytes()
