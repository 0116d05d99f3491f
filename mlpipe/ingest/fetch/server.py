"""A database server through SQLAlchemy: one connection, one transaction, rows as they stream."""

from __future__ import annotations

import math
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.ingest.fetch.fetched import UnreachableError
from mlpipe.ingest.fetch.rows import BATCH, check_names, write_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mlpipe.ingest.fetch.fetched import Wanted
    from mlpipe.ingest.fetch.rows import Column

    Columns = Callable[["ServerReader", Any, str], Sequence[Column]]

__all__ = ["ServerReader", "open_server", "whole_seconds"]

MISTAKES = ((1054,), (1305,))
"""MySQL: there is no such column, no such function."""


def whole_seconds(timeout: float) -> int:
    """Return a timeout for drivers that count in seconds."""
    return max(1, math.ceil(timeout))


@contextmanager
def open_server(
    wanted: Wanted,
    driver: str,
    *,
    arguments: Mapping[str, Any],
    begin: Sequence[str],
    columns: Columns,
) -> Iterator[ServerReader]:
    """Connect, and begin a transaction that only reads.

    Parameters
    ----------
    driver : str
        As SQLAlchemy names it, e.g. ``postgresql+psycopg``.
    arguments : mapping
        For the driver: timeouts.
    begin : sequence of str
        What makes it read-only, in UTC and bounded in time.
    columns : callable
        From a result to its columns, or an error for types that are not read.

    Raises
    ------
    SpecError, UnreachableError
        Where the drivers are missing or the URL is none; where the server does not answer.
    """
    engine = _engine(wanted, driver, arguments)
    from sqlalchemy.exc import DBAPIError

    try:
        with engine.connect() as connection:
            for statement in begin:
                connection.exec_driver_sql(statement)
            yield ServerReader(connection, wanted, columns)
            connection.rollback()
    except DBAPIError as error:
        raise UnreachableError(_words(error.orig, wanted)) from None
    finally:
        engine.dispose()


def _engine(wanted: Wanted, driver: str, arguments: Mapping[str, Any]) -> Any:
    key = f"{wanted.key}.database"
    try:
        from sqlalchemy import create_engine, make_url
        from sqlalchemy.exc import ArgumentError
        from sqlalchemy.pool import NullPool
    except ImportError:
        raise _missing(wanted, key) from None
    if (wanted.source.database or "").partition("://")[2].count("@") > 1:
        hint = "percent-encode it, @ as %40; ${secret:NAME} is encoded for you"
        what = "has an @ in its user or password, where a URL cannot have one"
        raise SpecError(Problem(what, key=key, hint=hint))
    try:
        url = make_url(wanted.source.database or "").set(drivername=driver)
        return create_engine(url, poolclass=NullPool, connect_args=dict(arguments))
    except ImportError:
        raise _missing(wanted, key) from None
    except (ArgumentError, ValueError):
        hint = "postgresql://user:${secret:PASSWORD}@host:5432/database"
        what = f"{wanted.shown} cannot be read as the URL of a database"
        raise SpecError(Problem(what, key=key, hint=hint)) from None


def _missing(wanted: Wanted, key: str) -> SpecError:
    word = (wanted.source.database or "").partition("://")[0].partition("+")[0]
    hint = "pip install 'mlpipe[sql]'"
    return SpecError(Problem(f"a {word}:// URL needs the extra 'sql'", key=key, hint=hint))


class ServerReader:
    """A connection to a server, inside a transaction that only reads."""

    def __init__(self, connection: Any, wanted: Wanted, columns: Columns) -> None:
        self._connection = connection
        self._columns = columns
        self.wanted = wanted

    def quoted(self, name: str) -> str:
        """Quote a name."""
        quoted: str = self._connection.dialect.identifier_preparer.quote_identifier(name)
        return quoted

    def answer(self, query: str, key: str) -> list[tuple[Any, ...]]:
        """Return the first two rows of a query."""
        with self._explained(key), closing(self._execute(query)) as result:
            return [tuple(row) for row in result.fetchmany(2)]

    def write(self, query: str, path: Path, key: str) -> int:
        """Write the rows of a query as they stream; the server keeps the rest."""
        with self._explained(key), closing(self._execute(query)) as result:
            names = list(result.keys())
            check_names(names, key)
            columns = self._columns(self, result.cursor, key)
            return write_rows(columns, result.partitions(BATCH), path, key)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a small query of our own."""
        return [tuple(row) for row in self._connection.exec_driver_sql(query)]

    def _execute(self, query: str) -> Any:
        options = {"stream_results": True, "max_row_buffer": BATCH, "no_parameters": True}
        return self._connection.execution_options(**options).exec_driver_sql(query)

    @contextmanager
    def _explained(self, key: str) -> Iterator[None]:
        """Tell a query that is wrong from rows that are, and both from a server that is gone."""
        from sqlalchemy import exc

        try:
            yield
        except exc.DBAPIError as error:
            words = _words(error.orig, self.wanted)
            if error.connection_invalidated or _is_late(error.orig):
                raise UnreachableError(words) from None
            if isinstance(error, exc.ProgrammingError | exc.NotSupportedError) or _is_of_query(
                error
            ):
                raise SpecError(Problem(words, key=key)) from None
            if isinstance(error, exc.DataError):
                raise DataError(Problem(words, key=key)) from None
            raise UnreachableError(words) from None


def _words(error: BaseException | None, wanted: Wanted) -> str:
    """Return what the driver says, on one line, without its numbers and without passwords."""
    if error is not None and _is_late(error):
        return f"no answer within {wanted.source.timeout:g} s"
    arguments: list[object] = list(getattr(error, "args", ()))
    text = next((each for each in arguments[1:2] if isinstance(each, str)), str(error))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    kept = [line for line in lines if not line.startswith(("LINE ", "^", "DETAIL:"))]
    return wanted.hushed(" ".join(kept[:2]) or type(error).__name__)


def _is_late(error: BaseException | None) -> bool:
    late = ("statement timeout", "timed out", "timeout expired", "connection timeout")
    return any(words in str(error).lower() for words in late)


def _is_of_query(error: Any) -> bool:
    """Whether the query is at fault, though the driver calls it a fault of the operation."""
    arguments = getattr(error.orig, "args", ())
    words = str(error.orig).lower().replace("read-only", "read only")
    return "read only transaction" in words or arguments[:1] in MISTAKES
