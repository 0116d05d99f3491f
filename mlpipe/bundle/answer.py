"""From scores to an answer: the prediction, and the scores that it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["answer", "score_columns", "score_names"]


def score_names(task: str, classes: Sequence[Any]) -> list[str]:
    """Return the names of the score columns; of regression, the one of the value."""
    if task == "multiclass":
        return [f"score_{name}" for name in classes]
    return ["score"] if task == "binary" else ["prediction"]


def score_columns(
    scores: NDArray[Any], task: str, classes: Sequence[Any]
) -> dict[str, NDArray[Any]]:
    """Return the scores of a `Model` as columns by name."""
    names = score_names(task, classes)
    if scores.ndim == 1:
        return {names[0]: scores}
    return {name: scores[:, code] for code, name in enumerate(names)}


def answer(
    scores: NDArray[Any],
    task: str,
    classes: Sequence[Any],
    threshold: float | None,
    index: pd.Index[Any] | None = None,
) -> pd.DataFrame:
    """Return ``prediction`` and the score columns.

    Parameters
    ----------
    scores : array, shape (n,) or (n, classes)
        From `Model.scores`.
    task : str
    classes : sequence
        By code; of a binary task, the positive one is last.
    threshold : float or None
        The score from which a row is positive; 0.5 by default.
    index : Index, optional
        Of the result.
    """
    import numpy as np
    import pandas as pd

    columns = score_columns(scores, task, classes)
    if task == "regression":
        return pd.DataFrame(columns, index=index)
    if task == "binary":
        codes = (scores >= (0.5 if threshold is None else threshold)).astype(np.intp)
    else:
        codes = np.argmax(scores, axis=1) if len(scores) else np.empty(0, np.intp)
    labels = pd.Series(list(classes)).to_numpy()[codes]
    return pd.DataFrame({"prediction": labels, **columns}, index=index)
