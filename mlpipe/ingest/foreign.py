"""What a file is by its first bytes, whatever its name says."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem
from mlpipe.ingest.files import shown

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["OLE", "ZIP", "refuse_foreign", "refuse_json"]

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_CALLED = {"csv": "CSV", "json": "JSON", "jsonl": "JSON lines", "excel": "a spreadsheet"}
_EXPECTED = {"csv": "a header and rows", "excel": "a sheet with rows"}
_FOREIGN = {
    b"PAR1": ("a Parquet file", "declare `format: parquet`, or give it the extension .parquet"),
    ZIP: ("a zip archive or a spreadsheet", "declare `format: excel` if it is a spreadsheet"),
    OLE: ("a spreadsheet or another Office file", "declare `format: excel` if it is one"),
    b"ARROW1": ("an Arrow file", "convert it to Parquet"),
    b"SQLite format": ("a database", "export the table as CSV or Parquet"),
    b"%PDF-": ("a PDF", "export the table as CSV"),
}
_SPREADSHEETS = (ZIP, OLE)
_MOST_LINE = 1 << 20


def refuse_foreign(path: Path, head: bytes, word: str) -> None:
    """Refuse a file that is empty or of a format that has a magic number of its own.

    Parameters
    ----------
    head : bytes
        Its first bytes, unpacked.
    word : str
        The format that it is declared or named to have.

    Raises
    ------
    DataError
        With a hint how to declare what it is.
    """
    name = shown(path)
    if not head.removeprefix(codecs.BOM_UTF8).strip():
        expected = _EXPECTED.get(word, "records")
        raise DataError(Problem(f"{name} is empty", hint=f"expected {expected}"))
    for magic, (what, hint) in _FOREIGN.items():
        if head.startswith(magic) and not (word == "excel" and magic in _SPREADSHEETS):
            raise DataError(Problem(f"{name} is {what}, not {_CALLED[word]}", hint=hint))


def refuse_json(path: Path, plain: Path) -> None:
    """Refuse JSON where CSV is expected: its first line is an object, a list, or opens one.

    Raises
    ------
    DataError
        With the format to declare.
    """
    with plain.open("rb") as file:
        line = file.readline(_MOST_LINE).removeprefix(codecs.BOM_UTF8).strip()
    if line[:1] not in {b"{", b"["} or not _opens_json(line):
        return
    word = "jsonl" if line[:1] == b"{" else "json"
    raise DataError(Problem(f"{shown(path)} is JSON, not CSV", hint=f"declare `format: {word}`"))


def _opens_json(line: bytes) -> bool:
    if line in {b"{", b"[", b"[{"}:
        return True
    if len(line) == _MOST_LINE and line.startswith((b'{"', b'[{"')):
        return True
    try:
        json.loads(line, parse_int=str)
    except (ValueError, RecursionError):
        return False
    return True
