"""How sure a figure of many rows is: the bootstrap of `resampling` over few cells or rows.

Of many rows, what is drawn are the counts of `cells`, or of rows from `subsets`. The change that
they show is added to the figure over all rows. So every repetition is done, whatever the rows.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from mlpipe.metrics.cells import Cells, alike
from mlpipe.metrics.counts import counts, loose_counts
from mlpipe.metrics.subsets import subsets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np

    from mlpipe.metrics.arrays import Array

__all__ = ["MANY", "redraw", "redrawn"]

MANY = 10_000
"""Rows up to which each is drawn for itself."""
_MANY_UNITS = 1000
"""Units above which their being finite in number makes no difference."""
_SUBSETS = 20
_BLOCKS = 20_000
"""Units that are drawn at most; of more, some are joined at random to be one."""
_WORK = 1_000_000_000
"""Weights at most where a few large groups leave no subset to draw."""


class _Design(NamedTuple):
    """How resamples are drawn."""

    times: int
    generator: np.random.Generator
    groups: Array | None
    weight: Array | None


def redraw(
    function: Callable[..., Any],
    arrays: Sequence[Array | None],
    *,
    times: int = 2000,
    seed: int | Sequence[int],
    groups: Array | None = None,
    weight: Array | None = None,
    cells: Cells | None = None,
    uniform: bool = False,
) -> Array:
    """Return the answers of ``function`` over resamples of the rows, however many these are.

    Parameters
    ----------
    function : callable
        ``function(*arrays, weight)`` with ``weight`` of shape (resamples, m): how often each of
        the m rows that it is given stands for a row that was drawn, times the weights of these.
        It sees other rows than there are, so that it may know of none but those it is given. The
        answer has resamples as its first axis.
    arrays : sequence of array, shape (n, ...), or None
        Codes are integers, numbers floats.
    times : int
    seed : int or sequence of int
    groups : array of int, shape (n,), optional
        Codes from 0 of what is drawn as a whole.
    weight : array, shape (n,), optional
    cells : Cells, optional
        Used where rows are over `MANY` and not `alike`.
    uniform : bool
        No cells, and no favourites in subsets: for formulas that count the rows given.
    """
    import numpy as np

    found = list(
        redrawn(
            function,
            arrays,
            times=times,
            seed=seed,
            groups=groups,
            weight=weight,
            cells=cells,
            uniform=uniform,
        )
    )
    drawn = np.concatenate([each for each, _ in found], axis=0)
    rows = len(next(each for each in arrays if each is not None))
    wider = _wider(rows if groups is None else int(groups.max(initial=-1)) + 1)
    if wider == 1 and all(whole is None for _, whole in found):
        return drawn
    value = _over_all(function, arrays, weight)
    return _around(value, drawn, [(len(each), whole) for each, whole in found], wider)


def redrawn(
    function: Callable[..., Any],
    arrays: Sequence[Array | None],
    *,
    times: int,
    seed: int | Sequence[int],
    groups: Array | None = None,
    weight: Array | None = None,
    cells: Cells | None = None,
    uniform: bool = False,
) -> Iterator[tuple[Array, Array | None]]:
    """Yield the answers, a few resamples at a time, each with that of what they were drawn from.

    Parameters
    ----------
    function, arrays, times, seed, groups, weight, cells, uniform
        As in `redraw`.

    Yields
    ------
    drawn : array, shape (some resamples, ...)
    whole : array, shape (...), or None
        None where they were drawn from all rows as they are.
    """
    import numpy as np

    rows = len(next(each for each in arrays if each is not None))
    design = _Design(times, np.random.default_rng(seed), groups, weight)
    few = None if uniform else alike(arrays) or (cells if rows > MANY else None)
    if few is not None and len(few) < rows:
        yield from _over_cells(function, arrays, few, design)
    elif rows <= MANY:
        for drawn in _over_rows(rows, design):
            yield function(*arrays, drawn), None
    else:
        yield from _over_subsets(function, arrays, design, uniform=uniform)


def _over_rows(rows: int, design: _Design) -> Iterator[Array]:
    """Yield the weights of all rows."""
    import numpy as np

    groups, weight = design.groups, design.weight
    units = np.ones(rows if groups is None else int(groups.max(initial=-1)) + 1)
    for each in counts(design.generator, design.times, units, rows):
        drawn = each if groups is None else each[:, groups]
        yield drawn if weight is None else drawn * weight


def _over_cells(
    function: Callable[..., Any], arrays: Sequence[Array | None], cells: Cells, design: _Design
) -> Iterator[tuple[Array, Array | None]]:
    """Draw how often the rows of each cell come; of units or weighted rows, by unit."""
    import numpy as np

    stands = [None if each is None else cells.values(each) for each in arrays]
    sums: Any = None
    whole = stands_for = cells.sizes.astype(float)
    if design.groups is not None or design.weight is not None:
        sums = _sums(cells, design)
        whole, stands_for = np.asarray(sums.sum(axis=1)).ravel(), np.ones(sums.shape[1])
    around = None if cells.exact else np.asarray(function(*stands, whole[None]))[0]
    for each in counts(design.generator, design.times, stands_for, len(cells)):
        drawn = each if sums is None else np.ascontiguousarray((sums @ each.T).T)
        yield function(*stands, drawn), around


def _over_subsets(
    function: Callable[..., Any],
    arrays: Sequence[Array | None],
    design: _Design,
    *,
    uniform: bool,
) -> Iterator[tuple[Array, Array]]:
    times, generator, groups, weight = design
    count = min(_SUBSETS, times)
    chosen = subsets(arrays, count, generator, groups=groups, weight=weight, uniform=uniform)
    for number, (rows, units, stands_for) in enumerate(chosen):
        stands = [None if each is None else each[rows] for each in arrays]
        every = min(times, max(200, _WORK // len(rows)))
        some = every * (number + 1) // count - every * number // count
        scale = 1.0 if weight is None else weight[rows]
        around = function(*stands, (stands_for[units] * scale)[None])[0]
        for each in loose_counts(generator, some, stands_for, len(rows)):
            yield function(*stands, each[:, units] * scale), around


def _sums(cells: Cells, design: _Design) -> Any:
    """Return what each unit adds to each cell, a sparse array of shape (cells, units)."""
    import numpy as np
    from scipy.sparse import csr_array

    rows = len(cells.place)
    units = np.arange(rows) if design.groups is None else design.groups
    count = int(units.max()) + 1
    if count > _BLOCKS:
        units, count = (design.generator.permutation(count) % _BLOCKS)[units], _BLOCKS
    adds = np.ones(rows) if design.weight is None else design.weight
    return csr_array((adds, (cells.place, units)), shape=(len(cells), count))


def _over_all(
    function: Callable[..., Any], arrays: Sequence[Array | None], weight: Array | None
) -> Array:
    import numpy as np

    rows = len(next(each for each in arrays if each is not None))
    return np.asarray(function(*arrays, np.ones((1, rows)) if weight is None else weight[None])[0])


def _around(
    value: Array, drawn: Array, wholes: Sequence[tuple[int, Array | None]], wider: float
) -> Array:
    """Move the draws from the figure of what they were drawn from to that over all rows.

    They stay inside the range of the draws and the figure: a share stays one.
    """
    import numpy as np

    whole = np.concatenate(
        [np.broadcast_to(value if one is None else one, (n, *value.shape)) for n, one in wholes]
    )
    known = np.isfinite(value) & np.isfinite(whole)
    change = np.where(known, drawn - np.where(known, whole, 0.0), 0.0)
    moved = np.where(known, np.where(known, value, 0.0) + wider * change, drawn)
    low, high = (np.asarray(end.reduce(drawn, axis=0)) for end in (np.fmin, np.fmax))
    return np.asarray(np.clip(moved, np.fmin(low, value), np.fmax(high, value)))


def _wider(units: int) -> float:
    """Return by how much draws of few units vary too little: 5 % with 34, 0.8 % with 200.

    The bootstrap divides by n where an unbiased variance divides by n − 1, and its quantiles are
    about those of a normal, where Student's t is due (Hesterberg 2015, expanded percentiles).
    """
    from statistics import NormalDist

    from scipy.stats import t

    if not 1 < units <= _MANY_UNITS:
        return 1.0
    few = float(t.ppf(0.975, units - 1)) / NormalDist().inv_cdf(0.975)
    return few * math.sqrt(units / (units - 1))
