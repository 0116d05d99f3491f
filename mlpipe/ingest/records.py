"""Walk the records of a CSV file by bytes, to say which line a record stands on.

The engine reads; this only finds again what it read, for the few rows that are bad.
A record may span lines, and the engine's own line numbers count records.
"""

from __future__ import annotations

import mmap
import re
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Records"]

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


class Records:
    """The records of a plain UTF-8 file, by position in the file.

    Parameters
    ----------
    path : Path
        A non-empty file.
    delimiter, quote : str
        As in the dialect; an empty quote means no quoting.
    """

    def __init__(self, path: Path, delimiter: str, quote: str) -> None:
        self._file = path.open("rb")
        self.data = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        self._delimiter = delimiter.encode()
        self._field = re.compile(_field(delimiter, quote))
        self._pattern = _record_pattern(delimiter, quote)
        start = len(_BOM) if self.data[:3] == _BOM else 0
        self._start = start
        self.blank_before_first = 0
        while ending := _LINE_END.match(self.data, self._start):
            self._start = ending.end()
            self.blank_before_first += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.data.close()
        self._file.close()

    def spans(self, *, keep_blank: bool = False) -> Iterator[tuple[int, int]]:
        """Yield the first and last byte offset of each record, blank lines left out."""
        position, size = self._start, len(self.data)
        while position < size:
            found = self._pattern.match(self.data, position)
            if found is None:  # an unclosed quote: the rest is one record
                yield position, size
                return
            if found.end(1) > position or keep_blank:
                yield position, found.end(1)
            position = found.end()

    def head(self, most: int) -> list[str]:
        """Return the text of the first records."""
        texts = []
        for start, end in self.spans():
            texts.append(self.text(start, end))
            if len(texts) == most:
                break
        return texts

    def text(self, start: int, end: int, most: int = 1 << 20) -> str:
        """Return the text between two offsets."""
        return self.data[start : min(end, start + most)].decode("utf-8", errors="replace")

    def span_at(self, offset: int) -> tuple[int, int]:
        """Return the span of the record that starts at an offset."""
        found = self._pattern.match(self.data, offset)
        return (offset, found.end(1)) if found else (offset, len(self.data))

    def width(self, start: int, end: int) -> int:
        """Return how many fields a record has, by the rule that set its ends."""
        count, position = 1, start
        while field := self._field.match(self.data, position, end):
            if field.end() >= end:
                break
            count, position = count + 1, field.end() + len(self._delimiter)
        return count

    def first_of(self, offset: int) -> int:
        """Return the offset of the record that starts there, past blank lines before it."""
        while ending := _LINE_END.match(self.data, offset):
            offset = ending.end()
        return offset

    def line_ends(self, start: int, end: int) -> int:
        """Count the line ends between two offsets."""
        return len(_LINE_END.findall(self.data[start:end]))

    def lines(self, offsets: list[int]) -> list[int]:
        """Return the physical line, from 1, of each of the sorted offsets."""
        found: list[int] = []
        line, position = 1, 0
        for offset in offsets:
            line += sum(1 for _ in _LINE_END.finditer(self.data, position, offset))
            position = offset
            found.append(line)
        return found


def _record_pattern(delimiter: str, quote: str) -> re.Pattern[bytes]:
    """Match one record as group 1, and its line end."""
    if not quote:
        return re.compile(rb"([^\r\n]*)(?:\r\n|\n|\r|\Z)")
    field, comma = _field(delimiter, quote), re.escape(delimiter.encode())
    return re.compile(rb"(%b(?:%b%b)*+)(?:\r\n|\n|\r|\Z)" % (field, comma, field))


def _field(delimiter: str, quote: str) -> bytes:
    """Return the pattern of one field."""
    comma = re.escape(delimiter.encode())
    rest = rb"(?:(?!%b)[^\r\n])*+" % comma
    if not quote:
        return rest
    mark = re.escape(quote.encode())
    quoted = rb" *%b(?:[^%b]|%b%b)*+%b%b" % (mark, mark, mark, mark, mark, rest)
    # A quote opens a quoted field only at the start of it: 5" is a plain field.
    return rb"(?:%b|(?! *%b)%b)" % (quoted, mark, rest)
