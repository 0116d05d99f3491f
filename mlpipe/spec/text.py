"""From the bytes of a spec to its text: size, encoding, and characters that mislead."""

import codecs
import re

from mlpipe.errors import Problem, SpecError
from mlpipe.spec.mark import Mark

__all__ = ["MAX_BYTES", "MISLEADING", "check_characters", "decode", "mark_at"]

MAX_BYTES = 2**20

MISLEADING = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u061b\u061d-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ud7ff"
    "\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""Control characters, marks of text direction, separators no editor shows, surrogates, BOMs."""

_BREAK = re.compile(r"\r\n|\r|\n")
_WIDE = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def decode(data: bytes, file: str) -> str:
    """Return the text of a spec, without a byte order mark.

    Raises
    ------
    SpecError
        Over 1 MiB, not UTF-8, or holding characters that a reader cannot see.
    """
    if len(data) > MAX_BYTES:
        raise SpecError(Problem("a spec is at most 1 MiB", file, hint="data belongs in data files"))
    if wide := _wide(data):
        hint = f"save it as UTF-8: iconv -f {wide} -t UTF-8"
        raise SpecError(Problem(f"the file is {wide}; a spec is UTF-8", file, hint=hint))
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SpecError(_not_utf8(data, file, error)) from None
    check_characters(text, file)
    return text


def _wide(data: bytes) -> str:
    """Name the encoding where the bytes are two or four a character."""
    for mark, name in _WIDE:
        if data.startswith(mark):
            return name
    head = data[:4]
    return "UTF-16" if len(head) == 4 and (head[::2] == b"\0\0") != (head[1::2] == b"\0\0") else ""


def _not_utf8(data: bytes, file: str, error: UnicodeDecodeError) -> Problem:
    before = data[: error.start].decode("utf-8")
    byte = data[error.start]
    surrogate = byte == 0xED and data[error.start + 1 : error.start + 2] >= b"\xa0"
    what = "an encoded surrogate" if surrogate else f"byte 0x{byte:02x}"
    place = str(mark_at(before, len(before), file))
    return Problem(f"{what} is not UTF-8", place, hint="save the file as UTF-8")


def check_characters(text: str, file: str) -> None:
    """Refuse characters that no editor shows, or that change the order of what it shows.

    Raises
    ------
    SpecError
        With the place of the first one.
    """
    found = MISLEADING.search(text)
    if found is None:
        return
    code = ord(found[0])
    escape = f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"
    hint = (
        f'delete it; if it is meant, write it as "{escape}" in double quotes'
        if code
        else "delete it"
    )
    place = str(mark_at(text, found.start(), file))
    raise SpecError(Problem(f"the character U+{code:04X} cannot be seen", place, hint=hint))


def mark_at(text: str, index: int, file: str) -> Mark:
    """Return line and column of a position in the text."""
    line, start = 1, 0
    for found in _BREAK.finditer(text, 0, index):
        line, start = line + 1, found.end()
    return Mark(file, line, index - start + 1)
