"""What shuffling a column costs: permutation importance, of columns that move together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    import pandas as pd
    from numpy.random import Generator

    from mlpipe.metrics.arrays import Array

__all__ = ["losses", "one_thread"]

MOST_ROWS = 20_000
"""So many rows are scored in one call, unless there are more to begin with."""


def losses(
    predict: Callable[[pd.DataFrame], Array],
    frame: pd.DataFrame,
    groups: Mapping[str, Sequence[str]],
    goodness: Callable[[Array], float | None],
    random: Generator,
    repeats: int,
) -> dict[str, list[float]] | None:
    """Return by how much the predictions get worse when columns are shuffled (Breiman 2001).

    Parameters
    ----------
    predict : callable
        From a frame to scores, one for each row.
    frame : DataFrame, n rows
        What the model reads; not changed.
    groups : mapping of str to sequence of str
        The columns that are shuffled together, in one order: what is made of a column would tell
        what the column itself no longer does.
    goodness : callable
        From scores of the n rows to a figure of which more is better, None where undefined.
    random : Generator
        Gives the orders.
    repeats : int
        How often each group is shuffled.

    Returns
    -------
    dict of str to list of float, or None
        The loss of each repeat, those left out where the figure is undefined; below 0 where
        shuffling helps. None where it is undefined on the rows as they are.
    """
    import numpy as np

    before = goodness(predict(frame))
    if before is None:
        return None
    found = {}
    for name, members in groups.items():
        orders = [random.permutation(len(frame)) for _ in range(repeats)]
        # One call for several shuffles: most of a small prediction is spent before the model.
        scores = [
            each
            for some in _batches(orders, len(frame))
            for each in np.split(
                predict(_shuffled(frame, members, np.concatenate(some))), len(some)
            )
        ]
        after = [goodness(each) for each in scores]
        found[name] = [before - value for value in after if value is not None]
    return found


def one_thread() -> AbstractContextManager[Any]:
    """Return a context in which numeric libraries take one thread.

    So few rows are scored sooner by one thread than by several that wait for each other.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limited: AbstractContextManager[Any] = threadpool_limits(limits=1)
    return limited


def _batches(orders: list[Array], rows: int) -> Iterator[list[Array]]:
    size = max(1, MOST_ROWS // max(1, rows))
    yield from (orders[at : at + size] for at in range(0, len(orders), size))


def _shuffled(frame: pd.DataFrame, columns: Sequence[str], order: Array) -> pd.DataFrame:
    """Return the frame as often as the order goes over it, with some columns in that order."""
    import pandas as pd

    stacked = pd.concat([frame] * (len(order) // len(frame)), ignore_index=True)
    for column in columns:
        stacked[column] = frame[column].take(order).reset_index(drop=True)
    return stacked
