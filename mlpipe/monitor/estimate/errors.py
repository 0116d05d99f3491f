"""DLE: the error of a regression model where its truth is not known yet, learned beforehand.

Direct loss estimation (NannyML) fits a boosted model of the absolute error. Here it is one
regression tree over the prediction and the leading numbers, grown on out-of-fold errors, whose
leaves are few numbers that a profile can carry: nothing is unpickled and nothing must be trusted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.metrics.arrays import Array

__all__ = ["LEADING", "error_tree", "errors_at"]

LEADING = 5
"""Columns beside the prediction that the tree may look at: those that matter most."""

LEAVES = 64
LEAST_LEAF = 30
"""Fewest rows of a leaf; a mean error of fewer says little."""


def error_tree(
    names: Sequence[str], values: Array, errors: Array, weight: Array | None = None
) -> dict[str, Any]:
    """Learn the absolute and the squared error.

    Parameters
    ----------
    names : sequence of str
        ``prediction`` and columns.
    values : array, shape (n, names)
        NaN for null, which goes the way scikit-learn finds best.
    errors : array, shape (n,)
        Truth less prediction, of rows the model had not seen.
    weight : array, shape (n,), optional

    Returns
    -------
    dict
        JSON-safe: ``names``; by node ``feature`` (-1: a leaf), ``threshold``, ``left``,
        ``right``, ``null_left``; by node ``absolute`` and ``squared`` (means), ``deviation`` of
        the absolute and of the squared error, and ``rows``.
    """
    import numpy as np
    from sklearn.tree import DecisionTreeRegressor

    least = max(LEAST_LEAF, len(errors) // 200)
    tree = DecisionTreeRegressor(max_leaf_nodes=LEAVES, min_samples_leaf=least, random_state=0).fit(
        _single(values), np.abs(errors), sample_weight=weight
    )
    grown = tree.tree_
    reached = tree.decision_path(_single(values)).astype(float)
    told = np.column_stack([np.abs(errors), errors**2])
    counts = np.asarray(reached.sum(axis=0)).ravel()
    means = np.asarray(reached.T @ told) / counts[:, None]
    squares = np.asarray(reached.T @ told**2) / counts[:, None]
    deviation = np.sqrt(np.maximum(squares - means**2, 0))
    return {
        "names": list(names),
        "feature": np.where(grown.children_left < 0, -1, grown.feature).tolist(),
        "threshold": np.where(grown.children_left < 0, 0.0, grown.threshold).tolist(),
        "left": grown.children_left.tolist(),
        "right": grown.children_right.tolist(),
        "null_left": grown.missing_go_to_left.astype(bool).tolist(),
        "absolute": means[:, 0].tolist(),
        "squared": means[:, 1].tolist(),
        "deviation": deviation.tolist(),
        "rows": counts.astype(int).tolist(),
    }


def errors_at(tree: Mapping[str, Any], values: Array) -> Array:
    """Return the leaf of each row, shape (n,), as its place among the nodes."""
    import numpy as np

    values = _single(values)
    feature, threshold = np.asarray(tree["feature"]), np.asarray(tree["threshold"])
    left, right = np.asarray(tree["left"]), np.asarray(tree["right"])
    null_left = np.asarray(tree["null_left"])
    at = np.zeros(len(values), int)
    for _ in range(len(feature)):
        inner = feature[at] >= 0
        if not inner.any():
            break
        seen = values[np.arange(len(values)), np.maximum(feature[at], 0)]
        goes_left = np.where(np.isnan(seen), null_left[at], seen <= threshold[at])
        at = np.where(inner, np.where(goes_left, left[at], right[at]), at)
    return np.asarray(at)


def _single(values: Array) -> Array:
    """Trees compare single floats, here as in scikit-learn."""
    import numpy as np

    limit = float(np.finfo(np.float32).max)
    return np.asarray(np.clip(np.asarray(values, float), -limit, limit), np.float32)
