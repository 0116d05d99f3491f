"""What a chunk counted of a column, as a record keeps it: enough to be added to other chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.table.bins import add

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Side = Mapping[str, Any]

__all__ = ["fits", "is_count", "is_counted", "packed", "together", "uncounted", "unpacked"]

_LISTS = ("counts", "moments")

_MOST_ROWS = 2**53
"""Rows that a float still counts one by one; nobody has as many."""

_DIGITS = 40
"""Of a sum of 64-bit numbers over as many rows: what is longer was never counted."""


def packed(side: Side, *, leaning: bool) -> dict[str, Any]:
    """Return the counts of a column in a chunk, a line of text an aspect.

    Parameters
    ----------
    side : mapping
        ``rows``, ``nulls``, ``counts`` and, of ordered values, ``moments``.
    leaning : bool
        Whether the chunk by itself leans towards a move.

    >>> packed({"rows": 9, "nulls": 1, "counts": {"value": [3, 5]}}, leaning=False)
    {'rows': 9, 'nulls': 1, 'counts': {'value': '3 5'}, 'moments': {}, 'leans': False}
    """
    lists = {
        key: {aspect: " ".join(map(str, each)) for aspect, each in side.get(key, {}).items()}
        for key in _LISTS
    }
    return {"rows": side["rows"], "nulls": side["nulls"], **lists, "leans": leaning}


def unpacked(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the side that was packed."""
    lists = {
        key: {aspect: [int(each) for each in text.split()] for aspect, text in kept[key].items()}
        for key in _LISTS
    }
    return {"rows": kept["rows"], "nulls": kept["nulls"], **lists}


def together(kept: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what several chunks counted of a column, added up."""
    first, *more = map(unpacked, kept)
    for each in more:
        first = add(first, each)
    return first


def uncounted(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record, or a chunk of the report, without what it counted: nobody reads that."""
    return {key: value for key, value in row.items() if key != "counts"}


def fits(kept: Mapping[str, Any], reference: Side) -> bool:
    """Whether counts are those of the reference's bins."""
    return all(
        {aspect: len(text.split()) for aspect, text in kept[key].items()}
        == {aspect: len(each) for aspect, each in reference.get(key, {}).items()}
        for key in _LISTS
    )


def is_counted(kept: Any) -> bool:
    """Whether what was read back are the counts of a column: of its rows, and no more of them."""
    if not isinstance(kept, dict) or not isinstance(kept.get("leans"), bool):
        return False
    if not all(is_count(kept.get(key)) for key in ("rows", "nulls")):
        return False
    if not all(_are_numbers(kept.get(key)) for key in _LISTS):
        return False
    counts = [[int(each) for each in text.split()] for text in kept["counts"].values()]
    counts.append([kept["nulls"]])
    return all(min(each, default=0) >= 0 and sum(each) <= kept["rows"] for each in counts)


def is_count(value: Any) -> bool:
    """Whether a value is a number of rows, or of what there is no more of than rows."""
    known = isinstance(value, int) and not isinstance(value, bool)
    return known and 0 <= value <= _MOST_ROWS


def _are_numbers(lists: Any) -> bool:
    if not isinstance(lists, dict):
        return False
    return all(
        isinstance(text, str) and all(map(_is_number, text.split())) for text in lists.values()
    )


def _is_number(text: str) -> bool:
    digits = text.removeprefix("-")
    return text.isascii() and digits.isdigit() and len(digits) <= _DIGITS
