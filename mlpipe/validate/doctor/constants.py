"""Columns that are the same in all rows but a handful."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.validate.doctor.finding import Finding, ignoring, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlpipe.validate.doctor.rows import Rows

__all__ = ["nearly_constant"]

PER_MILLE = 999


def nearly_constant(rows: Rows) -> Iterator[Finding]:
    """Yield features of which at least 99.9 % are one value, missing counts as one, but not all.

    What holds one value only is said by the checks already.
    """
    for column in rows.features():
        counts = column.counts
        missing = rows.count - int(counts.sum())
        most = max(int(counts.max(initial=0)), missing)
        if most == rows.count or most * 1000 < PER_MILLE * rows.count:
            continue
        others = rows.count - most
        value = "missing" if most == missing else repr(column.value(int(counts.argmax())))
        what = "one value" if rows.hides(column.name) else value
        yield Finding(
            "nearly_constant",
            (column.name,),
            f"{column.name} is {what} in all but {others:,} of {rows.count:,} rows "
            f"({percent(most, rows.count)})",
            f"{ignoring([column.name])}: there is too little to learn from it",
            {"rows": rows.count, "others": others},
        )
