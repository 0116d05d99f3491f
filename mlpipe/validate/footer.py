"""What the footer of a Parquet file knows of its columns: nulls, the least and the most value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Known", "footer"]


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
        each for each, chunk in zip(found, chunks, strict=True) if each.null_count < chunk.num_values
    ]
    text = any(chunk.physical_type in ("BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY") for chunk in chunks)
    if text or not all(each.has_min_max for each in filled):
        return Known(rows, nulls)
    ends = [(each.min, each.max) for each in filled]
    if any(end != end for pair in ends for end in pair):  # NaN
        return Known(rows, nulls)
    low = min((least for least, _ in ends), default=None)
    return Known(rows, nulls, low, max((most for _, most in ends), default=None), has_ends=True)
