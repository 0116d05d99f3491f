"""Open a spreadsheet file, or say why it is none."""

from __future__ import annotations

import io
import os
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from mlpipe.errors import DataError, Problem
from mlpipe.ingest.files import shown
from mlpipe.ingest.foreign import OLE, ZIP, refuse_foreign
from mlpipe.ingest.staging import FREE_BYTES, MOST_RATIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from python_calamine import CalamineSheet, CalamineWorkbook

__all__ = ["open_sheet", "open_workbook"]

_Opened = TypeVar("_Opened")

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def open_workbook(path: Path) -> CalamineWorkbook:
    """Open a spreadsheet by its content, whatever its extension.

    Raises
    ------
    DataError
        If it is no spreadsheet, encrypted, damaged, or would unpack to too much.
    """
    from python_calamine import CalamineWorkbook

    _refuse_other(path)
    content = io.BytesIO(path.read_bytes())
    return _guarded(path, lambda: CalamineWorkbook.from_filelike(content))


def open_sheet(path: Path, book: CalamineWorkbook, title: str) -> CalamineSheet:
    """Parse a sheet of a workbook.

    Raises
    ------
    DataError
        If it is damaged.
    """
    return _guarded(path, lambda: book.get_sheet_by_name(title))


def _guarded(path: Path, call: Callable[[], _Opened]) -> _Opened:
    """Call into calamine; what it cannot read is an error, or a panic of Rust."""
    from python_calamine import CalamineError, PasswordError

    try:
        with _without_stderr():
            return call()
    except PasswordError as error:
        raise DataError(_encrypted(path)) from error
    except (CalamineError, OSError) as error:
        raise DataError(_damaged(path, error)) from error
    except BaseException as error:  # a panic is no Exception, and its class has no module
        if type(error).__name__ != "PanicException":
            raise
        raise DataError(_damaged(path, error)) from error


@contextmanager
def _without_stderr() -> Iterator[None]:
    """Send what Rust writes to the terminal when it panics nowhere."""
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _refuse_other(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(64)
    refuse_foreign(path, head, "excel")
    if head.startswith(OLE):
        if _ENCRYPTED in path.read_bytes():
            raise DataError(_encrypted(path))
    elif head.startswith(ZIP):
        _refuse_bomb(path)
    else:
        hint = "declare `format: csv` if it is text; a web page saved as .xls is none either"
        raise DataError(Problem(f"{shown(path)} is not a spreadsheet", hint=hint))


def _refuse_bomb(path: Path) -> None:
    """Refuse an archive that says it unpacks to far more than itself."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise DataError(_damaged(path, error)) from error
    if size > max(path.stat().st_size * MOST_RATIO, FREE_BYTES):
        text = f"{shown(path)} unpacks to {size >> 20} MiB: a decompression bomb, or too large"
        raise DataError(Problem(text, hint="save it as CSV or Parquet"))


def _encrypted(path: Path) -> Problem:
    return Problem(f"{shown(path)} is encrypted", hint="save it without a password")


def _damaged(path: Path, error: BaseException) -> Problem:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return Problem(f"{shown(path)} cannot be read as a spreadsheet: {text}")
