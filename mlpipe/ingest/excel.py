"""Read a sheet of a spreadsheet: xlsx, xls, xlsb or ods, by way of calamine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.ingest.cell_texts import RowFile, raw_of
from mlpipe.ingest.cells import Batch, Broken, Cell, batch_rows
from mlpipe.ingest.dialect import check_names
from mlpipe.ingest.excel_cells import cell_of
from mlpipe.ingest.excel_errors import error_cells
from mlpipe.ingest.files import labels, refuse_changed, shown, signature
from mlpipe.ingest.loaded import BadRow, Loaded
from mlpipe.ingest.typed import load_rows
from mlpipe.ingest.workbook import open_sheet, open_workbook
from mlpipe.spec.suggest import did_you_mean

if TYPE_CHECKING:
    from mlpipe.ingest.source import Source
    from mlpipe.table.session import Session

__all__ = ["load_excel"]


def load_excel(
    name: str, source: Source, paths: list[Path], session: Session, most: int | float
) -> Loaded:
    """Read one sheet of each spreadsheet of a source into typed Parquet.

    Lines in messages and in quarantine are the numbers of rows in the sheet.

    Parameters
    ----------
    name : str
        The source's name, for messages.
    most : int or float
        ``max_bad_rows``.

    Raises
    ------
    DataError
        For a file that is no spreadsheet or is encrypted, an empty sheet, a header that is
        blank or doubled, and values that cannot be read exactly.
    SpecError
        If there are several sheets and none is named, or a declared type names no column.
    """
    before = [signature(path) for path in paths]
    sheets = [_opened(name, path, source) for path in paths]
    names = sheets[0].names
    for sheet in sheets[1:]:
        if sheet.names != names:
            hint = "declare them as two sources and join them in ingest.sql"
            text = f"{shown(sheet.path)} and {shown(sheets[0].path)} have different columns"
            raise DataError(Problem(text, place=name, hint=hint))
    _refuse_unknown(name, source, names)
    rows = [
        RowFile(sheet.path, label, sheet.batches(name), sheet.blank_rows, "rows")
        for sheet, label in zip(sheets, labels(paths), strict=True)
    ]
    dialect: dict[str, object] = {"format": "excel", "sheet": sheets[0].title}
    loaded = load_rows(name, source, names, rows, session, most, dialect=dialect)
    refuse_changed(paths, before)
    return loaded


@dataclass
class _Sheet:
    """A sheet whose header has been read.

    Attributes
    ----------
    rows : iterator
        The rows that follow, with their number in the sheet.
    errors : mapping
        By number of row and position in it, what stands in cells that hold an error.
    """

    path: Path
    title: str
    names: tuple[str, ...]
    rows: Iterator[tuple[int, list[Any]]]
    errors: Mapping[int, Mapping[int, str]]
    blank: int

    def blank_rows(self) -> int:
        return self.blank

    def batches(self, source_name: str) -> Iterator[Batch]:
        """Yield the rows; blank ones among them are counted, those at the end are not."""
        batch, blank, size = Batch([], [], []), 0, batch_rows(len(self.names))
        for line, values in self.rows:
            cells = self._cells(line, values)
            if all(cell is None for cell in cells):
                blank += 1
                continue
            self.blank, blank = self.blank + blank, 0
            self._add(source_name, line, cells, batch)
            if len(batch.rows) + len(batch.bad) >= size:
                yield batch
                batch = Batch([], [], [])
        yield batch

    def _cells(self, line: int, values: list[Any]) -> list[Cell]:
        cells = [cell_of(value) for value in values]
        for at, text in self.errors.get(line, {}).items():
            cells[at] = Broken(text)
        return cells

    def _add(self, source_name: str, line: int, cells: list[Cell], batch: Batch) -> None:
        width = len(self.names)
        reason = (
            "has values past the last column"
            if any(cell is not None for cell in cells[width:])
            else ""
        )
        if any(isinstance(cell, str) and "\0" in cell for cell in cells):
            reason = "holds a NUL byte"
        if reason:
            raw = raw_of([*self.names, *("" for _ in cells[width:])], cells)
            batch.bad.append(BadRow(source_name, shown(self.path), line, "", reason, raw))
            return
        batch.lines.append(line)
        batch.rows.append(cells[:width])


def _opened(name: str, path: Path, source: Source) -> _Sheet:
    book = open_workbook(path)
    title = _title(name, path, source, book.sheet_names)
    sheet = open_sheet(path, book, title)
    if sheet.start is None:
        text = f"the sheet '{title}' of {shown(path)} is empty"
        raise DataError(Problem(text, place=name, hint="expected a header and rows"))
    left = sheet.start[1]
    errors = {
        row: {column - left: text for column, text in cells.items()}
        for row, cells in error_cells(path, title).items()
    }
    rows = enumerate(sheet.iter_rows(), 1)
    if not source.header:
        _refuse_narrow(path, title, source.names, sheet.width)
        return _Sheet(path, title, source.names, rows, errors, 0)
    line, header = next((line, row) for line, row in rows if any(value != "" for value in row))
    names = _names(header)
    where = f"the header of {shown(path)}, row {line} of '{title}',"
    hint = "rename it in the file, or give `header: false` and `names` if there is no header"
    check_names(where, names, hint=hint)
    return _Sheet(path, title, names, rows, errors, line - 1)


def _names(header: list[Any]) -> tuple[str, ...]:
    """Return the names in a header; columns at the end that have none are no columns."""
    texts = ["" if (cell := cell_of(value)) is None else str(cell).strip() for value in header]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _title(name: str, path: Path, source: Source, titles: list[str]) -> str:
    key, listed = f"ingest.sources.{name}.sheet", ", ".join(titles)
    if source.sheet is None:
        if len(titles) > 1:
            text = f"{shown(path)} has {len(titles)} sheets: {listed}"
            raise SpecError(Problem(text, key=key, hint=f"declare `sheet: {titles[0]}`"))
        return titles[0]
    if source.sheet not in titles:
        hint = did_you_mean(source.sheet, titles) or f"it has: {listed}"
        text = f"{shown(path)} has no sheet '{source.sheet}'"
        raise SpecError(Problem(text, key=key, hint=hint))
    return source.sheet


def _refuse_narrow(path: Path, title: str, names: tuple[str, ...], width: int) -> None:
    if width < len(names):
        text = f"the sheet '{title}' of {shown(path)} has {width} columns, and `names` {len(names)}"
        raise DataError(Problem(text, hint="name every column in its order"))


def _refuse_unknown(name: str, source: Source, names: tuple[str, ...]) -> None:
    problems = [
        Problem(
            f"there is no column '{column}' in the files",
            key=f"ingest.sources.{name}.types.{column}",
            hint=did_you_mean(column, names),
        )
        for column in source.types
        if column not in names
    ]
    if problems:
        raise SpecError(*problems)
