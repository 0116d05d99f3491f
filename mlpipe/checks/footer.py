"""What the footer of a Parquet file knows of its columns: nulls, the least and the most value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from math import isnan
from typing import TYPE_CHECKING, Any

from mlpipe.checks.scan import Count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mlpipe.checks.check import Check

__all__ = ["Known", "answered", "footer"]


@dataclass(frozen=True)
class Known:
    """What is known of a column, exactly; None where the footer leaves it open.

    A column of missing values alone has ends too: both are None.
    """

    rows: int
    nulls: int | None
    low: Any = None
    high: Any = None
    has_ends: bool = False


def footer(path: Path) -> dict[str, Known]:
    """Return what is known of each flat column.

    Ends of text and bytes are left out: a writer may cut them short.
    """
    import pyarrow.parquet as pq

    metadata = pq.read_metadata(path)
    groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
    names = [metadata.schema.column(at).path for at in range(metadata.num_columns)]
    return {
        name: _known(metadata.num_rows, [group.column(at) for group in groups])
        for at, name in enumerate(names)
        if metadata.schema.column(at).max_repetition_level == 0
    }


def _known(rows: int, chunks: Sequence[Any]) -> Known:
    found = [chunk.statistics for chunk in chunks]
    if any(each is None or not each.has_null_count for each in found):
        return Known(rows, None)
    nulls = sum(each.null_count for each in found)
    filled = [
        each
        for each, chunk in zip(found, chunks, strict=True)
        if each.null_count < chunk.num_values
    ]
    text = any(chunk.physical_type in ("BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY") for chunk in chunks)
    if text or not all(each.has_min_max for each in filled):
        return Known(rows, nulls)
    ends = [(each.min, each.max) for each in filled]
    if any(isinstance(end, float) and isnan(end) for pair in ends for end in pair):
        return Known(rows, nulls)
    low = min((least for least, _ in ends), default=None)
    return Known(rows, nulls, low, max((most for _, most in ends), default=None), has_ends=True)


def answered(check: Check, known: Mapping[str, Known]) -> Count | None:
    """Return the count of a check that the footer answers, exactly; None where it does not.

    It always knows how many values are missing, and that none is beyond a bound where the least
    or the most value is not. A file of floats that are no numbers (NaN) has no ends.
    """
    found = known.get(check.column or "")
    if found is None or check.when or found.nulls is None:
        return None
    if check.check == "nullable":
        return Count(found.rows, found.nulls, None)
    if check.check not in ("min", "max") or not found.has_ends or found.low is None:
        return None
    end = found.low if check.check == "min" else found.high
    bound = _like(end, check.expected)
    if bound is None or (end < bound if check.check == "min" else end > bound):
        return None
    return Count(found.rows, 0, end)


def _like(end: Any, bound: Any) -> Any:
    """Return a bound of the spec as a value that compares with an end; None where none does."""
    if isinstance(end, bool) or isinstance(bound, bool):
        return None
    if isinstance(end, int | float) and isinstance(bound, int | float):
        return bound
    if not isinstance(end, date) or not isinstance(bound, str):
        return None
    moment = datetime.fromisoformat(bound)
    if not isinstance(end, datetime):
        return moment.date() if moment == datetime.combine(moment.date(), time()) else None
    return moment if end.tzinfo is None and moment.tzinfo is None else None
