"""Numbers that stand for something else: a code for missing, or the end of a scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.table.session import identifier
from mlpipe.validate.doctor.finding import Finding, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlpipe.metrics.arrays import Array
    from mlpipe.validate.doctor.column import Column
    from mlpipe.validate.doctor.rows import Rows

__all__ = ["sentinels"]

COMMON = frozenset({0, -1, 9, -9})
"""Codes that are numbers of everyday too: of these it takes 1 % of the rows, not 0.2 %."""

CODES = COMMON | {sign * (10**digits - 1) for digits in range(2, 9) for sign in (1, -1)} | {
    8888, -8888, 99.9, 999.9, -99.9, -999.9,
}  # fmt: skip
FEWEST_ROWS, FEWEST_LEVELS = 5, 10
FAR = 3
CAPPED_LEVELS, CAPPED_ROWS, CAPPED_TIMES = 100, 20, 10


def sentinels(rows: Rows) -> Iterator[Finding]:
    """Yield numbers with a code at the edge of their range, and those piled up at their top."""
    target = rows.target
    for column in [*rows.features(), *([target] if target is not None else [])]:
        if not column.is_number or len(column.levels) < FEWEST_LEVELS:
            continue
        counts = column.counts
        numbers = column.levels.to_numpy(zero_copy_only=False)[counts > 0]
        counts = counts[counts > 0]
        codes, numbers, counts = _codes(numbers, counts)
        if codes and column is not target:
            yield _sentinel(column, codes)
        yield from _capped(column, numbers, counts, hidden=rows.hides(column.name))


def _codes(numbers: Array, counts: Array) -> tuple[dict[float, int], Array, Array]:
    """Take codes off both ends, one after the other; return them and what is left."""
    found: dict[float, int] = {}
    while len(numbers) > FEWEST_LEVELS:
        for place, rest in ((0, slice(1, None)), (-1, slice(None, -1))):
            value = numbers[place].item()
            if _is_code(value, int(counts[place]), numbers[rest], counts[rest]):
                found[value] = int(counts[place])
                numbers, counts = numbers[rest], counts[rest]
                break
        else:
            break
    return found, numbers, counts


def _is_code(value: float, count: int, rest: Array, counts: Array) -> bool:
    """Whether an end of the range is a code: its rows are many, and nothing else is near it."""
    whole = count + int(counts.sum())
    per_mille = 10 if value in COMMON else 2
    if value not in CODES or count < FEWEST_ROWS or count * 1000 < per_mille * whole:
        return False
    if value < 0 <= rest[0]:  # the only negative number
        return True
    low, high = _quartile(rest, counts, 1), _quartile(rest, counts, 3)
    gap = max(float(rest[0]) - value, value - float(rest[-1]))
    beyond = max(low - value, value - high)
    if low == high:
        return gap * 2 >= float(rest[-1]) - float(rest[0])
    return beyond >= FAR * (high - low) and gap >= high - low


def _quartile(numbers: Array, counts: Array, which: int) -> float:
    import numpy as np

    place = np.searchsorted(np.cumsum(counts) * 4, which * int(counts.sum()))
    return float(numbers[min(int(place), len(numbers) - 1)])


def _sentinel(column: Column, codes: dict[float, int]) -> Finding:
    shown = ", ".join(f"{_written(value)} ({count:,} rows)" for value, count in codes.items())
    name, there = identifier(column.name), int(column.present.sum())
    sql = name
    for value in codes:
        sql = f"nullif({sql}, {_written(value)})"
    return Finding(
        "sentinel",
        (column.name,),
        f"{column.name} has numbers that look like a code for missing: {shown}, "
        f"{percent(sum(codes.values()), there)} of its values, far from all others",
        f"in ingest.sql: {sql} as {name}, or nulls: of its source",
        {"codes": {_written(value): count for value, count in codes.items()}, "rows": there},
    )


def _written(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(value)


def _capped(column: Column, numbers: Array, counts: Array, *, hidden: bool) -> Iterator[Finding]:
    if len(numbers) < CAPPED_LEVELS:
        return
    top, below, whole = int(counts[-1]), int(counts[-11:-1].max()), int(counts.sum())
    if top >= CAPPED_ROWS and top * 100 >= whole and top >= CAPPED_TIMES * below:
        value = "its largest value" if hidden else _written(numbers[-1].item())
        yield Finding(
            "capped",
            (column.name,),
            f"{column.name}: {top:,} rows ({percent(top, whole)}) are at {value} exactly, the top "
            "of its range: what was greater has been cut off",
            "judge these rows apart (evaluate.slices), or leave them out with ingest.scope",
            {"rows": top, "of": whole, "most_below": below},
        )
