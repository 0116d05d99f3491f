"""A database by its URL: which one it is, what is asked, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

from mlpipe.errors import Problem, SpecError
from mlpipe.ingest.fetch.fetched import Fetched, Wanted
from mlpipe.ingest.fetch.rows import FILE, alike
from mlpipe.ingest.fetch.statement import one_select, whole_table
from mlpipe.spec.suggest import did_you_mean

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Reader", "fetch_database"]

ASKED = ("always", "never")


class Reader(Protocol):
    """An open database that is only read."""

    def quoted(self, name: str) -> str:
        """Quote a name the way this database does."""

    def answer(self, query: str, key: str) -> list[tuple[Any, ...]]:
        """Return the first two rows of a query."""

    def write(self, query: str, path: Path, key: str) -> int:
        """Write the rows of a query to Parquet and return how many there are."""


@dataclass(frozen=True)
class Kind:
    """A kind of database: how sqlglot names its dialect, and what opens it."""

    dialect: str
    open: Callable[[Wanted], AbstractContextManager[Reader]]


def fetch_database(wanted: Wanted) -> Fetched:
    """Fetch the rows of a query or table into ``rows.parquet``.

    Where the rows are those of the last time, in whatever order, its file is kept: a query
    without ORDER BY may come in another order each time, which is no change of the data.

    Raises
    ------
    SpecError
        For a query that is not one SELECT or that the database does not understand, for columns
        of types that a table does not hold, or where the driver is not installed.
    DataError
        For rows that cannot be read exactly.
    UnreachableError
        Where the database does not answer, or breaks off.
    """
    kind = _kind(wanted)
    key = f"{wanted.key}.{'query' if wanted.source.query else 'table'}"
    query = one_select(wanted.source.query, kind.dialect, key) if wanted.source.query else ""
    asked = wanted.source.refresh
    probe_key = f"{wanted.key}.refresh"
    probe = "" if asked in ASKED else one_select(asked, kind.dialect, probe_key)
    with kind.open(wanted) as reader:
        answer = _digest(reader.answer(probe, probe_key), probe_key) if probe else ""
        if answer and wanted.before and answer == wanted.before.answer:
            return Fetched({FILE: {}}, frozenset({FILE}), None, wanted.before.alike, answer)
        query = query or whole_table(wanted.source.table or "", reader.quoted, key)
        path = wanted.folder / FILE
        rows = reader.write(query, path, key)
    same = alike(path)
    if wanted.before and wanted.before.alike == same:
        path.unlink()
        return Fetched({FILE: {}}, frozenset({FILE}), rows, same, answer)
    return Fetched({FILE: {}}, rows=rows, alike=same, answer=answer)


def _kind(wanted: Wanted) -> Kind:
    url = wanted.source.database or ""
    scheme, separator, _ = url.partition("://")
    word = scheme.partition("+")[0]
    kinds = _kinds()
    if not separator or word not in kinds:
        known = "postgresql, mysql, mariadb, sqlite, duckdb"
        shown = word if separator else wanted.shown
        what = f"'{shown}' is not the URL of a database that mlpipe reads; expected one of: {known}"
        hint = did_you_mean(word, list(kinds)) or "for example sqlite:///plans.db"
        raise SpecError(Problem(what, key=f"{wanted.key}.database", hint=hint))
    return kinds[word]


def _kinds() -> dict[str, Kind]:
    from mlpipe.ingest.fetch.duckdb_file import open_duckdb
    from mlpipe.ingest.fetch.mysql import open_mysql
    from mlpipe.ingest.fetch.postgresql import open_postgresql
    from mlpipe.ingest.fetch.sqlite_file import open_sqlite

    return {
        "postgresql": Kind("postgres", open_postgresql),
        "postgres": Kind("postgres", open_postgresql),
        "mysql": Kind("mysql", open_mysql),
        "mariadb": Kind("mysql", open_mysql),
        "sqlite": Kind("sqlite", open_sqlite),
        "duckdb": Kind("duckdb", open_duckdb),
    }


def _digest(rows: list[tuple[Any, ...]], key: str) -> str:
    """Return a digest of the one answer of ``refresh``."""
    if len(rows) != 1:
        what = "gives no row" if not rows else "gives several rows"
        hint = "for example select max(updated_at) from plans"
        raise SpecError(Problem(f"{what}; expected a single answer", key=key, hint=hint))
    return sha256(repr(rows[0]).encode()).hexdigest()
