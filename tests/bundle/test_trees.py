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
