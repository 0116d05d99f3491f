"""Cells that hold an error in an xlsb file: its parts are streams of binary records.

The record types are those of Microsoft's [MS-XLSB], section 2.3.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ERROR_WORDS", "xlsb_errors", "xlsb_parts"]

_ROW, _CELL_ERROR, _FORMULA_ERROR, _SHEET = 0, 3, 11, 156

ERROR_WORDS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
"""What Excel shows for the code of an error."""


def xlsb_parts(book: bytes) -> dict[str, str]:
    """Return the relation of each sheet by its name, from ``workbook.bin``."""
    parts = {}
    for kind, body in _records(book):
        if kind == _SHEET:
            relation, at = _text(body, 8)
            parts[_text(body, at)[0]] = relation
    return parts


def xlsb_errors(sheet: bytes) -> dict[int, dict[int, str]]:
    """Return what is shown in cells that hold an error, by row from 1 and column from 0."""
    errors: dict[int, dict[int, str]] = defaultdict(dict)
    line = 0
    for kind, body in _records(sheet):
        if kind == _ROW:
            line = int(struct.unpack_from("<I", body)[0]) + 1
        elif kind in {_CELL_ERROR, _FORMULA_ERROR}:
            column = struct.unpack_from("<I", body)[0]
            errors[line][column] = ERROR_WORDS.get(body[8], "#ERROR")
    return errors


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        kind, at = _number(data, at, most=2)
        size, at = _number(data, at, most=4)
        yield kind, data[at : at + size]
        at += size


def _number(data: bytes, at: int, most: int) -> tuple[int, int]:
    """Read a number of seven bits a byte, the lowest first; the eighth says that more follow."""
    value = 0
    for position in range(most):
        byte = data[at + position]
        value |= (byte & 0x7F) << (7 * position)
        if byte < 0x80:
            break
    return value, at + position + 1


def _text(body: bytes, at: int) -> tuple[str, int]:
    length = struct.unpack_from("<I", body, at)[0]
    end = at + 4 + 2 * length
    return body[at + 4 : end].decode("utf-16-le"), end
