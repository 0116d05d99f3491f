"""Vectors of sentences, by a model that stays outside of the bundle."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from contextlib import contextmanager
from functools import lru_cache
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from mlpipe.errors import Problem, SpecError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["SentenceVectors", "folder_digest"]

_PROBE = "The quick brown fox jumps over the lazy dog."
"""A sentence whose vector tells one model from another."""
_NEAR = 1e-3
"""How far its numbers may move between versions of torch and kinds of processors."""


class SentenceVectors(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The vectors that a sentence-transformers model gives the texts of a frame of one column.

    On the CPU and on one thread, so that the same texts have the same vectors on any number of
    cores; how texts are put together moves the last digits (1e-6). A missing text is all 0.

    Parameters
    ----------
    model : str
        A folder, or a name on the Hugging Face hub.
    revision : str, optional
        The commit of a model on the hub.
    normalize : bool
        Whether vectors have length 1.
    batch_size : int
        How many texts go through the model at once.

    Attributes
    ----------
    digest_ : str or None
        Of the files of the folder; None for a name.
    probe_ : list of float
        The vector of one known sentence.
    """

    def __init__(
        self,
        model: str = "",
        revision: str | None = None,
        normalize: bool = True,
        batch_size: int = 32,
    ) -> None:
        self.model = model
        self.revision = revision
        self.normalize = normalize
        self.batch_size = batch_size

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:  # noqa: ARG002
        """Remember the column, and which model it is.

        Raises
        ------
        SpecError
            If the extra `text` is not installed, or there is no such model.
        """
        self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        folder = Path(self.model)
        self.digest_ = folder_digest(folder) if folder.is_dir() else None
        model = _loaded(_place(self.model), self.revision, self.digest_)
        self.probe_ = [float(number) for number in _encoded(model, [_PROBE], 1, normalize=True)[0]]
        return self

    def transform(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return the vectors, shape (n_rows, n_dimensions); a text that comes again is read once.

        Raises
        ------
        StoreError
            If the model is not the one of `fit`.
        SpecError
            If the extra `text` is not installed, or there is no such model.
        """
        check_is_fitted(self)
        self.require()
        codes, distinct = pd.factorize(X.iloc[:, 0].to_numpy(dtype=object))
        vectors = np.zeros((len(distinct) + 1, len(self.probe_)))  # the last is a missing text
        if len(distinct):
            model = _loaded(_place(self.model), self.revision, self.digest_)
            vectors[:-1] = _encoded(model, [*distinct], self.batch_size, normalize=self.normalize)
        return vectors[codes]

    def require(self) -> None:
        """Refuse another model than that of `fit`; an unfitted one asks for none.

        Raises
        ------
        StoreError
            If it is another one, or its folder is not here.
        SpecError
            If the extra `text` is not installed, or there is no such model.
        """
        if not hasattr(self, "probe_"):
            return
        _confirm(_place(self.model), self.revision, self.digest_, tuple(self.probe_))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return ``column_embedding0``, ``column_embedding1`` and so on."""
        check_is_fitted(self)
        column, width = self.feature_names_in_[0], len(self.probe_)
        return np.asarray([f"{column}_embedding{number}" for number in range(width)], dtype=object)


def folder_digest(folder: Path) -> str:
    """Return the sha256 of a folder's files and their names; hidden files do not count."""
    total = sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            with path.open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
            total.update(f"{name.as_posix()}\0{digest}\0".encode())
    return total.hexdigest()


def _place(model: str) -> str:
    """Return the whole path of a folder, by which it is remembered; a name as it is."""
    return str(Path(model).resolve()) if Path(model).is_dir() else model


@lru_cache(maxsize=16)
def _confirm(
    model: str, revision: str | None, digest: str | None, probe: tuple[float, ...]
) -> None:
    folder = Path(model)
    hint = "put the folder that it was trained with at this path, relative to where you run"
    if digest is not None and not folder.is_dir():
        raise StoreError(Problem(f"the folder of the text model is not here: {model}", hint=hint))
    if digest is not None and folder_digest(folder) != digest:
        raise StoreError(
            Problem(f"the text model in {model} is not the one of training", hint=hint)
        )
    found = _encoded(_loaded(model, revision, digest), [_PROBE], 1, normalize=True)[0]
    if found.shape != (len(probe),) or np.abs(found - probe).max() > _NEAR:
        raise StoreError(
            Problem(
                f"the text model '{model}' answers otherwise than in training",
                hint="sentence_embed takes a `revision`, which keeps a model of the hub the same",
            )
        )


@lru_cache(maxsize=2)
def _loaded(model: str, revision: str | None, digest: str | None) -> Any:  # noqa: ARG001
    """Return a model; one whose digest is another is another one, though its path is the same."""
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging
    except ImportError:
        problem = Problem(
            "sentence_embed needs the extra 'text'", hint="pip install 'mlpipe[text]'"
        )
        raise SpecError(problem) from None
    logging.disable_progress_bar()
    try:
        # Weights as plain numbers: the older format is a pickle, which can run code.
        return SentenceTransformer(
            model, revision=revision, device="cpu", model_kwargs={"use_safetensors": True}
        )
    except (OSError, ValueError) as error:
        said = str(error).strip().partition("\n")[0]
        hint = "name a folder with a sentence-transformers model, or a model of the hub"
        raise SpecError(
            Problem(f"the text model '{model}' cannot be loaded: {said}", hint=hint)
        ) from error


def _encoded(
    model: Any, texts: list[str], batch_size: int, *, normalize: bool
) -> NDArray[np.float64]:
    with _one_thread():
        vectors = model.encode(
            texts,
            batch_size=batch_size,
            normalize_embeddings=normalize,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
    return np.asarray(vectors, dtype=np.float64)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let torch add numbers up in one order, whatever the number of cores."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
