"""Why a model said what it said of a row: how much each column moved its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlpipe.metrics.arrays import Array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd

__all__ = ["Reasons", "asked_of_each", "reasons"]

_AT_ONCE = 20_000
"""So many mixed rows are predicted in one call; of wide tables fewer."""

_CELLS = 4_000_000
"""Of so many cells at most."""

_MOST = 4000
"""So many mixed rows are predicted for one row, where a background of a few rows allows it."""

_FEWEST = 5
"""Rows of the background that are used at least."""


@dataclass(frozen=True)
class Reasons:
    """What moved the answers, row by row; ``base + effects.sum(axis=1)`` is the answer.

    Attributes
    ----------
    columns : tuple of str
        What the effects are of: the names of the groups.
    effects : array, shape (n, columns)
        By how much each moved the answer, in its unit: a probability, or that of the target.
    answer : array, shape (n,)
        What the model says of each row.
    base : array, shape (n,)
        What it says of the rows of the background, in the mean.
    """

    columns: tuple[str, ...]
    effects: Array
    answer: Array
    base: Array

    def strongest(self, row: int, count: int) -> list[tuple[str, float]]:
        """Return the columns that moved the answer to a row most, and by how much.

        Those that moved nothing are left out; equals stand in the order of the columns.
        """
        import numpy as np

        effects = self.effects[row]
        order = np.argsort(-np.abs(effects), kind="stable")[:count]
        return [(self.columns[at], float(effects[at])) for at in order if effects[at] != 0]


def reasons(
    predict: Callable[[pd.DataFrame], Array],
    rows: pd.DataFrame,
    background: pd.DataFrame,
    columns: Mapping[str, Sequence[str]],
    *,
    seed: int,
    of: Array | None = None,
) -> Reasons:
    """Return the Shapley values of columns, from orders in which they take their values.

    Each row of the background becomes the row that is asked about, group after group of columns,
    in an order drawn at random and in the reverse of that order; what a group changes, in the
    mean over all of them, is its effect (Štrumbelj & Kononenko 2014; reversed orders as in
    Mitchell et al. 2022). So the effects add up to the answer less the mean answer of the
    background whatever is drawn, and they are exact where columns work alone or in pairs.

    Parameters
    ----------
    predict : callable
        From a frame to scores, shape (n,) or (n, classes).
    rows : DataFrame, n rows
        What is asked about.
    background : DataFrame
        Rows that stand for all: what is usual. Of wide tables fewer of them are used.
    columns : mapping of str to sequence of str
        Groups that take their values together; each column of the rows is in one.
    seed : int
        Gives the orders; they are the same for each row, whatever rows are beside it.
    of : array of int, shape (n,), optional
        The class whose score is explained, where there is one for each class.

    Raises
    ------
    ValueError
        Without rows in the background, or without columns.
    """
    import numpy as np

    if not len(background) or not columns:
        raise ValueError("expected rows in the background, and columns")
    used = _rows_used(len(background), len(columns))
    background = background.iloc[np.linspace(0, len(background) - 1, used).round().astype(int)]
    orders = _orders(len(columns), len(background), seed)
    together = _together(rows, background)
    answer = _of_class(predict(rows), of)
    ground = predict(background)
    size = max(1, _AT_ONCE // max(1, orders.steps))
    effects = [
        _effects(
            lambda places: predict(_mixed(together, columns, places)),
            np.arange(at, min(at + size, len(rows))),
            len(rows), answer, ground, orders, of,
        )
        for at in range(0, len(rows), size)
    ]  # fmt: skip
    shape = (0, len(columns))
    return Reasons(
        tuple(columns),
        np.concatenate(effects) if effects else np.empty(shape),
        answer,
        _of_class(np.repeat(ground.mean(axis=0)[None], len(rows), axis=0), of),
    )


def asked_of_each(columns: int, background: int) -> int:
    """Return how many predictions the reasons of one row take."""
    return 2 * _rows_used(background, columns) * max(1, columns - 1)


@dataclass(frozen=True)
class _Orders:
    """The orders in which groups take their values, two for each row of the background.

    Attributes
    ----------
    order : array of int, shape (orders, columns)
    ground : array of int, shape (orders,)
        The row of the background that each begins with.
    taken : array of bool, shape (steps, columns)
        Of each step between the ends, in all orders: whether a group has the value of the row.
    """

    order: Array
    ground: Array
    taken: Array

    @property
    def steps(self) -> int:
        return len(self.taken)


def _rows_used(background: int, columns: int) -> int:
    return min(background, max(_FEWEST, _MOST // (2 * max(1, columns - 1))))


def _orders(columns: int, background: int, seed: int) -> _Orders:
    import numpy as np

    random = np.random.default_rng((seed, 2))
    drawn = np.array([random.permutation(columns) for _ in range(background)])
    order = np.stack([drawn, drawn[:, ::-1]], axis=1).reshape(2 * background, columns)
    place = np.argsort(order, axis=1)
    steps = np.arange(1, columns)
    taken = place[:, None, :] < steps[None, :, None]
    ground = np.repeat(np.arange(background), 2)
    return _Orders(order, ground, taken.reshape(len(order) * len(steps), columns))


def _effects(
    predict: Callable[[Array], Array],
    rows: Array,
    before: int,
    answer: Array,
    ground: Array,
    orders: _Orders,
    of: Array | None,
) -> Array:
    """Return the effects for some rows, shape (rows, columns).

    ``predict`` takes, for each mixed row and group, the position among all rows and, behind the
    ``before`` of them, the background.
    """
    import numpy as np

    count, width = orders.order.shape
    classes = None if of is None else np.repeat(of[rows], orders.steps)
    behind = before + np.repeat(orders.ground, width - 1)
    places = np.concatenate([np.where(orders.taken, row, behind[:, None]) for row in rows])
    inner = np.empty(0)
    if len(places):
        scores = np.concatenate([predict(some) for some in _pieces(places)])
        inner = _of_class(scores, classes)
    path = np.empty((len(rows), count, width + 1))
    path[:, :, 1:-1] = inner.reshape(len(rows), count, width - 1)
    path[:, :, -1] = answer[rows][:, None]
    first = np.repeat(ground[orders.ground][None], len(rows), axis=0)
    path[:, :, 0] = first if of is None else np.take_along_axis(
        first, of[rows][:, None, None], axis=2
    )[:, :, 0]  # fmt: skip
    moved = np.zeros((len(rows), width))
    for at, change in enumerate(np.moveaxis(np.diff(path, axis=2), 1, 0)):
        moved[:, orders.order[at]] += change
    return np.asarray(moved / count)


def _pieces(places: Array) -> Iterator[Array]:
    size = max(100, min(_AT_ONCE, _CELLS // places.shape[1]))
    for at in range(0, len(places), size):
        yield places[at : at + size]


def _of_class(scores: Array, of: Array | None) -> Array:
    import numpy as np

    return np.asarray(scores if of is None else scores[np.arange(len(scores)), of])


def _together(rows: pd.DataFrame, background: pd.DataFrame) -> pd.DataFrame:
    """Return both as one frame, each column of one type."""
    import pandas as pd

    both = {}
    for name in map(str, rows):
        mine, others = rows[name], background[name]
        if mine.dtype != others.dtype and mine.dtype.kind == "M":
            others = pd.to_datetime(others, utc=getattr(mine.dtype, "tz", None) is not None)
        elif mine.dtype != others.dtype and mine.isna().all():
            mine = others.reset_index(drop=True).reindex([-1] * len(mine))
        both[name] = pd.concat([mine, others], ignore_index=True)
    return pd.DataFrame(both)


def _mixed(
    together: pd.DataFrame, columns: Mapping[str, Sequence[str]], places: Array
) -> pd.DataFrame:
    """Return rows whose groups come from the positions given, a column of them for each group."""
    import pandas as pd

    found = {
        name: together[name].take(places[:, at]).reset_index(drop=True)
        for at, members in enumerate(columns.values())
        for name in members
    }
    return pd.DataFrame({name: found[name] for name in map(str, together)})
