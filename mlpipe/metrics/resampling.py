"""How sure a figure is, by drawing the rows again: Efron's percentile bootstrap.

Resamples are counts of how often each row was drawn, which the formulas take as weights; whole
groups are drawn where rows belong together. Of many rows, the counts are those of `cells`, or of
rows from `subsets`: the change that they show is added to the figure over all rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mlpipe.metrics.cells import Cells, alike
from mlpipe.metrics.counts import counts, loose_counts
from mlpipe.metrics.subsets import subsets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np

    from mlpipe.metrics.arrays import Array

__all__ = ["MANY", "bootstrap", "percentiles", "resample", "resampled"]

MANY = 10_000
"""Rows up to which each is drawn for itself."""
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


def bootstrap(
    function: Callable[..., Any],
    arrays: Sequence[Array],
    *,
    times: int = 2000,
    seed: int | Sequence[int],
    groups: Array | None = None,
    weight: Array | None = None,
    level: float = 0.95,
) -> tuple[Array, Array]:
    """Return the percentile interval of ``function``: low and high, each of its answer's shape.

    Parameters
    ----------
    function : callable
        ``function(*arrays, weight)`` with ``weight`` of shape (resamples, n): how often each row
        was drawn, times its weight. The answer has resamples as its first axis.
    arrays : sequence of array, shape (n, ...)
    times : int
        How many resamples.
    seed : int or sequence of int
    groups : array of int, shape (n,), optional
        Codes from 0 of what is drawn as a whole: an entity's rows, or a block of time.
    weight : array, shape (n,), optional
    level : float

    Returns
    -------
    low, high : array
        NaN where more than one resample in twenty leaves the figure undefined.
    """
    drawn = resample(function, arrays, times=times, seed=seed, groups=groups, weight=weight)
    return percentiles(drawn, level)


def resample(
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
    """Return the answers of ``function`` over resamples of the rows: see `bootstrap`.

    Parameters
    ----------
    function, arrays, times, seed, groups, weight
        As in `bootstrap`. An array may be None.
    cells : Cells, optional
        Used where rows are over `MANY` and not `alike`.
    uniform : bool
        No cells, and no favourites in subsets: for formulas that count the rows given.
    """
    import numpy as np

    found = list(
        resampled(
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
    if all(whole is None for _, whole in found):
        return drawn
    value = _over_all(function, arrays, weight)
    return _around(value, drawn, [(len(each), whole) for each, whole in found])


def resampled(
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
        As in `resample`.

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


def percentiles(drawn: Array, level: float = 0.95) -> tuple[Array, Array]:
    """Return the percentile interval over the first axis; NaN where over 5 % are undefined."""
    import numpy as np

    tails = [(1 - level) / 2, (1 + level) / 2]
    flat = drawn.reshape(len(drawn), -1)
    ends = np.full((2, flat.shape[1]), np.nan)
    for column in range(flat.shape[1]):
        defined = flat[np.isfinite(flat[:, column]), column]
        if len(defined) >= 0.95 * len(flat) and len(defined):
            ends[:, column] = np.quantile(defined, tails)
    return ends[0].reshape(drawn.shape[1:]), ends[1].reshape(drawn.shape[1:])


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


def _around(value: Array, drawn: Array, wholes: Sequence[tuple[int, Array | None]]) -> Array:
    """Move the draws from the figure of what they were drawn from to that over all rows.

    They stay inside the range of the draws and the figure: a share stays one.
    """
    import numpy as np

    whole = np.concatenate(
        [np.broadcast_to(value if one is None else one, (n, *value.shape)) for n, one in wholes]
    )
    known = np.isfinite(value) & np.isfinite(whole)
    moved = drawn + np.where(known, value - np.where(known, whole, 0.0), 0.0)
    low, high = (np.asarray(end.reduce(drawn, axis=0)) for end in (np.fmin, np.fmax))
    return np.asarray(np.clip(moved, np.fmin(low, value), np.fmax(high, value)))
