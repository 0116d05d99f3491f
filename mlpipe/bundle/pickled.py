"""A model as a joblib file: for whoever needs one, and only where the reader consents.

A pickle is a program: opening it runs whatever its author put there, and no list of types helps.
So a bundle holds one only where it was asked for, beside the safe file, and says so; it is never
opened without ``allow_pickle``, and nothing falls back to the other file in silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.bundle.model import Model
from mlpipe.errors import Problem, StoreError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["pickled", "unpickled"]


def pickled(model: Model) -> bytes:
    """Return a model as joblib writes it; ``joblib.load`` gives its parts by name."""
    import io

    import joblib

    buffer = io.BytesIO()
    joblib.dump(model.parts(), buffer, compress=3)
    return buffer.getvalue()


def unpickled(path: Path, *, allow_pickle: bool) -> Model:
    """Return the model of a joblib file.

    Parameters
    ----------
    path : Path
        The file, verified.
    allow_pickle : bool
        Whether the caller trusts whoever made it.

    Raises
    ------
    StoreError
        Where they do not, or it holds no model of ours.
    """
    if not allow_pickle:
        hint = (
            "load it with allow_pickle=True, or --allow-pickle, if you trust where it comes from; "
            "`mlpipe bundle RUN DIR` writes one that needs no trust"
        )
        what = "the model is a joblib file, which runs code of its author when it is opened"
        raise StoreError(Problem(what, str(path), hint=hint))
    import joblib

    try:
        return Model.of_parts(joblib.load(path))
    except StoreError:
        raise
    except Exception as error:  # a pickle may raise anything
        message = f"the model cannot be read: {type(error).__name__}: {error}"
        raise StoreError(Problem(message, str(path))) from error
