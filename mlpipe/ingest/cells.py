"""Cells of sources that say themselves what a value is: JSON, spreadsheets.

A cell is its exact text in a class that says what the source meant by it, a boolean, or None.
Nothing is a float on the way: ``0.10`` stays ``0.10`` until its column has a type.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlpipe.ingest.loaded import BadRow

__all__ = [
    "KINDS",
    "Batch",
    "Broken",
    "Cell",
    "Day",
    "Missing",
    "Moment",
    "Nested",
    "Real",
    "Whole",
    "batch_rows",
]


class Whole(str):
    """The text of a number without decimals or exponent."""

    __slots__ = ()


class Real(str):
    """The text of any other number."""

    __slots__ = ()


class Day(str):
    """The ISO text of a date."""

    __slots__ = ()


class Moment(str):
    """The ISO text of a date with a time and no zone."""

    __slots__ = ()


class Nested(str):
    """The exact JSON text of an object or a list."""

    __slots__ = ()


class Broken(str):
    """What stands where a value failed to be one: ``NaN``, ``#N/A``."""

    __slots__ = ()


Cell = str | bool | None

KINDS: dict[type, str] = {
    Whole: "integers",
    Real: "numbers",
    bool: "booleans",
    str: "strings",
    Day: "dates",
    Moment: "timestamps",
    Nested: "nested values",
}
"""What cells of a class are called in messages."""


@dataclass(frozen=True)
class Batch:
    """Some rows of a file, in order, and the bad ones that stood among them.

    Attributes
    ----------
    lines : list of int
        Where each row stands, from 1.
    rows : list of sequence of Cell
        Each as wide as the table.
    bad : list of BadRow
        Rows that do not fit the table.
    """

    lines: list[int]
    rows: list[Sequence[Cell]]
    bad: list[BadRow]


@dataclass(frozen=True)
class Missing:
    """Which texts mean missing, and whether spaces around them count."""

    words: frozenset[str]
    trim: bool

    def texts(self, cells: Sequence[Cell]) -> tuple[list[str | None], set[type]]:
        """Return the texts of a column, None where missing, and the classes of the others."""
        kinds = set(map(type, cells))
        texts: list[Any] = list(cells)
        if bool in kinds:
            texts = [_TRUTH[cell] if type(cell) is bool else cell for cell in texts]
        if str in kinds:
            texts = self._strings(texts, mixed=not kinds <= {str, type(None)})
            kinds = kinds if any(type(text) is str for text in texts) else kinds - {str}
        return texts, kinds - {type(None)}

    def _strings(self, texts: list[Any], *, mixed: bool) -> list[Any]:
        if not mixed and not self.trim:
            return [None if text in self.words else text for text in texts]
        return [self._string(text) if type(text) is str else text for text in texts]

    def means(self, text: str) -> bool:
        """Return whether a text means missing."""
        return self._string(text) is None

    def _string(self, text: str) -> str | None:
        text = text.strip(" ") if self.trim else text
        return None if text in self.words else text


class _Truth(str):
    __slots__ = ()


_TRUTH = {True: _Truth("true"), False: _Truth("false")}


def batch_rows(columns: int) -> int:
    """Return how many rows make a batch: few enough that their cells stay in the cache."""
    return max(16, min(1_024, 20_000 // max(columns, 1)))
