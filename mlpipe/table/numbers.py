"""Count numbers on frozen bins, batch by batch: exact, in any order, in bounded memory."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from mlpipe.table.session import Session

    Floats = npt.NDArray[np.float64]
    Whole = npt.NDArray[np.int64]

__all__ = ["SQUARE_BITS", "SUM_BITS", "Counts", "counted"]

SUM_BITS, SQUARE_BITS = 30, 40
"""Sums of floats depend on the order of addition. These are sums of integers: values in units
of 2^(scale - 30), their squares in units of 2^(2 scale - 40), where 2^scale holds the
reference's largest value. Values that do not fit 64 bits are left out, and seen by their number."""

BATCH = 65_536
"""Rows that are in memory at once: a few MB for a hundred columns, and little to wait for."""

_FITS = 2.0**63
_STRETCH = 2048
_EXACT = 2.0**53 / _STRETCH
"""So many whole numbers of less than this are added as floats without rounding."""

_FEW = 16
"""Periods of a batch that are counted one by one: what counts them together takes longer."""


class Counts:
    """The counts of one measured number, by period.

    Parameters
    ----------
    bins : dict
        ``edges`` and ``scale``.
    periods : int
        How many there are.

    Attributes
    ----------
    counts : array of int, shape (periods, edges + 3)
        As bins has them; missing values are in none.
    moments : array of object, shape (periods, 4)
        Number, sum, number of squares and squares, as whole numbers of any size.
    """

    def __init__(self, bins: dict[str, Any], periods: int) -> None:
        import numpy as np

        self._edges = [-math.inf, *bins["edges"], sys.float_info.max]
        self._unit = 2.0 ** (SUM_BITS - bins["scale"])
        self._root = 2.0 ** (SQUARE_BITS // 2 - bins["scale"])
        self.counts = np.zeros((periods, len(self._edges) + 1), dtype=np.int64)
        self.moments = np.zeros((periods, 4), dtype=object)

    def add(self, x: Floats, there: _Periods) -> None:
        """Count a batch, whose rows are in the order of their periods; NaN is missing."""
        import numpy as np

        above = [there.number(x > edge) for edge in self._edges]
        missing = np.isnan(x)
        present = there.lengths - there.number(missing)
        self.counts[there.codes] -= np.diff([present, *above, np.zeros_like(present)], axis=0).T
        x = np.where(missing, 0.0, x) if missing.any() else x
        with np.errstate(over="ignore", invalid="ignore"):
            root = x * self._root
            told = [*there.sums(x * self._unit, present), *there.sums(root * root, present)]
        self.moments[there.codes] += np.array(told, dtype=object).T


class _Periods:
    """Which stretches of a batch are of which period."""

    def __init__(self, codes: Whole) -> None:
        """Take the code of each row, in ascending order."""
        import numpy as np

        self.starts = np.r_[0, np.flatnonzero(np.diff(codes)) + 1]
        self.codes = codes[self.starts]
        self.lengths = np.diff(np.r_[self.starts, len(codes)])
        self._short = np.union1d(self.starts, np.arange(0, len(codes), _STRETCH))
        self._begin = np.searchsorted(self._short, self.starts)

    def number(self, which: npt.NDArray[np.bool_]) -> Whole:
        """Return how many rows are true, by period."""
        import numpy as np

        if len(self.starts) <= _FEW:
            ends = [*self.starts[1:], len(which)]
            spans = zip(self.starts, ends, strict=True)
            return np.array([np.count_nonzero(which[begin:end]) for begin, end in spans])
        found: Whole = np.add.reduceat(which, self.starts, dtype=np.int64)
        return found

    def sums(self, values: Floats, present: Whole) -> tuple[list[int], list[int]]:
        """Return how many values fit 64 bits when rounded, and their sums, by period.

        Missing ones are zero, and not among those that are `present`.
        """
        import numpy as np

        rounded = np.rint(values)
        if max(-rounded.min(), rounded.max()) < _EXACT:
            short = np.add.reduceat(rounded, self._short).astype(np.int64)
            return present.tolist(), np.add.reduceat(short, self._begin).tolist()
        fits = (rounded >= -_FITS) & (rounded < _FITS)
        whole = np.where(fits, rounded, 0.0).astype(np.int64)
        high, low = (
            np.add.reduceat(part, self.starts).tolist()
            for part in (whole >> 32, whole & (2**32 - 1))
        )
        number = (present - self.number(~fits)).tolist()
        return number, [(one << 32) + other for one, other in zip(high, low, strict=True)]


def counted(
    session: Session,
    source: str,
    numbers: Sequence[tuple[str, dict[str, Any]]],
    period: str | None,
    known: pa.Array,
) -> list[Counts]:
    """Count every number of a table in one scan that streams.

    The engine reads and casts a batch while numpy compares the one before it with ten edges, which
    takes a third of the time that the engine's own histogram takes.

    Parameters
    ----------
    session : Session
    source : str
        SQL of the table.
    numbers : sequence of (str, dict)
        SQL of a DOUBLE, in which null and NaN are missing, and its bins.
    period : str or None
        SQL of the period of a row.
    known : Arrow array
        All periods there are.

    Returns
    -------
    list of Counts
        In the order of `numbers`, by period in the order of `known`.
    """
    found = [Counts(bins, len(known)) for _, bins in numbers]
    if not found:
        return []
    wanted = [f"{sql} AS m{at}" for at, (sql, _) in enumerate(numbers)]
    wanted += [f"{period} AS period"] if period else []
    query = f"SELECT {', '.join(wanted)} FROM ({source})"  # noqa: S608
    for batch in _ahead(session.raw.execute(query).to_arrow_reader(BATCH)):
        if len(batch):
            _add(found, batch, known if period else None)
    return found


def _ahead(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield batches in their order, each next one being read meanwhile."""
    from concurrent.futures import ThreadPoolExecutor

    left = iter(batches)
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, left, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, left, None)
            yield batch


def _add(found: Sequence[Counts], batch: pa.RecordBatch, known: pa.Array | None) -> None:
    """Count a batch; its rows are brought into the order of their periods where they are not."""
    import numpy as np
    import pyarrow.compute as pc

    codes, order = np.zeros(1, dtype=np.int64), None
    if known is not None:
        codes = pc.index_in(batch.column("period"), known).to_numpy(zero_copy_only=False)
        if len(known) < 2**15:
            codes = codes.astype(np.int16)  # sorted in a quarter of the time
        if (np.diff(codes) < 0).any():
            order = np.argsort(codes, kind="stable")
            codes = codes[order]
    there = _Periods(codes if known is not None else np.zeros(len(batch), dtype=np.int64))
    for at, each in enumerate(found):
        x = batch.column(at).to_numpy(zero_copy_only=False)  # null becomes NaN
        each.add(x if order is None else x[order], there)
