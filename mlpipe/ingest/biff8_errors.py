"""Cells that hold an error in an xls file: a stream of records in a compound file.

The layouts are those of Microsoft's [MS-CFB], section 2, and [MS-XLS], section 2.4.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from typing import TYPE_CHECKING

from mlpipe.ingest.biff12_errors import ERROR_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["xls_errors"]

_BOUND_SHEET, _BOOL_OR_ERROR, _FORMULA, _END = 0x0085, 0x0205, 0x0006, 0x000A
_LAST = 0xFFFFFFFA
"""Sector numbers from here on are marks: the end of a chain, a free sector."""


def xls_errors(data: bytes, title: str) -> dict[int, dict[int, str]]:
    """Return what is shown in cells that hold an error, by row from 1 and column from 0.

    Parameters
    ----------
    data : bytes
        The whole file.
    title : str
        The name of the sheet.
    """
    book = _workbook(data)
    errors: dict[int, dict[int, str]] = defaultdict(dict)
    sheets = [body for kind, body in _records(book, 0) if kind == _BOUND_SHEET]
    starts = {_title(body): _integer(body, 0) for body in sheets}
    for kind, body in _records(book, starts[title]):
        code = _error_code(kind, body)
        if code is not None:
            row, column = struct.unpack_from("<HH", body)
            errors[row + 1][column] = ERROR_WORDS.get(code, "#ERROR")
    return errors


def _error_code(kind: int, body: bytes) -> int | None:
    if kind == _BOOL_OR_ERROR and body[7]:
        return body[6]
    if kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
        return body[8]
    return None


def _title(body: bytes) -> str:
    length, wide = body[6], body[7] & 1
    text = body[8 : 8 + length * (2 if wide else 1)]
    return text.decode("utf-16-le" if wide else "latin-1")


def _records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records from an offset to the end of their part, past parts inside it."""
    depth = 0
    while at + 4 <= len(book):
        kind, size = struct.unpack_from("<HH", book, at)
        if depth == 1:
            yield kind, book[at + 4 : at + 4 + size]
        depth += (kind == 0x0809) - (kind == _END)
        if depth == 0:
            return
        at += 4 + size


def _workbook(data: bytes) -> bytes:
    """Return the stream of the workbook out of the compound file."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    table = _table(data, size)
    folder = _chain(data, size, table, _integer(data, 48))
    entries = [folder[at : at + 128] for at in range(0, len(folder), 128)]
    named = {_name(entry): entry for entry in entries}
    entry = named.get("Workbook") or named["Book"]
    start, length = _integer(entry, 116), _integer(entry, 120)
    if length >= _integer(data, 56):
        return _chain(data, size, table, start)[:length]
    root = _chain(data, size, table, _integer(entries[0], 116))
    small = _numbers(_chain(data, size, table, _integer(data, 60)))
    return _chain(root, 64, small, start, first=0)[:length]


def _table(data: bytes, size: int) -> list[int]:
    """Return the table of what sector follows each."""
    sectors = [sector for sector in _numbers(data[76:512]) if sector < _LAST]
    following = _integer(data, 68)
    while following < _LAST:
        more = _numbers(data[(following + 1) * size : (following + 2) * size])
        sectors += [sector for sector in more[:-1] if sector < _LAST]
        following = more[-1]
    return [
        number
        for sector in sectors
        for number in _numbers(data[(sector + 1) * size : (sector + 2) * size])
    ]


def _chain(data: bytes, size: int, table: list[int], sector: int, first: int = 1) -> bytes:
    pieces: list[bytes] = []
    while sector < _LAST and len(pieces) <= len(table):
        pieces.append(data[(sector + first) * size : (sector + first + 1) * size])
        sector = table[sector]
    return b"".join(pieces)


def _name(entry: bytes) -> str:
    length = max(struct.unpack_from("<H", entry, 64)[0] - 2, 0)
    return entry[:length].decode("utf-16-le", errors="replace")


def _integer(data: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", data, at)[0])


def _numbers(data: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(data) // 4}I", data))
