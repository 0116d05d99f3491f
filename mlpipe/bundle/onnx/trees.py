"""Ensembles of trees as one operator, in float64: TreeEnsemble of ai.onnx.ml, version 5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.bundle.onnx.graph import ML, Graph, NotConvertibleError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Tree = dict[str, NDArray[Any]]

__all__ = ["TREES", "trees"]


def trees(graph: Graph, model: Any, tensor: str) -> str:
    """Add an ensemble; return probabilities (n, classes) or values (n, 1).

    Raises
    ------
    NotConvertibleError
        For trees that split on sets of categories.
    """
    return TREES[type(model).__name__](graph, model, tensor)


def _boosted(graph: Graph, model: Any, tensor: str) -> str:
    """Gradient boosting over histograms: sums of trees, and the link of the loss."""
    if getattr(model, "is_categorical_", None) is not None:
        raise NotConvertibleError("its trees split on sets of categories")
    rounds = model._predictors
    grown = [(_of_boosting(one.nodes), target) for row in rounds for target, one in enumerate(row)]
    summed = _ensemble(graph, tensor, grown, len(rounds[0]))
    baseline = graph.constant(model._baseline_prediction.reshape(1, -1))
    raw = graph.add("Add", summed, baseline)
    if not hasattr(model, "classes_"):
        return graph.add("Exp", raw) if model.loss in ("poisson", "gamma") else raw
    if len(model.classes_) > 2:
        return graph.add("Softmax", raw, axis=1)
    return _two(graph, graph.add("Sigmoid", raw))


def _forest(graph: Graph, model: Any, tensor: str) -> str:
    """Trees of scikit-learn, averaged. They see numbers in float32, and compare in float64."""
    import numpy as np

    single = graph.add("Cast", graph.add("Cast", tensor, to=1), to=11)
    members = getattr(model, "estimators_", [model])
    classes = len(getattr(model, "classes_", [0]))
    told = [1] if classes == 2 else list(range(classes))
    grown = [
        (_of_forest(member.tree_, at), target)
        for member in members
        for target, at in enumerate(told)
    ]
    summed = _ensemble(graph, single, grown, len(told))
    mean = graph.add("Div", summed, graph.constant(np.array(float(len(members)))))
    return _two(graph, mean) if classes == 2 else mean


def _two(graph: Graph, positive: str) -> str:
    import numpy as np

    one = graph.constant(np.array(1.0))
    return graph.matrix([graph.add("Sub", one, positive), positive])


TREES = {
    "HistGradientBoostingClassifier": _boosted,
    "HistGradientBoostingRegressor": _boosted,
    "RandomForestClassifier": _forest,
    "RandomForestRegressor": _forest,
    "ExtraTreesClassifier": _forest,
    "ExtraTreesRegressor": _forest,
    "DecisionTreeClassifier": _forest,
    "DecisionTreeRegressor": _forest,
}
"""The ensembles that skl2onnx has in float32 only."""


def _of_boosting(nodes: Any) -> Tree:
    if nodes["is_categorical"].any():
        raise NotConvertibleError("its trees split on sets of categories")
    return {
        "leaf": nodes["is_leaf"].astype(bool),
        "feature": nodes["feature_idx"],
        "split": nodes["num_threshold"],
        "left": nodes["left"],
        "right": nodes["right"],
        "missing": nodes["missing_go_to_left"],
        "value": nodes["value"],
    }


def _of_forest(tree: Any, output: int) -> Tree:
    return {
        "leaf": tree.children_left == -1,
        "feature": tree.feature,
        "split": tree.threshold,
        "left": tree.children_left,
        "right": tree.children_right,
        "missing": tree.missing_go_to_left,
        "value": tree.value[:, 0, output],
    }


def _ensemble(graph: Graph, tensor: str, grown: Sequence[tuple[Tree, int]], targets: int) -> str:
    """Add the sum of trees, each for one target; shape (n, targets)."""
    from onnx import numpy_helper

    columns = _columns(grown)
    tensors = {
        name: numpy_helper.from_array(columns.pop(name), name)
        for name in ("nodes_modes", "nodes_splits", "leaf_weights")
    }
    attributes = {name: [int(each) for each in values] for name, values in columns.items()}
    return graph.add(
        "TreeEnsemble", tensor, domain=ML, version=5, n_targets=targets, post_transform=0,
        aggregate_function=1, **tensors, **attributes,
    )  # fmt: skip


def _columns(grown: Sequence[tuple[Tree, int]]) -> dict[str, Any]:
    """Lay the trees one after another: inner nodes and leaves each in a list of their own."""
    import numpy as np

    parts: dict[str, list[Any]] = {}
    inner, leaves, roots = 0, 0, []
    for tree, target in grown:
        roots.append(inner)
        found = _laid_out(tree if not tree["leaf"][0] else _split_in_two(tree), inner, leaves)
        found["leaf_targetids"] = np.full(len(found["leaf_weights"]), target)
        inner, leaves = inner + len(found["nodes_splits"]), leaves + len(found["leaf_weights"])
        for name, values in found.items():
            parts.setdefault(name, []).append(values)
    columns = {name: np.concatenate(values) for name, values in parts.items()}
    return {**columns, "tree_roots": roots}


def _laid_out(tree: Tree, inner: int, leaves: int) -> dict[str, NDArray[Any]]:
    """Return a tree whose inner nodes and leaves are counted on from the tree before it."""
    import numpy as np

    leaf = tree["leaf"]
    number = np.where(leaf, leaves + np.cumsum(leaf) - 1, inner + np.cumsum(~leaf) - 1)
    left, right = (tree[side][~leaf].astype(np.intp) for side in ("left", "right"))
    return {
        "nodes_featureids": tree["feature"][~leaf],
        "nodes_modes": np.zeros(int((~leaf).sum()), np.uint8),  # true is at most the split
        "nodes_splits": tree["split"][~leaf].astype(np.float64),
        "nodes_missing_value_tracks_true": tree["missing"][~leaf],
        "nodes_truenodeids": number[left],
        "nodes_trueleafs": leaf[left],
        "nodes_falsenodeids": number[right],
        "nodes_falseleafs": leaf[right],
        "leaf_weights": tree["value"][leaf].astype(np.float64),
    }


def _split_in_two(tree: Tree) -> Tree:
    """Return a tree of one leaf as a split between two that say the same: a root must split."""
    import numpy as np

    value = tree["value"][0]
    return {
        "leaf": np.array([False, True, True]),
        "feature": np.zeros(3, np.int64),
        "split": np.zeros(3),
        "left": np.array([1, 0, 0]),
        "right": np.array([2, 0, 0]),
        "missing": np.zeros(3, np.int64),
        "value": np.array([value, value, value]),
    }
