"""Trees in a file that may be hostile: every index they hold must stay within bounds.

scikit-learn follows the indices of a tree without looking: one out of range reads memory that
is not the model's, and one that points back never ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["check_feature_trees", "check_trees"]

_TREES = frozenset({"Tree", "TreePredictor"})
_PLAIN = (str, bytes, int, float, type(None))


def check_trees(estimator: Any) -> None:
    """Check every tree below a fitted estimator.

    Parameters
    ----------
    estimator : object
        Has ``n_features_in_``, which scikit-learn holds each table against, if it has trees.

    Raises
    ------
    StoreError
        If a node points outside its tree, back to an earlier node, or at a feature that the
        estimator does not have.
    """
    for tree in _trees(estimator):
        _check(tree, int(getattr(estimator, "n_features_in_", 0)))


def check_feature_trees(features: Any) -> None:
    """Check every tree below the steps before the estimator: a transformer may grow some.

    A tree may look at no more features than any estimator around it takes, up to the pipeline
    whose step that is: each step holds what it is given against its own number.

    Raises
    ------
    StoreError
        As `check_trees`.
    """
    waiting: list[tuple[Any, int | None]] = [(features, None)]
    seen = set()
    while waiting:
        here, width = waiting.pop()
        if (id(here), width) in seen or isinstance(here, _PLAIN):
            continue
        seen.add((id(here), width))
        if type(here).__name__ in _TREES:
            _check(here, width or 0)
            continue
        inner = _narrower(here, width)
        waiting.extend((each, inner) for each in _below(here))


def _narrower(here: Any, width: int | None) -> int | None:
    """Return how many features what is below an object may look at; None below a pipeline."""
    if hasattr(here, "steps") or hasattr(here, "transformers"):
        return None
    own = getattr(here, "n_features_in_", None)
    if not isinstance(own, int):
        return width
    return own if width is None else min(own, width)


def _check(tree: Any, width: int) -> None:
    sound = _sound_boosted(tree, width) if hasattr(tree, "nodes") else _sound(tree, width)
    if not sound:
        raise StoreError(
            Problem(
                "the model holds a tree whose nodes point outside it",
                hint="the file was made to crash whoever predicts with it; do not use it",
            )
        )


def _trees(root: Any) -> Iterator[Any]:
    """Yield every tree that is reachable over attributes, containers and object arrays."""
    waiting, seen = [root], set()
    while waiting:
        here = waiting.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        if type(here).__name__ in _TREES:
            yield here
        else:
            waiting.extend(_below(here))


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
