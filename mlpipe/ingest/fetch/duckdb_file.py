"""DuckDB: opened read-only, with everything but the file itself locked."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.ingest.fetch.fetched import UnreachableError
from mlpipe.ingest.fetch.local_file import database_file
from mlpipe.ingest.fetch.rows import BATCH, check_names, unreadable
from mlpipe.table.condition import cleaned
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

    from mlpipe.ingest.fetch.fetched import Wanted

__all__ = ["open_duckdb"]

EXACT = {
    "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER",
    "FLOAT", "DOUBLE",
}  # fmt: skip
WIDE = {"UBIGINT", "HUGEINT", "UHUGEINT"}
TEXTS = {"VARCHAR", "UUID"}
DATES = {
    "DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip
DECIMAL = re.compile(r"DECIMAL\(\d+,\d+\)")


@contextmanager
def open_duckdb(wanted: Wanted) -> Iterator[DuckdbReader]:
    """Open the file for reading."""
    import duckdb

    path = database_file(wanted)
    settings: Any = {"enable_external_access": False, "autoinstall_known_extensions": False}
    try:
        with duckdb.connect(str(path), read_only=True, config=settings) as con:
            con.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
            con.execute("SET lock_configuration = true")
            yield DuckdbReader(con, wanted)
    except duckdb.IOException as error:
        raise UnreachableError(cleaned(error)) from None
    except duckdb.InterruptException:
        raise UnreachableError(f"no answer within {wanted.source.timeout:g} s") from None


class DuckdbReader:
    """An open DuckDB file."""

    def __init__(self, con: duckdb.DuckDBPyConnection, wanted: Wanted) -> None:
        self._con = con
        self._wanted = wanted

    def quoted(self, name: str) -> str:
        """Quote a name."""
        return identifier(name)

    def answer(self, query: str, key: str) -> list[tuple[Any, ...]]:
        """Return the first two rows of a query."""
        with self._timed(key):
            return self._con.execute(query).fetchmany(2)

    def write(self, query: str, path: Path, key: str) -> int:
        """Write the rows of a query, column by column in the types that Parquet has."""
        import pyarrow.parquet as pq

        with self._timed(key):
            described = self._con.execute(f"DESCRIBE {query}").fetchall()
        check_names([row[0] for row in described], key)
        chosen = ", ".join(self._exact(row[0], str(row[1]), key) for row in described)
        rows = 0
        with self._timed(key):
            reader = self._con.execute(f"SELECT {chosen} FROM ({query}\n)").to_arrow_reader(BATCH)  # noqa: S608 - the user's own query, which only reads
        with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
            while (batch := self._next(reader, key)) is not None:
                rows += batch.num_rows
                writer.write_batch(batch)
        if not rows:
            raise DataError(Problem("the query returned no rows", key=key))
        return rows

    def _next(self, reader: Any, key: str) -> Any:
        with self._timed(key):
            return next(iter(reader), None)

    def _exact(self, name: str, kind: str, key: str) -> str:
        """Return the expression that gives a column exactly, or an error of the query."""
        column = identifier(name)
        if kind in EXACT or DECIMAL.fullmatch(kind):
            return column
        if kind in WIDE:
            as_text = name in self._wanted.source.types
            return f"CAST({column} AS {'VARCHAR' if as_text else 'BIGINT'}) AS {column}"
        if kind in TEXTS or kind.startswith("ENUM("):
            return self._unless(
                f"contains({column}::VARCHAR, chr(0))",
                name,
                "a NUL character",
                f"{column}::VARCHAR",
            )
        if kind in DATES:
            return self._unless(f"NOT isfinite({column})", name, "a date without end", column)
        hint = f'unnest it or cast it in the query, for example "{name}"::varchar'
        raise unreadable(
            name, f"of the type {kind.lower()}, which a table does not hold", hint, key
        )

    def _unless(self, test: str, name: str, what: str, value: str) -> str:
        message = literal(f"column '{name}' holds {what}")
        return f"CASE WHEN {test} THEN error({message}) ELSE {value} END AS {identifier(name)}"

    @contextmanager
    def _timed(self, key: str) -> Iterator[None]:
        """Interrupt what takes longer than the timeout, and tell a wrong query from bad rows."""
        import duckdb

        timer = threading.Timer(self._wanted.source.timeout, self._con.interrupt)
        timer.start()
        try:
            yield
        except (duckdb.IOException, duckdb.InterruptException):
            raise
        except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
            hint = "declare the column under `types`, or cast it in the query"
            raise DataError(Problem(cleaned(error), key=key, hint=hint)) from None
        except duckdb.Error as error:
            kind = DataError if "' holds a " in str(error) else SpecError
            raise kind(Problem(cleaned(error), key=key)) from None
        finally:
            timer.cancel()
