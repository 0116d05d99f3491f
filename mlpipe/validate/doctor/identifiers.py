"""A column that names rows instead of describing them, among what may be features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.validate.doctor.correlated import correlation
from mlpipe.validate.doctor.finding import Finding, ignoring, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlpipe.validate.doctor.column import Column
    from mlpipe.validate.doctor.rows import Rows

__all__ = ["identifiers"]

FEWEST_ROWS = 100
DISTINCT = 0.95
FOLLOWS = 0.99


def identifiers(rows: Rows) -> Iterator[Finding]:
    """Yield strings and integers of which nearly each row has its own.

    Measurements are not meant: floats, text, and what ``columns.kinds`` calls a number.
    """
    for column in rows.features():
        declared = rows.roles.declared_kinds.get(column.name)
        if declared in ("number", "text") or column.kind == "text":
            continue
        if not column.is_string and not column.is_integer:
            continue
        there = int(column.present.sum())
        if there < FEWEST_ROWS or len(column.levels) <= DISTINCT * there:
            continue
        yield _finding(column, there, _follows(column, rows))


def _follows(column: Column, rows: Rows) -> str:
    """Return what its order follows: the time, the target or the order of the file."""
    there = column.present
    for name, said in ((rows.roles.time, "the time"), (rows.roles.target_name, "the target")):
        other = rows.columns.get(name or "")
        if other is not None and len(other.levels) > 1:
            both = there & other.present
            if abs(correlation(column.codes[both], other.codes[both])) >= FOLLOWS:
                return said
    follows = abs(correlation(column.codes[there], rows.positions[there])) >= FOLLOWS
    return "the order of the rows" if follows else ""


def _finding(column: Column, there: int, follows: str) -> Finding:
    name, distinct = column.name, len(column.levels)
    learned = f", and it follows {follows}" if follows else ""
    measured = f"; if it is measured: columns: {{kinds: {{number: [{name}]}}}}"
    otherwise = "" if column.is_string else measured
    return Finding(
        "identifier",
        (name,),
        f"{name} looks like an identifier: {distinct:,} distinct values in {there:,} rows "
        f"({percent(distinct, there)}){learned}",
        f"{ignoring([name])}, or name it in columns.key or columns.entity{otherwise}",
        {"distinct": distinct, "rows": there, "follows": follows},
    )
