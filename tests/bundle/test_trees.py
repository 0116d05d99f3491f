from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import pytest

from mlpipe.bundle.model import Model
from mlpipe.bundle.trees import check_trees
from mlpipe.errors import StoreError
from tests.bundle.samples import fitted

FIELDS = {
    "random_forest": ("left_child", "right_child", "feature"),
    "hist_gradient_boosting": ("left", "right", "feature_idx"),
}


def with_nodes(data: bytes, change: Any) -> bytes:
    """The file with other nodes in its trees."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as file, zipfile.ZipFile(buffer, "w") as made:
        for name in file.namelist():
            content = file.read(name)
            if name.endswith(".npy"):
                array = np.load(io.BytesIO(content))
                if array.dtype.names:
                    change(array)
                    out = io.BytesIO()
                    np.save(out, array)
                    content = out.getvalue()
            made.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("word", FIELDS)
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_honest_trees_pass(word: str, task: str) -> None:
    model = fitted(word, task)
    check_trees(model.pipeline.steps[-1][1])
    Model.loads(with_nodes(model.dumps(), lambda nodes: nodes))


@pytest.mark.parametrize(
    ("word", "field", "value"),
    [
        (word, field, value)
        for word, fields in FIELDS.items()
        for field in fields
        for value in (999_999, 7_000)
    ]
    + [(word, field, 0) for word, fields in FIELDS.items() for field in fields[:2]],
)
def test_indices_out_of_bounds_are_refused(word: str, field: str, value: int) -> None:
    """Node 0 is the root: a child that points back to it would make an endless walk."""

    def change(nodes: Any) -> None:
        nodes[field][0] = value

    data = with_nodes(fitted(word, "binary").dumps(), change)
    with pytest.raises(StoreError, match="point outside"):
        Model.loads(data)


def test_a_categorical_split_without_its_set() -> None:
    def change(nodes: Any) -> None:
        nodes["is_categorical"][0] = 1
        nodes["bitset_idx"][0] = 12

    data = with_nodes(fitted("hist_gradient_boosting", "binary").dumps(), change)
    with pytest.raises(StoreError, match="point outside"):
        Model.loads(data)


def grown() -> Model:
    """A model over features that trees of their own make."""
    path = {"type": "sklearn.ensemble.RandomTreesEmbedding", "n_estimators": 3, "max_depth": 3}
    steps = [{"impute": {}}, {"transform": path}]
    return fitted("logistic_regression", "binary", {"columns": ["age", "fee"], "steps": steps})


def test_trees_among_the_features_are_checked_too() -> None:
    model = grown()
    data = model.dumps()
    assert Model.loads(data).dumps() == data
    for field, value in (("left_child", 999), ("right_child", 0), ("feature", 2)):

        def change(nodes: Any, field: str = field, value: int = value) -> None:
            nodes[field][0] = value

        with pytest.raises(StoreError, match="point outside"):
            Model.loads(with_nodes(data, change))


def test_a_tree_is_held_to_the_narrowest_estimator_around_it() -> None:
    """The forest looks at its own number of columns and hands the rows to its trees as they are."""
    model = grown()
    forest = model.pipeline.steps[0][1].named_steps["encoded"].transformers_[0][1].steps[-1][1]
    forest.transformer_.n_features_in_ = 1
    with pytest.raises(StoreError, match="point outside"):
        Model.loads(model.dumps())
