"""Sentence embeddings by a real model, from the spec to a bundle; run by `make text`."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlpipe.bundle.bundle import Bundle
from mlpipe.errors import StoreError
from mlpipe.features.estimators import sentences
from mlpipe.features.words import step
from mlpipe.table.session import Session
from mlpipe.train.spec import Train
from mlpipe.train.stage import train
from tests.bundle.test_bundle import made
from tests.text.minilm import MODEL, WHY
from tests.train.samples import COLUMNS, parts, plan, rows

pytestmark = pytest.mark.skipif(MODEL is None, reason=WHY)

TEXTS = [
    "The cat sat on the mat.",
    "A kitten was sitting on a rug.",
    "The central bank raised interest rates.",
    None,
    "Borrowing money became more expensive.",
    "The cat sat on the mat.",
]


def _vectors(texts, **more):
    frame = pd.DataFrame({"note": pd.Series(texts, dtype=object)})
    built = step({"sentence_embed": {"model": MODEL, **more}}).build(0)
    return built.fit(frame), built.fit_transform(frame)


def test_sentences_that_mean_the_same_are_near():
    _, vectors = _vectors(TEXTS)
    near = vectors @ vectors.T
    assert vectors.shape == (6, 384)
    assert near[0, 1] > near[0, 2] + 0.3
    assert near[2, 4] > near[0, 4] + 0.3
    np.testing.assert_allclose(np.diag(near), [1, 1, 1, 0, 1, 1], atol=1e-6)
    assert near[0, 5] == pytest.approx(1)


def test_one_row_equals_bulk():
    fitted, bulk = _vectors(TEXTS * 20)
    for row in range(6):
        one = fitted.transform(
            pd.DataFrame({"note": pd.Series(TEXTS[row : row + 1], dtype=object)})
        )
        np.testing.assert_allclose(one[0], bulk[row], atol=1e-6)


def test_the_number_of_threads_changes_no_bit():
    import torch

    before = torch.get_num_threads()
    _, first = _vectors(TEXTS)
    torch.set_num_threads(2)
    try:
        _, again = _vectors(TEXTS)
    finally:
        torch.set_num_threads(before)
    assert first.tobytes() == again.tobytes()


def _bundle(tmp_path, model):
    block = {"columns": ["note"], "steps": [{"sentence_embed": {"model": str(model)}}]}
    whole = plan({"linear": "linear"}, (block,))
    with Session(tmp_path / "scratch") as session:
        found = train(
            Train.read({"models": {"linear": "logistic_regression"}}), "binary", COLUMNS, 0, whole,
            session.frame(rows()), session.frame(parts(240)), "crossed", 3, session,
        )  # fmt: skip
        return made(
            session, tmp_path / "b", model=found["model.skops"], facts=found["model"], plan=whole
        )


def test_a_bundle_names_its_model_and_takes_no_other(tmp_path):
    model = Path(shutil.copytree(MODEL, tmp_path / "minilm"))
    (tmp_path / "scratch").mkdir()
    folder = _bundle(tmp_path, model)
    # The weights are 90 MB.
    assert sum(file.stat().st_size for file in folder.iterdir()) < 2**20
    bundle = Bundle.load(folder)
    frame = rows(40, seed=5)
    scores = bundle.predict(frame)["score"]
    assert bundle.about["libraries"]["torch"]
    assert not bundle.warnings
    alone = bundle.predict(frame.iloc[7:8])["score"]
    assert alone.iloc[0] == pytest.approx(scores.iloc[7], abs=1e-6)
    tokens = model / "vocab.txt"
    tokens.write_text(tokens.read_text() + "more\n")
    sentences._confirm.cache_clear()
    with pytest.raises(StoreError, match="is not the one of training"):
        Bundle.load(folder)
    shutil.rmtree(model)
    sentences._confirm.cache_clear()
    with pytest.raises(StoreError, match="is not here"):
        Bundle.load(folder)
