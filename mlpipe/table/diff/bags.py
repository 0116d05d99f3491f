# ruff: noqa: S608 — the SQL of a side is ours, and every name in it is quoted by `identifier`.
"""Rows without a key: both sides as bags of whole rows, in which a row may stand many times.

The rows of both sides are grouped by all their values, those of one side counted up and those
of the other down; what does not come out at zero was added or removed. The engine finds a
group by its hash and then compares the values themselves, so two rows that share a hash never
pass for one; groups that do not fit in memory go to disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlpipe.table.diff.schema import Side
    from mlpipe.table.diff.types import Pair
    from mlpipe.table.session import Session

__all__ = ["write_surplus"]


def write_surplus(session: Session, sides: tuple[Side, Side], pairs: Sequence[Pair]) -> Path:
    """Write the rows that one side has more often than the other.

    Returns
    -------
    Path
        A file in the session's scratch: ``k0``, ``k1``, … (the compared values), ``change``
        (added or removed) and ``times``; its order is not that of anything.
    """
    names = ", ".join(f"k{at}" for at in range(len(pairs)))
    both = " UNION ALL ".join(
        f"SELECT {_values(pairs, at)}, {sign} AS sign FROM ({each.sql})"
        for at, (each, sign) in enumerate(zip(sides, (-1, 1), strict=True))
    )
    grouped = f"SELECT {names}, sum(sign)::BIGINT AS surplus FROM ({both}) GROUP BY {names}"
    path = session.path("surplus")
    session.copy(
        f"SELECT {names}, CASE WHEN surplus > 0 THEN 'added' ELSE 'removed' END AS change, "
        f"abs(surplus) AS times FROM ({grouped}) WHERE surplus <> 0",
        path,
        compression="lz4",
    )
    return path


def _values(pairs: Sequence[Pair], at: int) -> str:
    return ", ".join(f"{pair.values()[at]} AS k{number}" for number, pair in enumerate(pairs))
