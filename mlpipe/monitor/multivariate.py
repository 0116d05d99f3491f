"""Drift of all columns together: whether a classifier tells current rows from those of training.

A domain classifier sees what no single column shows, such as a correlation that turned. Its
out-of-fold area under the ROC curve is the size of the drift (0.5: none), and a permutation of
which rows are current gives the p-value (Lopez-Paz and Oquab 2017).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from mlpipe.metrics.arrays import Array

__all__ = ["ALPHA", "LEAST_AREA", "MOST_ROWS", "multivariate", "unlooked"]

MOST_ROWS = 2_000
"""Rows of train that the bundle keeps, and of current data that are looked at."""

ALPHA, LEAST_AREA = 0.01, 0.60
"""An alert needs both: a p-value alone fires on what does not matter."""

_PERMUTATIONS = 99
_FOLDS = 3
_MOST_LEVELS = 200
_KINDS = ("number", "category", "boolean")


def unlooked(note: str = "") -> dict[str, Any]:
    """Return the report where columns are not looked at together."""
    return {"status": "insufficient", "notes": [note] if note else []}


def multivariate(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    kinds: Mapping[str, str],
    *,
    least: int,
    seed: int,
) -> dict[str, Any]:
    """Tell current rows from reference rows.

    Parameters
    ----------
    reference, current : DataFrame
        Of more than 2,000 rows, as many are taken at random.
    kinds : mapping
        column -> kind; numbers, categories and booleans that both have are looked at.
    least : int
        Fewest rows of either; fewer are ``insufficient``.
    seed : int

    Returns
    -------
    dict
        ``status`` (ok, alert, insufficient), ``area``, ``p`` (None where the area is below 0.60:
        nothing that matters is left to test), ``rows``, ``columns`` and ``notes``.
    """
    import numpy as np

    names = [
        name for name in reference if kinds.get(str(name)) in _KINDS and name in current.columns
    ]
    rows = [min(len(each), MOST_ROWS) for each in (reference, current)]
    if not names or min(rows) < least:
        why = f"fewer than {least:,} rows" if names else "no column in common"
        return unlooked(why)
    rng = np.random.default_rng(seed)
    both = [
        each[names].iloc[np.sort(rng.choice(len(each), count, replace=False))]
        for each, count in zip((reference, current), rows, strict=True)
    ]
    table = _encoded(both[0], both[1], kinds)
    domain = np.repeat([0, 1], rows)
    area = _area(table, domain, seed)
    p = _chance(table, domain, area, seed) if area >= LEAST_AREA else None
    return {
        "status": "alert" if p is not None and p <= ALPHA else "ok",
        "area": area,
        "p": p,
        "rows": {"reference": rows[0], "current": rows[1]},
        "columns": [str(name) for name in names],
        "notes": [],
    }


def _encoded(reference: pd.DataFrame, current: pd.DataFrame, kinds: Mapping[str, str]) -> Array:
    """Return both as numbers; of values, the codes of the most frequent ones."""
    import numpy as np
    import pandas as pd

    together = pd.concat([reference, current], ignore_index=True)
    columns = []
    for name in together:
        values = together[name]
        if kinds[str(name)] == "number":
            numbers = pd.to_numeric(values, errors="coerce").to_numpy(float, na_value=np.nan)
            columns.append(np.where(np.isfinite(numbers), numbers, np.nan))
            continue
        known = values.astype("string").fillna("")
        top = known.value_counts().sort_index(kind="stable")
        ranked = top.sort_values(ascending=False, kind="stable").index[:_MOST_LEVELS]
        codes = known.map({value: code for code, value in enumerate(ranked)})
        columns.append(codes.fillna(_MOST_LEVELS).to_numpy(float))
    return np.column_stack(columns)


def _area(table: Array, domain: Array, seed: int) -> float:
    """Return the out-of-fold area under the ROC curve."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    model = HistGradientBoostingClassifier(
        max_iter=10, learning_rate=0.3, max_leaf_nodes=8, early_stopping=False, random_state=0
    )
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    with threadpool_limits(1):  # fits this small spend more on threads than they save
        said = cross_val_predict(model, table, domain, cv=folds, method="predict_proba")
    return float(roc_auc_score(domain, said[:, 1]))


def _chance(table: Array, domain: Array, area: float, seed: int) -> float:
    """Return how often a permutation of the domains is told apart as well.

    It stops as soon as the p-value can no longer be small: one that is not needs no digits.
    """
    import numpy as np

    rng, reached, done = np.random.default_rng((seed, 1)), 0, 0
    while done < _PERMUTATIONS and (reached + 1) / (_PERMUTATIONS + 1) <= ALPHA:
        reached += _area(table, rng.permutation(domain), seed) >= area
        done += 1
    return (reached + 1) / (done + 1)
