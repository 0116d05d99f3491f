"""What decisions are worth: business values as quantities of a chunk, with labels or without."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlpipe.errors import DataError
from mlpipe.metrics.arrays import share
from mlpipe.metrics.business import amounts_in
from mlpipe.metrics.estimated import Estimate, from_draws
from mlpipe.metrics.redraw import redraw
from mlpipe.monitor.estimate.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    import pandas as pd

    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.business import Business
    from mlpipe.metrics.outcomes import Outcomes

    Worth = Callable[[Array, Array], Array]

__all__ = ["WATCHED", "unwatched_worths", "worths"]

_CELLS, _NUMBERS = ("value", "matrix"), "cost"
"""Kinds of business metrics that are a mean over rows. What a capacity is worth depends on how
many rows there are, and customers answer later: neither is watched."""

WATCHED = (*_CELLS, _NUMBERS)
"""Kinds of business metrics that are watched."""

TIMES = 1000
"""Resamples of the mean of the rows."""


def unwatched_worths(business: Mapping[str, Business]) -> list[str]:
    """Return a note for each business metric that is not watched."""
    return [
        f"{name} is not watched: it is no mean over rows"
        for name, each in business.items()
        if each.kind not in WATCHED
    ]


def worths(
    business: Mapping[str, Business],
    frame: pd.DataFrame,
    pred: Array,
    classes: Sequence[Any],
    reference: Mapping[str, Any],
    margins: Mapping[str, float],
) -> Iterator[Quantity]:
    """Yield the value of a thousand predictions by each business metric that is a mean over rows.

    Parameters
    ----------
    business : mapping of str to Business
    frame : DataFrame, n rows
        With the columns that the values read.
    pred : array, shape (n,)
        Codes, or numbers.
    classes : sequence
        In the order of their codes; empty of a regression.
    reference : mapping
        name -> ``value``, ``low``, ``high`` and ``definition`` at training; of another definition
        it is another value.
    margins : mapping
        name -> how much worse is still fine.

    Raises
    ------
    DataError
        A column holds no numbers, or a matrix names a class that there is not.
    """
    for name, each in business.items():
        wanted = _CELLS if len(classes) else (_NUMBERS,)
        if each.kind not in wanted or not set(each.columns) <= set(frame):
            continue
        worth = _worth(name, each, frame, pred, classes)
        definition = each.model_dump(mode="json", exclude_defaults=True)
        was = reference.get(name)
        yield Quantity(
            f"business.{name}",
            name,
            "business",
            True,
            _formula(worth),
            _realised(worth),
            reference=was if was and was["definition"] == definition else None,
            margin=margins.get(name, 0.0),
            unit=f"{each.currency or 'value'} a 1,000",
            estimable=each.kind != _NUMBERS,
            of={"definition": definition},
        )


def _worth(
    name: str, each: Business, frame: pd.DataFrame, pred: Array, classes: Sequence[Any]
) -> Worth:
    """Return the function of what each row is worth, by what is true of it and its position."""
    try:
        columns = amounts_in(frame, each.columns)
        if each.kind == _NUMBERS:
            return _of_numbers(each, columns, pred)
        return _of_cells(_by_truth(each, columns, pred, classes))
    except DataError as error:
        at = f"evaluate.business.{name}"
        raise DataError(*(replace(one, key=f"{at}: {one.key}") for one in error.problems)) from None


def _by_truth(
    business: Business, columns: Mapping[str, Array], pred: Array, classes: Sequence[Any]
) -> Array:
    """Return what each row is worth by what turns out to be true of it, shape (n, classes)."""
    import numpy as np

    rows = np.arange(len(pred))
    each = [
        business.choices(np.full(len(pred), code), columns, classes)[rows, pred]
        for code in range(len(classes))
    ]
    return np.column_stack(each)


def _of_cells(table: Array) -> Worth:
    import numpy as np

    # A class that the model never saw is worth nothing.
    known = np.column_stack([table, np.zeros(len(table))])

    def worth(y: Array, rows: Array) -> Array:
        return np.asarray(known[rows, y])

    return worth


def _of_numbers(each: Business, columns: Mapping[str, Array], pred: Array) -> Worth:
    def worth(y: Array, rows: Array) -> Array:
        here = {name: values[rows] for name, values in columns.items()}
        return each.errors(y, pred[rows], here)

    return worth


def _mean(worth: Array, weight: Array) -> Array:
    """Return a thousand times the mean; rows without a value do not count."""
    import numpy as np

    counts = np.isfinite(worth)
    mass = (weight * counts).sum(axis=-1)
    return 1000 * share((weight * np.where(counts, worth, 0.0)).sum(axis=-1), mass)


def _formula(worth: Worth) -> Callable[..., Array]:
    def formula(y: Array, rows: Array, _: Array | None, weight: Array) -> Array:
        return _mean(worth(y, rows), weight)

    return formula


def _realised(worth: Worth) -> Callable[[Outcomes, Array, int], Estimate]:
    """Return the function of the figure of labelled rows, with a percentile interval."""

    def realise(truth: Outcomes, rows: Array, seed: int) -> Estimate:
        import numpy as np

        each = worth(truth.y, rows)
        value = float(_mean(each, np.ones(len(each))))
        if not np.isfinite(value):
            return Estimate(None, why="no row has a value")
        return from_draws(Estimate(value), redraw(_mean, [each], times=TIMES, seed=seed))

    return realise
