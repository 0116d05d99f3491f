"""Which cells of a sheet hold an error such as #N/A, which the reader gives out as empty."""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
from collections import defaultdict
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from mlpipe.errors import DataError, Problem
from mlpipe.ingest.biff8_errors import xls_errors
from mlpipe.ingest.biff12_errors import xlsb_errors, xlsb_parts
from mlpipe.ingest.files import shown
from mlpipe.ingest.foreign import OLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

__all__ = ["error_cells"]

Errors = dict[int, dict[int, str]]

CHUNK = 1 << 20
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_ERROR_IN_XLSX = re.compile(rb"""\bt\s*=\s*["']e["']""")
_ERROR_IN_ODS = re.compile(rb"""value-type\s*=\s*["']error["']""")
_REFERENCE = re.compile("([A-Z]+)([0-9]+)")


def error_cells(path: Path, title: str) -> Errors:
    """Find the cells of a sheet that hold an error.

    Parameters
    ----------
    path : Path
        A spreadsheet that was opened before.
    title : str
        The name of the sheet.

    Returns
    -------
    dict
        By the number of the row from 1, and the column from 0, what the cell shows.

    Raises
    ------
    DataError
        If the file is not built as its format says, so that errors would go unseen.
    """
    try:
        return _errors(path, title)
    except (LookupError, ValueError, StopIteration, struct.error, SyntaxError) as error:
        text = f"{shown(path)} cannot be searched for cells that hold an error"
        hint = "it is damaged, or older than Excel 97: save it as xlsx"
        raise DataError(Problem(text, hint=hint)) from error


def _errors(path: Path, title: str) -> Errors:
    with path.open("rb") as file:
        old = file.read(len(OLE)) == OLE
    if old:
        return xls_errors(path.read_bytes(), title)
    with zipfile.ZipFile(path) as archive:
        members = {name.lower(): name for name in archive.namelist()}
        if "content.xml" in members:
            return _ods_errors(archive, members["content.xml"], title)
        if "xl/workbook.bin" in members:
            book = archive.read(members["xl/workbook.bin"])
            part = _part(archive, members, "workbook.bin", xlsb_parts(book)[title])
            return xlsb_errors(archive.read(part))
        part = _part(archive, members, "workbook.xml", _xlsx_parts(archive, members)[title])
        return _xlsx_errors(archive, part)


def _xlsx_parts(archive: zipfile.ZipFile, members: dict[str, str]) -> dict[str, str]:
    """Return the relation of each sheet by its name."""
    book = _root(archive, members["xl/workbook.xml"])
    return {
        str(sheet.get("name")): next(
            value for key, value in sheet.attrib.items() if key.endswith("}id")
        )
        for sheet in book.iter()
        if _local(sheet.tag) == "sheet"
    }


def _part(archive: zipfile.ZipFile, members: dict[str, str], book: str, relation: str) -> str:
    """Return the member of the archive that a relation of the workbook points to."""
    relations = _root(archive, members[f"xl/_rels/{book}.rels"])
    target = next(one.get("Target", "") for one in relations if one.get("Id") == relation)
    return members[posixpath.normpath(posixpath.join("xl", target)).lstrip("/").lower()]


def _root(archive: zipfile.ZipFile, member: str) -> Element:
    # Expat itself bounds the expansion of entities; the archive's size was bounded before.
    return ElementTree.fromstring(archive.read(member))  # noqa: S314


def _xlsx_errors(archive: zipfile.ZipFile, part: str) -> Errors:
    errors: Errors = defaultdict(dict)
    if not _holds(archive, part, _ERROR_IN_XLSX):
        return errors
    line = 0
    for row in _elements(archive, part, "row"):
        line = int(row.get("r", line + 1))
        column = -1
        for cell in row:
            found = _REFERENCE.fullmatch(cell.get("r", ""))
            column = _column(found[1]) if found else column + 1
            if cell.get("t") == "e":
                shown = [one.text for one in cell if _local(one.tag) == "v"]
                errors[line][column] = (shown[0] if shown else None) or "#ERROR"
        row.clear()
    return errors


def _ods_errors(archive: zipfile.ZipFile, part: str, title: str) -> Errors:
    errors: Errors = defaultdict(dict)
    if not _holds(archive, part, _ERROR_IN_ODS):
        return errors
    for table in _elements(archive, part, "table"):
        if table.get(f"{_TABLE}name") == title:
            _add_ods_errors(table, errors)
        table.clear()
    return errors


def _add_ods_errors(table: Element, errors: Errors) -> None:
    line = 1
    for row in table.iter(f"{_TABLE}table-row"):
        repeated = int(row.get(f"{_TABLE}number-rows-repeated", 1))
        column = 0
        for cell in row:
            width = int(cell.get(f"{_TABLE}number-columns-repeated", 1))
            if any(key.endswith("value-type") and text == "error" for key, text in cell.items()):
                text = "".join(cell.itertext()).strip() or "#ERROR"
                for at in range(line, line + repeated):
                    errors[at].update(dict.fromkeys(range(column, column + width), text))
            column += width
        line += repeated


def _elements(archive: zipfile.ZipFile, part: str, name: str) -> Iterator[Element]:
    with archive.open(part) as file:
        for _, element in ElementTree.iterparse(file, ("end",)):  # noqa: S314
            if _local(element.tag) == name:
                yield element


def _holds(archive: zipfile.ZipFile, part: str, mark: re.Pattern[bytes]) -> bool:
    tail = b""
    with archive.open(part) as file:
        while piece := file.read(CHUNK):
            if mark.search(tail + piece):
                return True
            tail = piece[-40:]
    return False


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
