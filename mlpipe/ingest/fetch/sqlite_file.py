"""SQLite: opened read-only; a column has the type that all of its values have."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.ingest.fetch.fetched import UnreachableError
from mlpipe.ingest.fetch.local_file import database_file
from mlpipe.ingest.fetch.rows import BATCH, Column, check_names, unreadable, write_rows
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mlpipe.ingest.fetch.fetched import Wanted

__all__ = ["open_sqlite"]

STEPS = 10_000
"""Steps of SQLite's machine between two looks at the clock."""

EXACT = 2**53
WORDS = {int: "integers", float: "numbers", str: "text", bytes: "bytes"}


@contextmanager
def open_sqlite(wanted: Wanted) -> Iterator[SqliteReader]:
    """Open the file for reading, in one transaction."""
    path = database_file(wanted).absolute()
    try:
        uri = f"file:{quote(str(path))}?mode=ro"
        con = sqlite3.connect(uri, uri=True, timeout=wanted.source.timeout, isolation_level=None)
        with closing(con):
            con.execute("PRAGMA query_only = 1")
            con.execute("BEGIN")
            yield SqliteReader(con, wanted)
    except sqlite3.Error as error:
        raise UnreachableError(str(error)) from None


class SqliteReader:
    """An open SQLite file."""

    def __init__(self, con: sqlite3.Connection, wanted: Wanted) -> None:
        self._con = con
        self._wanted = wanted
        self._until = 0.0
        con.set_progress_handler(lambda: time.monotonic() > self._until, STEPS)

    def quoted(self, name: str) -> str:
        """Quote a name."""
        return identifier(name)

    def answer(self, query: str, key: str) -> list[tuple[Any, ...]]:
        """Return the first two rows of a query."""
        return next(self._batches(self._execute(query, key), 2), [])

    def write(self, query: str, path: Path, key: str) -> int:
        """Write the rows of a query: once over them for the types, once for the values."""
        cursor = self._execute(query, key)
        names = [entry[0] for entry in cursor.description]
        check_names(names, key)
        columns = self._columns(names, cursor, key)
        batches = self._batches(self._execute(query, key), BATCH)
        widened = ([_widened(row, columns) for row in batch] for batch in batches)
        return write_rows(columns, widened, path, key)

    def _execute(self, query: str, key: str) -> sqlite3.Cursor:
        self._until = time.monotonic() + self._wanted.source.timeout
        try:
            return self._con.execute(query)
        except sqlite3.OperationalError as error:
            if _is_of_query(error):
                raise SpecError(Problem(str(error), key=key)) from None
            raise self._late(error) from None

    def _batches(self, cursor: sqlite3.Cursor, size: int) -> Iterator[list[tuple[Any, ...]]]:
        while True:
            self._until = time.monotonic() + self._wanted.source.timeout
            try:
                batch = cursor.fetchmany(size)
            except sqlite3.OperationalError as error:
                raise self._late(error) from None
            if not batch:
                return
            yield batch

    def _late(self, error: sqlite3.Error) -> UnreachableError:
        if str(error) == "interrupted":
            return UnreachableError(f"no answer within {self._wanted.source.timeout:g} s")
        return UnreachableError(str(error))

    def _columns(self, names: Sequence[str], cursor: sqlite3.Cursor, key: str) -> list[Column]:
        seen: list[set[type]] = [set() for _ in names]
        large = [0] * len(names)
        for batch in self._batches(cursor, BATCH):
            for position, values in enumerate(zip(*batch, strict=True)):
                kinds = set(map(type, values)) - {type(None)}
                seen[position] |= kinds
                if int in kinds:
                    found = max(abs(value) for value in values if type(value) is int)
                    large[position] = max(large[position], found)
        declared = self._wanted.source.types
        return [
            _column(name, kinds, widest, key, declared=name in declared)
            for name, kinds, widest in zip(names, seen, large, strict=True)
        ]


def _column(name: str, kinds: set[type], widest: int, key: str, *, declared: bool) -> Column:
    if bytes in kinds:
        raise unreadable(name, "a blob", "leave it out, or cast it in the query: hex(…)", key)
    if len(kinds) <= 1:
        only = next(iter(kinds), str)
        return Column(name, {int: "integer", float: "number", str: "text"}[only], declared=declared)  # type: ignore[arg-type]
    if declared:
        return Column(name, "text", declared=True)
    # A column of prices holds 5 and 5.5: the same numbers, as long as the integers are exact.
    if kinds == {int, float} and widest <= EXACT:
        return Column(name, "number")
    words = " and ".join(sorted(WORDS[kind] for kind in kinds))
    hint = f"declare `types: {{{name}: …}}`, or cast it in the query"
    raise DataError(Problem(f"column '{name}' mixes {words}", key=key, hint=hint))


def _widened(row: tuple[Any, ...], columns: Sequence[Column]) -> tuple[Any, ...]:
    """Return a row whose integers are numbers where the column holds both."""
    return tuple(
        float(value) if column.kind == "number" and type(value) is int else value
        for value, column in zip(row, columns, strict=True)
    )


def _is_of_query(error: sqlite3.Error) -> bool:
    """Whether it is the query that is wrong, and not the file."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_READONLY,
    )
