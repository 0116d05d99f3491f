"""Read JSON lines and JSON lists of objects: an object a row, a key a column."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.ingest.cell_texts import MOST_RAW, RowFile
from mlpipe.ingest.cells import Batch, Cell, Nested, batch_rows
from mlpipe.ingest.dialect import SAMPLE_ROWS, check_names
from mlpipe.ingest.files import labels, refuse_changed, shown, signature
from mlpipe.ingest.json_records import Record, line_records, list_records
from mlpipe.ingest.json_text import Decoder, member_texts
from mlpipe.ingest.loaded import BadRow, Loaded
from mlpipe.ingest.source import Source
from mlpipe.ingest.staging import staged
from mlpipe.ingest.typed import load_rows
from mlpipe.spec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlpipe.table.session import Session

__all__ = ["load_json"]


def load_json(
    name: str, source: Source, paths: list[Path], session: Session, most: int | float
) -> Loaded:
    """Read the JSON files of a source into typed Parquet.

    Parameters
    ----------
    name : str
        The source's name, for messages.
    most : int or float
        ``max_bad_rows``.

    Raises
    ------
    DataError
        For anything that cannot be read exactly as it is written, with its place.
    SpecError
        If a value is nested and not declared a string, or a declared type names no key.
    """
    before = [signature(path) for path in paths]
    files = [_JsonFile(name, path, staged(path, source, session), source) for path in paths]
    names = _columns(name, source, files)
    rows = [
        RowFile(file.path, label, file.batches(names), file.blank_lines)
        for file, label in zip(files, labels(paths), strict=True)
    ]
    format_word = source.format_of(paths[0].name)
    dialect: dict[str, object] = {"format": format_word, "encoding": source.encoding}
    loaded = load_rows(name, source, names, rows, session, most, dialect=dialect)
    refuse_changed(paths, before)
    _refuse_unseen(name, source, files)
    return loaded


@dataclass
class _JsonFile:
    """One file on its way in, and what was noted on the way."""

    source_name: str
    path: Path
    plain: Path
    source: Source
    decoder: Decoder = field(default_factory=Decoder)
    blank: int = 0
    seen: set[str] = field(default_factory=set)

    def blank_lines(self) -> int:
        return self.blank

    def records(self) -> Iterator[Record | None]:
        """Yield every record from the start."""
        lines = self.source.format_of(self.path.name) == "jsonl"
        walk = line_records if lines else list_records
        return walk(self.plain, shown(self.path), self.decoder)

    def keys(self) -> list[str]:
        """Return the keys of the first records, in the order of their first appearance."""
        found: dict[str, None] = {}
        known: list[str] = []
        for record in islice(self.records(), SAMPLE_ROWS):
            keys = list(record.members) if record else known
            if keys != known:
                found.update(dict.fromkeys(keys))
                known = keys
        return list(found)

    def batches(self, names: tuple[str, ...]) -> Iterator[Batch]:
        """Yield the rows; blank lines are counted, records that are no rows are bad."""
        records, size = self.records(), batch_rows(len(names))
        shape = _Shape(names, frozenset(self.source.types))
        while some := list(islice(records, size)):
            batch = Batch([], [], [])
            for record in some:
                if record is None:
                    self.blank += 1
                else:
                    self._add(record, shape, batch)
            self.seen |= shape.seen
            yield batch

    def _add(self, record: Record, shape: _Shape, batch: Batch) -> None:
        reason = record.reason or shape.misfit(record.members)
        if reason:
            place = shown(self.path)
            raw = record.raw[:MOST_RAW]
            batch.bad.append(BadRow(self.source_name, place, record.line, "", reason, raw))
            return
        row = shape.row(record.members)
        if record.nested:
            row = self._flat(record, shape.names, row)
        batch.lines.append(record.line)
        batch.rows.append(row)

    def _flat(self, record: Record, names: Sequence[str], row: Sequence[Any]) -> list[Cell]:
        """Replace nested values with their text where their column is declared a string."""
        nested = [
            column for column, cell in zip(names, row, strict=True) if type(cell) in {dict, list}
        ]
        types = self.source.types
        problems = [
            _nested(self.source_name, f"{shown(self.path)}:{record.line}", column)
            for column in nested
            if types.get(column) != "string"
        ]
        if problems:
            raise SpecError(*problems)
        texts = member_texts(record.raw, self.decoder)
        pairs = zip(names, row, strict=True)
        return [Nested(texts[column]) if column in nested else cell for column, cell in pairs]


class _Shape:
    """The columns, and which of them a record may go without."""

    def __init__(self, names: tuple[str, ...], optional: frozenset[str]) -> None:
        self.names = names
        self.seen: set[str] = set()
        self._list, self._set = list(names), frozenset(names)
        self._required = self._set - optional

    def misfit(self, members: dict[str, Any]) -> str:
        """Say which keys a record has too few or too many; empty where it fits."""
        keys = members.keys()
        if keys == self._set:
            return ""
        absent = [key for key in self.names if key in self._required and key not in keys]
        extra = [key for key in keys if key not in self._set]
        parts = []
        if absent:
            hint = f"declare `types: {{{absent[0]}: …}}` if it may be absent"
            parts.append(f"has no {_listed(absent)}; {hint}")
        if extra:
            parts.append(f"has {_listed(extra)}, which the first records have not")
        return "; ".join(parts)

    def row(self, members: dict[str, Any]) -> Sequence[Any]:
        """Return the values in the order of the columns."""
        if list(members) == self._list:
            if len(self.seen) < len(self._list):
                self.seen.update(self._list)
            return list(members.values())
        self.seen |= members.keys()
        return [members.get(column) for column in self.names]


def _listed(keys: Sequence[str]) -> str:
    word = "key" if len(keys) == 1 else "keys"
    return f"{word} {', '.join(repr(key) for key in keys[:5])}"


def _columns(name: str, source: Source, files: list[_JsonFile]) -> tuple[str, ...]:
    """Return the columns that all files share, then those that are only declared."""
    if source.names:
        key, hint = f"ingest.sources.{name}.names", "drop `header` and `names`"
        raise SpecError(Problem("the keys of JSON are its names", key=key, hint=hint))
    first = files[0].keys()
    for file in files[1:]:
        keys = file.keys()
        extra = sorted((set(keys) ^ set(first)) - set(source.types))
        if extra:
            raise DataError(
                Problem(
                    f"{shown(file.path)} and {shown(files[0].path)} have different columns: "
                    f"keys that only one has: {', '.join(extra[:5])}",
                    hint="declare them as two sources and join them in ingest.sql",
                )
            )
    if not first:
        raise DataError(Problem(f"{shown(files[0].path)} holds no records", place=name))
    names = tuple(dict.fromkeys([*first, *source.types]))
    check_names(shown(files[0].path), names, hint="rename the key where the file is written")
    return names


def _refuse_unseen(name: str, source: Source, files: list[_JsonFile]) -> None:
    """Refuse a declared column that no record has: a typo would be a column of nulls."""
    seen = {key for file in files for key in file.seen}
    problems = [
        Problem(
            f"there is no column '{column}' in the files",
            key=f"ingest.sources.{name}.types.{column}",
            hint=did_you_mean(column, sorted(seen)),
        )
        for column in source.types
        if column not in seen
    ]
    if problems:
        raise SpecError(*problems)


def _nested(name: str, place: str, column: str) -> Problem:
    return Problem(
        f"'{column}' is nested",
        place=f"{name} ({place})",
        key=column,
        hint=f"declare `types: {{{column}: string}}` and flatten it in ingest.sql: "
        f"select {column}->>'$.field' as {column}_field",
    )
