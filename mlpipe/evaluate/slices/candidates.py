"""The slices that a scan looks at, and the sums of their losses: one pass for each pair."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from mlpipe.evaluate.slices.coded import Column, column_for
from mlpipe.metrics.arrays import Array

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mlpipe.evaluate.slices.cut import Axis

__all__ = ["MOST_COLUMNS", "Candidates", "Coded", "Rows", "coded_columns", "look"]

_MOST_VALUES = 50
MOST_COLUMNS = 40
"""Of more columns, pairs are looked at among the first ones only."""


class Rows(NamedTuple):
    """What is summed over the rows of a slice, each of shape (n,).

    Attributes
    ----------
    loss : array
        Less its mean over all rows, so that squares keep their digits.
    positive : array of bool or None
        None where the task is not binary.
    weight : array or None
    """

    loss: Array
    positive: Array | None
    weight: Array | None


@dataclass(frozen=True)
class Coded:
    """A column as small codes.

    Attributes
    ----------
    name : str
    codes : array of int, shape (n,)
        ``len(values)`` for rows whose value is too rare to be a slice.
    values : list
        As JSON.
    note : str
        How it was cut, where the spec does not say.
    """

    name: str
    codes: Array
    values: list[Any]
    note: str = ""


@dataclass(frozen=True)
class Candidates:
    """Sums over the slices that are looked at, each array of shape (m,).

    Attributes
    ----------
    first, second : array of int
        Which column; the second is −1 where there is one only.
    here, there : array of int
        The code in it.
    rows, positives : array
    weight, weights2 : array
        Sums of the weights, and of their squares.
    loss, moment, square : array
        Sums of weight × loss, weight² × loss and weight² × loss².
    """

    first: Array
    second: Array
    here: Array
    there: Array
    rows: Array
    positives: Array
    weight: Array
    weights2: Array
    loss: Array
    moment: Array
    square: Array

    def __len__(self) -> int:
        """Count the slices."""
        return len(self.rows)

    def take(self, which: Array) -> Candidates:
        """Return some of them, by mask or positions."""
        return Candidates(**{name: values[which] for name, values in vars(self).items()})

    def mask(self, place: int, columns: Sequence[Coded]) -> Array:
        """Return the rows of one slice, shape (n,)."""
        rows: Array = columns[int(self.first[place])].codes == self.here[place]
        if self.second[place] >= 0:
            rows = rows & (columns[int(self.second[place])].codes == self.there[place])
        return rows

    def value(self, place: int, columns: Sequence[Coded]) -> dict[str, Any]:
        """Return the slice as the report names it: column to value."""
        pairs = [(self.first[place], self.here[place]), (self.second[place], self.there[place])]
        return {
            columns[int(column)].name: columns[int(column)].values[int(code)]
            for column, code in pairs
            if column >= 0
        }


def coded_columns(
    axes: Sequence[Axis], frame: pd.DataFrame, every: pd.DataFrame, fewest: int
) -> tuple[list[Coded], list[str]]:
    """Return the columns that have slices of enough rows, and the names of the others.

    Parameters
    ----------
    axes : sequence of str or Cut
    frame : DataFrame, n rows
        The rows that are judged.
    every : DataFrame
        All rows of all parts, for the edges of bins.
    fewest : int
        Rows that a slice must have.
    """
    found, left_out = [], []
    for axis in axes:
        coded = _frequent(column_for(axis, every), frame, fewest)
        if coded is None:
            left_out.append(axis if isinstance(axis, str) else axis.column)
        else:
            found.append(coded)
    return found, left_out


def look(
    columns: Sequence[Coded], rows: Rows, *, depth: int, fewest: tuple[int, int]
) -> Candidates:
    """Return the sums of every slice that is large enough, and leaves a rest that is.

    The same rows are looked at once, however many values name them: a plan and its fee, or a pair
    that has all rows of one of its two values.

    Parameters
    ----------
    columns : sequence of Coded
    rows : Rows
    depth : {1, 2}
    fewest : (int, int)
        Rows and positives that a slice must have.
    """
    terms = _terms(rows)
    single = [_sums(terms, (place, -1), columns) for place in range(len(columns))]
    found = [_enough(each, len(rows.loss), fewest) for each in single]
    pairs = combinations(range(min(len(columns), MOST_COLUMNS)), 2) if depth > 1 else ()
    for first, second in pairs:
        crossed = _sums(terms, (first, second), columns)
        parents = (single[first].rows[crossed.here], single[second].rows[crossed.there])
        new = (crossed.rows < parents[0]) & (crossed.rows < parents[1])
        found.append(_enough(crossed.take(new), len(rows.loss), fewest))
    return _each_once(_joined(found))


def _frequent(column: Column, frame: pd.DataFrame, fewest: int) -> Coded | None:
    """Keep the values that are frequent enough; None where they part no rows."""
    import numpy as np

    codes, values = column.codes(frame)
    counts = np.bincount(codes, minlength=len(values))
    kept = list(np.argsort(-counts, kind="stable")[:_MOST_VALUES].tolist())
    kept = [code for code in kept if counts[code] >= fewest]
    if not kept or counts[kept[0]] == len(codes):
        return None
    place = np.full(len(values), len(kept))
    place[kept] = np.arange(len(kept))
    return Coded(column.name, place[codes], [values[code] for code in kept], column.note)


def _terms(rows: Rows) -> dict[str, Array]:
    """Return what is summed, each of shape (n,); without weights, counts stand for theirs."""
    terms = {} if rows.positive is None else {"positives": rows.positive.astype(float)}
    loss, weight = rows.loss, rows.weight
    if weight is None:
        return {**terms, "loss": loss, "square": loss * loss}
    twice = weight * weight
    return {
        **terms,
        "weight": weight,
        "weights2": twice,
        "loss": weight * loss,
        "moment": twice * loss,
        "square": twice * loss * loss,
    }


def _sums(
    terms: Mapping[str, Array], which: tuple[int, int], columns: Sequence[Coded]
) -> Candidates:
    """Return the sums of each value, or of each pair of values, rare ones left out."""
    import numpy as np

    first, second = which
    codes, wide = columns[first].codes, 1
    if second >= 0:
        wide = len(columns[second].values) + 1
        codes = codes * wide + columns[second].codes
    size = (len(columns[first].values) + 1) * wide

    count = np.bincount(codes, minlength=size).astype(float)
    summed = {name: np.bincount(codes, each, minlength=size) for name, each in terms.items()}
    place = np.arange(size)
    found = Candidates(
        first=np.full(size, first),
        second=np.full(size, second),
        here=place // wide,
        there=place % wide,
        rows=count,
        positives=summed.get("positives", count),
        weight=summed.get("weight", count),
        weights2=summed.get("weights2", count),
        loss=summed["loss"],
        moment=summed.get("moment", summed["loss"]),
        square=summed["square"],
    )
    known = found.here < len(columns[first].values)
    return found.take(known & (found.there < wide - 1) if second >= 0 else known)


def _enough(each: Candidates, total: int, fewest: tuple[int, int]) -> Candidates:
    least, positives = fewest
    enough = (each.rows >= least) & (total - each.rows >= least) & (each.positives >= positives)
    return each.take(enough)


def _joined(found: Sequence[Candidates]) -> Candidates:
    import numpy as np

    names = Candidates.__dataclass_fields__
    return Candidates(
        **{
            name: np.concatenate([getattr(each, name) for each in found] or [np.zeros(0)])
            for name in names
        }
    )


def _each_once(found: Candidates) -> Candidates:
    """Keep the first of slices with the same sums: added up in the same order, of the same rows."""
    import numpy as np

    sums = np.column_stack([found.rows, found.positives, found.loss, found.square])
    _, first = np.unique(sums, axis=0, return_index=True)
    return found.take(np.sort(first))
