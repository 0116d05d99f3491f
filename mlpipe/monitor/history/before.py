"""Which records of other nights come before a window: what its verdict rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.monitor.chunks import CALENDAR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Record = Mapping[str, Any]

__all__ = ["MOST", "before", "changes", "merged", "replaced"]

MOST = 60
"""Chunks that are looked back on: two months of days, five years of months."""


def before(stored: Sequence[Record], new: Sequence[Record]) -> list[Record]:
    """Return the records that a window is judged with, in the order of time.

    Parameters
    ----------
    stored : sequence of mapping
        Whatever history holds, in any order.
    new : sequence of mapping
        The records of the window.

    Returns
    -------
    list of mapping
        At most the last `MOST` of those that are of the same reference profile and the same
        length of a chunk, begin before the window's last chunk, and are not there again in the
        window. So what comes later never changes what a night said.
    """
    if not new:
        return []
    last = max(each["period"] for each in new)
    same = [each for each in stored if _alike(each, new[0]) and each["period"] < last]
    found = [each for each in same if not any(replaced(each, one) for one in new)]
    return _once(found)[-MOST:]


def merged(stored: Sequence[Record], new: Sequence[Record]) -> list[Record]:
    """Return the earlier records that count and those of a window, in the order of time."""
    return sorted([*before(stored, new), *new], key=lambda each: each["period"])


def replaced(old: Record, new: Record) -> bool:
    """Whether a record stands for the same chunk as a newer one.

    A calendar period that the newer one covers is the same chunk. Of others it is the same
    start, or the same content: the same file, looked at on another day.
    """
    if not _alike(old, new):
        return False
    if old["every"] in CALENDAR:
        return bool(old["period"] <= new["until"] and new["period"] <= old["until"])
    return bool(old["period"] == new["period"] or old["content"] == new["content"])


def changes(stored: Mapping[str, Record], new: Sequence[Record]) -> tuple[list[Record], list[str]]:
    """Return what is to be written of a window, and the names of what it takes the place of.

    Parameters
    ----------
    stored : mapping
        The records that history holds, by the name of their file.
    new : sequence of mapping
        The records of the window.
    """
    there = list(stored.values())
    gone = [
        name
        for name, old in stored.items()
        if old not in new and any(replaced(old, each) for each in new)
    ]
    return [record for record in new if record not in there], gone


def _alike(a: Record, b: Record) -> bool:
    keys = ("profile", "every", "ordered_by")
    return all(a[key] == b[key] for key in keys)


def _once(rows: Sequence[Record]) -> list[Record]:
    """Drop what two machines wrote of the same chunk: the one that covers more stays.

    Where neither does, as of one file that was looked at on two days, the later one stays.
    """
    found: list[Record] = []
    longest_first = sorted(rows, key=lambda each: each["until"], reverse=True)
    for row in sorted(longest_first, key=lambda each: each["period"]):
        if found and row["every"] in CALENDAR and row["period"] <= found[-1]["until"]:
            continue
        if row["ordered_by"] == "as_of":
            found = [each for each in found if not _again(each, row)]
        found.append(row)
    return found


def _again(old: Record, new: Record) -> bool:
    return bool(old["content"] == new["content"] and old["period"][:10] != new["period"][:10])
