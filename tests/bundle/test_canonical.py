from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io

from mlpipe.bundle.canonical import canonical, dumps
from mlpipe.bundle.model import Model
from mlpipe.features.words import TRANSFORMS
from tests.bundle.samples import BLOCKS, all_models
from tests.text.minilm import MODEL
from tests.train.samples import rows

MODELS = all_models()
ROUNDED = ("kernel_ridge", "gaussian_process")
"""They multiply whole matrices with a vector: how BLAS rounds depends on where that lies."""


def test_every_word_of_featurize_is_here() -> None:
    used = {next(iter(step)) for block in BLOCKS.values() for step in block["steps"]}
    asked = {word.word for word in TRANSFORMS}
    # Only where its model is installed: `make text`.
    assert used == asked if MODEL is not None else used == asked - {"sentence_embed"}


@pytest.mark.slow
def test_two_processes_write_the_same_bytes() -> None:
    root = Path(__file__).parents[2]
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.bundle.dump_all", seed],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
        )
        for seed in ("1", "20777")
    ]
    one, two = (json.loads(run.communicate()[0]) for run in runs)
    assert set(one) == set(MODELS)
    assert [name for name in one if one[name] != two[name]] == []
    assert len(set(one.values())) == len(one)


@pytest.mark.parametrize("name", MODELS)
def test_what_comes_back_predicts_the_same_bits(name: str) -> None:
    model = MODELS[name]
    frame = rows(60, model.task, seed=9)
    data = model.dumps()
    again = Model.loads(data)
    if name.startswith(ROUNDED):
        assert np.allclose(again.scores(frame), model.scores(frame), rtol=1e-11, atol=1e-13)
    else:
        assert again.scores(frame).tobytes() == model.scores(frame).tobytes()
    assert again.dumps() == data
    assert (again.task, again.classes) == (model.task, model.classes)


def test_skops_itself_writes_other_bytes() -> None:
    """The reason for all this; where it ends, so can this module."""
    model = MODELS["one_hot"].pipeline
    assert skops.io.dumps(model) != skops.io.dumps(pickled(model))
    assert dumps(model) == dumps(pickled(model))


def pickled(value: Any) -> Any:
    import pickle

    return pickle.loads(pickle.dumps(value))


def test_sets_are_sorted_and_nothing_else_is() -> None:
    value = {"z": {"b", "a", "c"}, "a": frozenset(["y", "x"]), "list": ["b", "a"], "bytes": b"\x00"}
    data = dumps(value)
    assert skops.io.loads(data, trusted=["builtins.frozenset"]) == value
    assert list(skops.io.loads(data, trusted=["builtins.frozenset"])) == list(value)
    schema = members(data)["schema.json"].decode()
    assert schema.index('"\\"a\\""') < schema.index('"\\"b\\""') < schema.index('"\\"c\\""')


def test_equal_arrays_are_kept_once_and_stay_two() -> None:
    data = dumps([np.arange(5), np.arange(5), np.arange(6)])
    assert len(members(data)) == 3
    one, two, _ = skops.io.loads(data)
    one[0] = 7
    assert two[0] == 0


def test_the_zip_has_no_time_and_no_address() -> None:
    data = MODELS["tfidf"].dumps()
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert {info.date_time for info in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.compress_type for info in file.infolist()} == {zipfile.ZIP_STORED}
        assert file.namelist() == sorted(file.namelist())
    schema = members(data)["schema.json"].decode()
    assert "__id__" not in schema
    assert "_stop_words_id" not in schema


def test_entries_that_look_like_ours_are_the_users() -> None:
    value = {"__id__": 5, "file": "a.npy", "_stop_words_id": 1}
    assert skops.io.loads(canonical(skops.io.dumps(value))) == value


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_padding_does_not_matter() -> None:
    nodes = np.zeros(3, np.dtype([("a", "f8"), ("b", "u1")], align=True))
    other = nodes.copy()
    other.view(np.uint8).reshape(3, -1)[:, 9:] = 77
    assert skops.io.dumps(nodes) != skops.io.dumps(other)
    assert dumps(nodes) == dumps(other)
