"""The records of a JSON file one by one: objects on lines, or in one list, of any size."""

from __future__ import annotations

import codecs
import re
from json import JSONDecodeError
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from mlpipe.errors import DataError, Problem
from mlpipe.ingest.json_text import MOST_DEPTH, Decoder, depth, unfit_character

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Record", "line_records", "list_records"]

CHUNK = 1 << 20
MOST_RECORD = 32 << 20
"""How many characters one record may have."""

_SPACE = re.compile(r"[ \t\r\n]*")
_ESCAPED = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_AS_CSV = "declare `format: csv` if it is text with a delimiter"
_AS_LINES = "declare `format: jsonl` if each line is an object"


class Record(NamedTuple):
    """One record: its members, or the reason why it has none.

    Attributes
    ----------
    line : int
        Where it begins, from 1.
    raw : str
        Its exact text.
    members : dict
        Its values by key; empty where there is a reason.
    reason : str
        Why it cannot be a row; empty where it can.
    nested : bool
        Whether a value is an object or a list.
    """

    line: int
    raw: str
    members: dict[str, Any]
    reason: str = ""
    nested: bool = False


def line_records(path: Path, name: str, decoder: Decoder) -> Iterator[Record | None]:
    """Yield the record of each line of JSON lines, None for a blank one.

    Parameters
    ----------
    path : Path
        Plain UTF-8 text.
    name : str
        What the file is called in messages.

    Raises
    ------
    DataError
        If it is not JSON lines at all, a line is not UTF-8, too long or nested too deep.
    """
    fresh = True
    with path.open("rb") as file:
        for number, content in enumerate(iter(lambda: file.readline(MOST_RECORD), b""), 1):
            if len(content) == MOST_RECORD:
                raise _refusal(name, number, f"is longer than {MOST_RECORD >> 20} MiB")
            if number == 1:
                content = content.removeprefix(codecs.BOM_UTF8)
            raw = _utf8(content, name, number).strip(" \t\r\n")
            if not raw:
                yield None
                continue
            if fresh:
                _refuse_other(raw, name, number)
                fresh = False
            yield _on_line(raw, name, number, decoder)


def _utf8(content: bytes, name: str, line: int) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        hint = "declare its encoding, for example `encoding: latin-1`"
        raise _refusal(name, line, "is not UTF-8", hint) from None


def _refuse_other(raw: str, name: str, line: int) -> None:
    if raw[0] == "{":
        return
    if raw[0] == "[":
        hint = "declare `format: json` if the file is one list of objects"
        raise _refusal(name, line, "is a list; JSON lines have an object on each line", hint)
    raise _refusal(name, line, f"is not JSON lines: it begins with {raw[:40]!r}", _AS_CSV)


def _on_line(raw: str, name: str, line: int, decoder: Decoder) -> Record:
    decoder.doubled.clear()
    try:
        value = decoder.decode(raw)
    except JSONDecodeError as error:
        reason = f"is not JSON: {error.msg.lower()} at character {error.colno}"
        return Record(line, raw, {}, reason)
    except RecursionError:
        raise _too_deep(name, line) from None
    if type(value) is not dict:
        return Record(line, raw, {}, "is not an object")
    return _record(line, raw, value, name, decoder)


def _record(line: int, raw: str, members: dict[str, Any], name: str, decoder: Decoder) -> Record:
    """Return a decoded object as a record: without members where no row can be made of it."""
    kinds = set(map(type, members.values()))
    nested = dict in kinds or list in kinds
    if nested and depth(members) > MOST_DEPTH:
        raise _too_deep(name, line)
    if decoder.doubled:
        return Record(line, raw, {}, f"has the key '{decoder.doubled[0]}' twice")
    if "\\u" in raw and _ESCAPED.search(raw) and (reason := unfit_character(members)):
        return Record(line, raw, {}, reason)
    return Record(line, raw, members, "", nested)


def list_records(path: Path, name: str, decoder: Decoder) -> Iterator[Record]:
    """Yield the objects of a file that is one JSON list, in bounded memory.

    Parameters
    ----------
    path : Path
        Plain UTF-8 text.
    name : str
        What the file is called in messages.

    Raises
    ------
    DataError
        If it is not a list of objects, ends early, or an object is too long or too deep.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        window = _Window(file, name)
        _enter(window)
        if window.next() == "]":
            raise DataError(Problem(f"{name} is an empty list", hint="expected objects"))
        yield window.record(decoder)
        while window.next() == ",":
            window.step()
            yield window.record(decoder)
        if window.next() != "]":
            raise window.refusal("expected a comma or the end of the list")
        window.step()
        if window.next():
            raise window.refusal("there is more after the end of the list")


def _enter(window: _Window) -> None:
    first = window.next()
    if first == "{":
        raise window.refusal("is an object; expected a list of objects", _AS_LINES)
    if first != "[":
        raise window.refusal(f"is not a JSON list: it begins with {window.head()!r}", _AS_CSV)
    window.step()


class _Window:
    """The part of a text that is being decoded, and the line it has come to."""

    def __init__(self, file: IO[str], name: str) -> None:
        self._file, self._name = file, name
        self._text, self._at, self._line = "", 0, 1
        self._ended = False

    def next(self) -> str:
        """Go past spaces and return the next character; empty at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._go(found.end() if found else self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def step(self) -> None:
        self._go(self._at + 1)

    def head(self) -> str:
        return self._text[self._at : self._at + 40].splitlines()[0]

    def record(self, decoder: Decoder) -> Record:
        """Return the object that begins here and go past it."""
        first = self.next()
        if first and first != "{":
            raise self.refusal(f"holds {self.head()!r} in its list; expected objects only")
        line = self._line
        value, end = self._decoded(decoder)
        raw = self._text[self._at : end]
        self._go(end)
        return _record(line, raw, value, self._name, decoder)

    def _decoded(self, decoder: Decoder) -> tuple[dict[str, Any], int]:
        while True:
            decoder.doubled.clear()
            try:
                return decoder.raw_decode(self._text, self._at)
            except RecursionError:
                raise _too_deep(self._name, self._line) from None
            except JSONDecodeError as error:
                if len(self._text) - self._at > MOST_RECORD:
                    text = f"is not JSON, or an object of over {MOST_RECORD >> 20} MiB"
                    raise self.refusal(text) from None
                if not self._more():
                    self._go(min(error.pos, len(self._text)))
                    raise self.refusal(f"is not JSON: {error.msg.lower()}") from None

    def refusal(self, message: str, hint: str = "") -> DataError:
        return _refusal(self._name, self._line, message, hint)

    def _go(self, to: int) -> None:
        self._line += self._text.count("\n", self._at, to)
        self._at = to

    def _more(self) -> bool:
        """Read on, as much again as is at hand, so that a long object is not decoded often."""
        if self._ended:
            return False
        rest = self._text[self._at :]
        try:
            piece = self._file.read(max(CHUNK, len(rest)))
        except UnicodeDecodeError:
            hint = "declare its encoding, for example `encoding: latin-1`"
            raise self.refusal("is not UTF-8 from here on", hint) from None
        self._text, self._at = rest + piece, 0
        self._ended = not piece
        return bool(piece)


def _too_deep(name: str, line: int) -> DataError:
    return _refusal(name, line, f"is nested deeper than {MOST_DEPTH}")


def _refusal(name: str, line: int, message: str, hint: str = "") -> DataError:
    return DataError(Problem(message, place=f"{name}:{line}", hint=hint))
