"""Trees in a file that may be hostile: every index they hold must stay within bounds.

scikit-learn follows the indices of a tree without looking: one out of range reads memory that
is not the model's, and one that points back never ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.bundle.vectors import check_vectors, has_vectors
from mlpipe.errors import Problem, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["check_trees"]

_UNBOUNDED = 2**62
"""No estimator on the way has said how many features it takes."""


def check_trees(model: Any) -> None:
    """Check every tree below a fitted model, its features and its members included.

    What other native code follows is checked beside them: boosters, support vectors.

    Parameters
    ----------
    model : object
        Whatever holds a tree of scikit-learn has ``n_features_in_``, which rows are held against.

    Raises
    ------
    StoreError
        If a node points outside its tree, back to an earlier node, or at a feature that the
        estimator does not have.
    """
    from mlpipe.bundle.boosters.booster import Booster

    for tree, width in _trees(model):
        if isinstance(tree, Booster):
            tree.check()
            continue
        if has_vectors(tree):
            check_vectors(tree)
            continue
        sound = _sound_boosted(tree, width) if hasattr(tree, "nodes") else _sound(tree, width)
        if not sound:
            raise StoreError(
                Problem(
                    "the model holds a tree whose nodes point outside it",
                    hint="the file was made to crash whoever predicts with it; do not use it",
                )
            )


def _trees(root: Any) -> Iterator[tuple[Any, int]]:
    """Yield every tree that is reachable over attributes, containers and object arrays.

    Beside it stands how many features it may ask for: the fewest that an estimator on the way to
    it takes, since which of those looks at the width of the rows is for scikit-learn to know.
    What makes features of columns has another width inside.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import FeatureUnion, Pipeline

    from mlpipe.bundle.boosters.booster import Booster

    makes_features = (Pipeline, ColumnTransformer, FeatureUnion)
    waiting, seen = [(root, _UNBOUNDED)], set()
    while waiting:
        here, width = waiting.pop()
        if (id(here), width) in seen:
            continue
        seen.add((id(here), width))
        native = isinstance(here, Booster) or has_vectors(here)
        if native or type(here).__name__ in {"Tree", "TreePredictor"}:
            yield here, 0 if width == _UNBOUNDED else width
        else:
            inside = _UNBOUNDED if isinstance(here, makes_features) else min(width, _width(here))
            waiting.extend((below, inside) for below in _below(here))


def _width(value: Any) -> int:
    found = getattr(value, "__dict__", {}).get("n_features_in_")
    return int(found) if found is not None else _UNBOUNDED


def _below(value: Any) -> list[Any]:
    import numpy as np

    if isinstance(value, np.ndarray):
        return value.ravel().tolist() if value.dtype == object else []
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    return list(vars(value).values()) if hasattr(value, "__dict__") else []


def _sound(tree: Any, width: int) -> bool:
    left, right = tree.children_left, tree.children_right
    # A leaf is a node whose left child is −1; its other fields are not looked at.
    inner = left != -1
    return _points_forward(left, right, inner) and _within(tree.feature[inner], width)


def _sound_boosted(tree: Any, width: int) -> bool:
    nodes = tree.nodes
    inner = nodes["is_leaf"] == 0
    categorical = inner & (nodes["is_categorical"] != 0)
    return (
        _points_forward(nodes["left"], nodes["right"], inner)
        and _within(nodes["feature_idx"][inner], width)
        and _within(nodes["bitset_idx"][categorical], len(tree.raw_left_cat_bitsets))
    )


def _points_forward(
    left: NDArray[np.integer], right: NDArray[np.integer], inner: NDArray[np.bool_]
) -> bool:
    import numpy as np

    # Unsigned and signed indices compare as signed ones.
    at, size = np.flatnonzero(inner), len(left)
    children = np.concatenate([left[inner].astype(np.int64), right[inner].astype(np.int64)])
    forward = children > np.concatenate([at, at])
    return size > 0 and bool(np.all(forward & (children < size)))


def _within(index: NDArray[np.integer], size: int) -> bool:
    return bool(((index >= 0) & (index < size)).all())
