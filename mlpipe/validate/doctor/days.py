"""How many rows are on each day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlpipe.metrics.arrays import Array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.validate.doctor.column import Column

__all__ = ["Days", "days_of", "is_date"]

HALF_A_YEAR = 183


@dataclass(frozen=True, eq=False)
class Days:
    """Days since 1970-01-01, ascending, and how many rows are on each; no day without a row."""

    days: Array
    counts: Array

    @property
    def count(self) -> int:
        """How many rows there are."""
        return int(self.counts.sum())

    def at(self, day: int) -> int:
        """Return how many rows are on a day."""
        return int(self.counts[self.days == day].sum())

    def most_around(self, day: int) -> int:
        """Return the most rows of another day within half a year."""
        import numpy as np

        near = (np.abs(self.days - day) <= HALF_A_YEAR) & (self.days != day)
        return int(self.counts[near].max(initial=0))

    def without(self, days: Sequence[int]) -> Days:
        """Return all but these days."""
        import numpy as np

        kept = ~np.isin(self.days, list(days))
        return Days(self.days[kept], self.counts[kept])

    def on_new_year(self) -> tuple[int, Array]:
        """Return the rows on a 1 January, and those on each other day of the year."""
        import numpy as np

        dates = self.days.astype("datetime64[D]")
        of_year = (dates - dates.astype("datetime64[Y]")).astype(np.int64)
        by_day = np.bincount(of_year, self.counts, minlength=366).astype(np.int64)
        return int(by_day[0]), by_day[1:][by_day[1:] > 0]

    @staticmethod
    def number(text: str) -> int:
        """Return the number of a day in ISO form."""
        import numpy as np

        return int(np.datetime64(text, "D").astype(np.int64))

    @staticmethod
    def text(day: int) -> str:
        """Return a day in ISO form."""
        import numpy as np

        return str(np.datetime64(day, "D"))


def is_date(column: Column) -> bool:
    """Whether it holds dates or timestamps by type."""
    from pyarrow import types

    kind = column.levels.type
    return bool(types.is_date(kind) or types.is_timestamp(kind))


def days_of(column: Column) -> Days:
    """Return how many rows of a date column are on each day."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import types

    levels = column.levels
    if types.is_timestamp(levels.type):
        levels = levels.cast(pa.timestamp("us"))
    day = levels.to_numpy(zero_copy_only=False).astype("datetime64[D]").astype(np.int64)
    days, place = np.unique(day, return_inverse=True)
    counts = np.zeros(len(days), np.int64)
    np.add.at(counts, place, column.counts)
    there = counts > 0
    return Days(days[there], counts[there])
