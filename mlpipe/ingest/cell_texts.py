"""Stage the cells of a file as text in Parquet, and note which kinds of values each column has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Self

from mlpipe.ingest.cells import Batch, Broken, Cell, Missing, Real
from mlpipe.ingest.files import shown
from mlpipe.ingest.loaded import BadRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from mlpipe.ingest.source import Source
    from mlpipe.table.session import Session

__all__ = ["RowFile", "Staged", "missing_of", "raw_of", "stage_texts"]

MOST_RAW = 1_000
GROUP_ROWS = 20_480


@dataclass(frozen=True)
class RowFile:
    """One file of a source whose rows are cells.

    Attributes
    ----------
    path : Path
        The file as the user has it.
    label : str
        Its short name, for the file column.
    batches : iterator of Batch
        Its rows, to be read once.
    blank : callable
        How many blank lines were left out, once the batches are read.
    unit : str
        What these are called: lines, rows.
    """

    path: Path
    label: str
    batches: Iterator[Batch]
    blank: Callable[[], int]
    unit: str = "lines"


@dataclass(frozen=True)
class Staged:
    """A file as text.

    Attributes
    ----------
    parquet : Path
        Columns t0, t1… of text, null where missing, and line.
    rows : int
        Rows in it.
    bad : tuple of BadRow
        Rows that are not in it.
    kinds : tuple of dict
        For each column, the line of the first value of each class.
    """

    path: Path
    parquet: Path
    rows: int
    bad: tuple[BadRow, ...]
    kinds: tuple[dict[type, int], ...]


def missing_of(source: Source) -> Missing:
    """Return what a source says is missing: its words, and always the empty text."""
    return Missing(frozenset({"", *source.nulls}), trim=bool(source.trim))


def stage_texts(
    name: str, file: RowFile, names: tuple[str, ...], source: Source, session: Session
) -> Staged:
    """Write the texts of a file's cells to Parquet, a batch at a time.

    Parameters
    ----------
    name : str
        The source's name, for quarantine.
    names : tuple of str
        The columns.
    """
    missing, commas = missing_of(source), _with_comma(source, names)
    kinds: tuple[dict[type, int], ...] = tuple({} for _ in names)
    bad: list[BadRow] = []
    rows = 0
    with _Texts(session.path("texts"), len(names)) as texts:
        for whole in file.batches:
            batch = _without_broken(whole, names, missing, name=name, path=file.path)
            bad += batch.bad
            if batch.rows:
                texts.write(_columns(batch, missing, kinds, commas), batch.lines)
                rows += len(batch.rows)
    return Staged(file.path, texts.path, rows, tuple(bad), kinds)


class _Texts:
    """A Parquet file of text columns t0, t1… and line, whose row groups are of even size."""

    def __init__(self, path: Path, width: int) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        texts = [(f"t{at}", pa.string()) for at in range(width)]
        self.path = path
        self._schema = pa.schema([*texts, ("line", pa.int64())])
        self._writer = pq.ParquetWriter(path, self._schema, compression="lz4", use_dictionary=False)
        self._held: list[pa.RecordBatch] = []
        self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._flush()
        self._writer.close()

    def write(self, columns: list[list[str | None]], lines: list[int]) -> None:
        """Add rows, by column."""
        import pyarrow as pa

        arrays = [pa.array(column, pa.string()) for column in columns]
        arrays.append(pa.array(lines, pa.int64()))
        self._held.append(pa.record_batch(arrays, schema=self._schema))
        self._rows += len(lines)
        if self._rows >= GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        self._writer.write_table(pa.Table.from_batches(self._held, self._schema))
        self._held, self._rows = [], 0


def _with_comma(source: Source, names: tuple[str, ...]) -> set[int]:
    """Return the columns that are declared to be numbers with a decimal comma."""
    if source.decimal == ".":
        return set()
    types = [source.types.get(column, "") for column in names]
    return {at for at, word in enumerate(types) if word == "number" or word.startswith("decimal")}


def _columns(
    batch: Batch, missing: Missing, kinds: tuple[dict[type, int], ...], commas: set[int]
) -> list[list[str | None]]:
    """Return the texts by column, and note the first line of each new kind of value."""
    columns = []
    for at, cells in enumerate(zip(*batch.rows, strict=True)):
        texts, found = missing.texts(cells)
        for kind in found - kinds[at].keys():
            kinds[at][kind] = batch.lines[_first(kind, cells, texts)]
        if at in commas:
            texts = [text.replace(".", ",") if type(text) is Real else text for text in texts]
        columns.append(texts)
    return columns


def _first(kind: type, cells: Sequence[Cell], texts: Sequence[str | None]) -> int:
    pairs = enumerate(zip(cells, texts, strict=True))
    return next(at for at, (cell, text) in pairs if type(cell) is kind and text is not None)


def _without_broken(
    batch: Batch, names: tuple[str, ...], missing: Missing, *, name: str, path: Path
) -> Batch:
    """Send rows with a broken cell to quarantine, unless ``nulls`` makes it missing."""
    if Broken not in set(map(type, chain.from_iterable(batch.rows))):
        return batch
    rows: list[Sequence[Cell]] = []
    lines, bad = [], list(batch.bad)
    for line, row in zip(batch.lines, batch.rows, strict=True):
        known = [None if type(cell) is Broken and missing.means(cell) else cell for cell in row]
        broken = [at for at, cell in enumerate(known) if type(cell) is Broken]
        if broken:
            text = str(known[broken[0]])
            reason = f"holds {text}, which is no value; declare it in `nulls` to read it as missing"
            raw = raw_of(names, row)
            bad.append(BadRow(name, shown(path), line, names[broken[0]], reason, raw))
        else:
            rows.append(known)
            lines.append(line)
    return Batch(lines, rows, bad)


def raw_of(names: Sequence[str], cells: Sequence[Cell]) -> str:
    """Return a row as quarantine shows it: the values that are there, by name."""
    pairs = zip(names, cells, strict=True)
    return ", ".join(f"{name}: {cell}" for name, cell in pairs if cell is not None)[:MOST_RAW]
