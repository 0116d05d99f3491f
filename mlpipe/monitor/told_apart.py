"""How well a classifier tells current rows from those of training, and whether by chance alone.

The size of the drift is the area under the ROC curve of out-of-fold scores (0.5: none); a
permutation of which rows are current gives the p-value (Lopez-Paz and Oquab 2017).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.metrics.arrays import Array

__all__ = ["ALPHA", "LEAST_AREA", "carried", "told_apart"]

ALPHA, LEAST_AREA = 0.01, 0.60
"""An alert needs both: a p-value alone fires on what does not matter."""

MOST_CARRIED = 5
"""How many columns are named that tell most."""

_PERMUTATIONS = 99
_FOLDS = 3


def told_apart(model: Any, rows: Any, domain: Array, seed: int) -> dict[str, Any]:
    """Tell current rows from reference rows.

    Parameters
    ----------
    model : classifier
        Of scikit-learn; it is copied for each fit.
    rows : array or sparse matrix, shape (n, columns)
    domain : array of shape (n,)
        0 for a row of the reference, 1 for a current one.
    seed : int

    Returns
    -------
    dict
        ``status`` (ok or alert), ``area``, and ``p``: None where the area is below 0.60, as
        nothing that matters is left to test.
    """
    area = _area(model, rows, domain, seed)
    p = _chance(model, rows, domain, area, seed) if area >= LEAST_AREA else None
    return {"status": "alert" if p is not None and p <= ALPHA else "ok", "area": area, "p": p}


def carried(
    model: Any, rows: Array, domain: Array, names: Sequence[str], seed: int
) -> list[dict[str, Any]]:
    """Return the columns that tell most: how much of the area is lost when one is shuffled.

    Measured on a third of the rows that the model has not seen (Breiman 2001).
    """
    from sklearn.base import clone
    from sklearn.inspection import permutation_importance
    from sklearn.model_selection import train_test_split
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    train, held, y, truth = train_test_split(
        rows, domain, test_size=1 / _FOLDS, random_state=seed, stratify=domain
    )
    with threadpool_limits(1):
        found = permutation_importance(
            clone(model).fit(train, y), held, truth, scoring="roc_auc", n_repeats=3,
            random_state=seed,
        )  # fmt: skip
    lost = zip(names, found["importances_mean"], strict=True)
    ranked = sorted(lost, key=lambda pair: (-pair[1], pair[0]))
    return [
        {"column": name, "lost": float(area)} for name, area in ranked[:MOST_CARRIED] if area > 0
    ]


def _area(model: Any, rows: Any, domain: Array, seed: int) -> float:
    """Return the out-of-fold area under the ROC curve."""
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from threadpoolctl import threadpool_limits

    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    with threadpool_limits(1):  # fits this small spend more on threads than they save
        said = cross_val_predict(model, rows, domain, cv=folds, method="predict_proba")
    return float(roc_auc_score(domain, said[:, 1]))


def _chance(model: Any, rows: Any, domain: Array, area: float, seed: int) -> float:
    """Return how often a permutation of the domains is told apart as well.

    It stops as soon as the p-value can no longer be small: one that is not needs no digits.
    """
    import numpy as np

    rng, reached, done = np.random.default_rng((seed, 1)), 0, 0
    while done < _PERMUTATIONS and (reached + 1) / (_PERMUTATIONS + 1) <= ALPHA:
        reached += _area(model, rows, rng.permutation(domain), seed) >= area
        done += 1
    return (reached + 1) / (done + 1)
