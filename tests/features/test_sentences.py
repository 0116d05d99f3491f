"""What is ours about sentence embeddings, with a stand-in for the library and its models.

`make text` runs the same word with the real ones: see tests/text.
"""

import sys
from hashlib import sha256
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
import skops.io

from mlpipe.errors import SpecError, StoreError
from mlpipe.features.estimators import sentences
from mlpipe.features.outside import distributions, require
from mlpipe.features.pipeline import build
from mlpipe.features.plan import FORMAT, Plan
from mlpipe.features.words import step

HUB = {"tiny": "one"}
"""What the stand-in's hub holds: the weights of each name."""


class _Model:
    """Vectors that follow from the weights and the text; it counts what it is given."""

    read = 0

    def __init__(self, name, *, revision=None, device=None, model_kwargs=None):
        assert device == "cpu"
        assert model_kwargs == {"use_safetensors": True}
        folder = Path(name)
        if not folder.is_dir() and name not in HUB:
            raise OSError(f"{name} is not a local folder\nand more lines")
        self.weights = (folder / "weights").read_text() if folder.is_dir() else HUB[name]

    def encode(self, texts, *, batch_size, normalize_embeddings, **kwargs):
        assert sys.modules["torch"].threads == 1
        type(self).read += len(texts)
        vectors = np.array([[*sha256(f"{self.weights}{t}".encode()).digest()[:4]] for t in texts])
        length = np.linalg.norm(vectors, axis=1, keepdims=True) if normalize_embeddings else 1
        return (vectors / length).astype("float32")


@pytest.fixture(autouse=True)
def library(monkeypatch):
    """Stand in for sentence-transformers, transformers and torch."""
    made = {name: ModuleType(name) for name in ("sentence_transformers", "transformers", "torch")}
    made["sentence_transformers"].SentenceTransformer = _Model
    made["transformers.utils"] = ModuleType("transformers.utils")
    made["transformers.utils"].logging = ModuleType("logging")
    made["transformers.utils"].logging.disable_progress_bar = lambda: None
    torch = made["torch"]
    torch.threads = 8
    torch.get_num_threads = lambda: torch.threads
    torch.set_num_threads = lambda number: setattr(torch, "threads", number)
    for name, module in made.items():
        monkeypatch.setitem(sys.modules, name, module)
    _forget()
    yield made
    _forget()


def _forget():
    """As another process would."""
    sentences._confirm.cache_clear()
    sentences._loaded.cache_clear()


@pytest.fixture
def folder(tmp_path):
    model = tmp_path / "model"
    (model / "pooling").mkdir(parents=True)
    (model / "weights").write_text("one")
    (model / "pooling" / "config.json").write_text("{}")
    return model


def _frame(*texts):
    return pd.DataFrame({"note": pd.Series(texts, dtype=object)})


def _built(model, **more):
    return step({"sentence_embed": {"model": str(model), **more}}).build(0)


def test_a_missing_text_is_zero_and_a_repeated_one_is_read_once(folder):
    fitted = _built(folder).fit(_frame("a"))
    _Model.read = 0
    made = fitted.transform(_frame("a", None, "b", "a", ""))
    assert _Model.read == 3 + 1  # and the sentence that tells one model from another
    np.testing.assert_array_equal(made[1], np.zeros(4))
    np.testing.assert_array_equal(made[0], made[3])
    assert np.linalg.norm(made[[0, 2, 4]], axis=1) == pytest.approx(1)
    assert fitted.transform(_frame(None)).tolist() == [[0.0] * 4]
    assert list(fitted.get_feature_names_out()) == [f"note_embedding{n}" for n in range(4)]


def test_vectors_keep_their_length_on_demand(folder):
    made = _built(folder, normalize=False).fit_transform(_frame("a"))
    assert np.linalg.norm(made[0]) > 10


def test_the_threads_of_torch_are_put_back(library, folder):
    _built(folder).fit(_frame("a"))
    assert library["torch"].threads == 8


@pytest.mark.parametrize("change", ["weights", "another file", "a name"])
def test_another_model_at_the_same_path_is_refused(folder, change):
    fitted = _built(folder).fit(_frame("a"))
    if change == "weights":
        (folder / "weights").write_text("two")
    elif change == "another file":
        (folder / "pooling" / "config.json").write_text('{"max": true}')
    else:
        (folder / "pooling" / "config.json").rename(folder / "pooling" / "other.json")
    _forget()
    with pytest.raises(StoreError, match=r"the text model in .* is not the one of training"):
        fitted.transform(_frame("a"))
    with pytest.raises(StoreError, match="is not the one of training"):
        require({"pipeline": [fitted]})


def test_hidden_files_do_not_count(folder):
    fitted = _built(folder).fit(_frame("a"))
    (folder / ".gitattributes").write_text("x")
    _forget()
    require(fitted)


def test_a_folder_that_is_away_is_said(folder):
    fitted = _built(folder).fit(_frame("a"))
    folder.rename(folder.parent / "elsewhere")
    _forget()
    with pytest.raises(StoreError, match="the folder of the text model is not here"):
        require(fitted)


def test_a_name_that_answers_otherwise_is_refused(monkeypatch):
    fitted = _built("tiny").fit(_frame("a"))
    assert fitted.digest_ is None
    _forget()
    require(fitted)
    monkeypatch.setitem(HUB, "tiny", "two")
    _forget()
    with pytest.raises(StoreError, match="'tiny' answers otherwise than in training"):
        require(fitted)


def test_a_model_that_is_nowhere_is_said_in_one_line():
    with pytest.raises(SpecError) as caught:
        _built("nowhere").fit(_frame("a"))
    (problem,) = caught.value.problems
    assert problem.message == (
        "the text model 'nowhere' cannot be loaded: nowhere is not a local folder"
    )
    assert "name a folder" in problem.hint


def test_the_missing_extra_is_said_with_the_command(monkeypatch, folder):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(SpecError) as caught:
        _built(folder).fit(_frame("a"))
    (problem,) = caught.value.problems
    assert problem.message == "sentence_embed needs the extra 'text'"
    assert problem.hint == "pip install 'mlpipe[text]'"


def test_it_is_found_inside_of_a_whole_pipeline(folder):
    blocks = [{"columns": ["note"], "steps": [{"sentence_embed": {"model": str(folder)}}]}]
    blocks.append({**blocks[0], "steps": [*blocks[0]["steps"], {"scale": {}}]})
    plan = Plan(
        format=FORMAT,
        task=None,
        timezone=None,
        inputs=[{"name": "note", "kind": "text", "type": "string"}],
        look_back=[],
        python=[],
        models={"m": {"family": "linear", "blocks": blocks}},
    )
    assert distributions(plan) == ["sentence-transformers", "tokenizers", "torch", "transformers"]
    fitted = build(plan, "m", 0).fit(_frame("a", "b", "c"))
    require(fitted)
    (folder / "weights").write_text("two")
    _forget()
    with pytest.raises(StoreError, match="is not the one of training"):
        require(fitted)


def test_what_is_saved_names_the_model_and_holds_none_of_it(folder):
    fitted = _built(folder).fit(_frame("a"))
    data = skops.io.dumps(fitted)
    trusted = ["mlpipe.features.estimators.sentences.SentenceVectors"]
    loaded = skops.io.loads(data, trusted=trusted)
    assert loaded.digest_ == sentences.folder_digest(folder)
    np.testing.assert_array_equal(
        loaded.transform(_frame("b", None)), fitted.transform(_frame("b", None))
    )


def test_a_folder_is_part_of_what_is_read_and_a_name_is_not(folder):
    assert step({"sentence_embed": str(folder)}).folders() == (str(folder),)
    assert step({"sentence_embed": "tiny"}).folders() == ()
