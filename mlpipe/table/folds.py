"""Folds as pairs of positions: what is fitted on, and what is scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["fold_pairs"]


def fold_pairs(
    fold: NDArray[np.integer],
    kind: str,
    count: int,
    teaches: NDArray[np.integer] | None = None,
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield the train and test positions of each fold, in order.

    Parameters
    ----------
    fold : array of shape (n_train,)
        The fold of each train row, as ``parts`` holds it; −1 takes no part.
    kind : {"expanding", "crossed"}
        ``crossed``: fold i is scored by a model of all others, i = 0..count−1.
        ``expanding``: block i is scored by a model of the blocks before it, i = 1..count.
    count : int
        The number of pairs.
    teaches : array of shape (n_train,), optional
        Of expanding folds, the first block that a model of the row may be scored on, as ``parts``
        holds it; without it, the block after its own.

    Raises
    ------
    ValueError
        If the kind is not known.
    """
    import numpy as np

    if kind not in {"expanding", "crossed"}:
        raise ValueError(f"unknown kind of folds: {kind!r}")
    first = 1 if kind == "expanding" else 0
    for index in range(first, first + count):
        known = fold >= 0
        if kind == "crossed":
            before = fold != index
        else:
            before = fold < index if teaches is None else (teaches >= 0) & (teaches <= index)
        yield np.flatnonzero(known & before), np.flatnonzero(fold == index)
