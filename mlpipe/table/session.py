"""One DuckDB session behind Ibis: read Parquet, write Parquet, the same bytes each time."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING, Any, Self

from mlpipe.table.columns import ROW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import duckdb
    import ibis.expr.types as ir
    import pandas as pd
    from ibis.backends.duckdb import Backend

__all__ = ["PARQUET", "Session", "identifier", "literal", "rows_in"]

PARQUET = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, USE_TMP_FILE false"
"""How every Parquet file of ours is written: fixed, because its bytes are compared."""
_BATCH = 122_880
BROKEN = "top_n_window_elimination"
"""Never used: in DuckDB 1.5 it mixes up columns where a file's row numbers are read as well, and
the engine gives up (`QUALIFY row_number() … = 1`)."""


class Session:
    """A DuckDB session in UTC that keeps row order and spills into ``scratch``.

    Parameters
    ----------
    scratch : Path
        An existing folder for spilled data and intermediate files; the caller removes it.
    threads : int, optional
        Threads of the engine; all cores by default. The bytes written do not depend on it.
    """

    con: Backend
    raw: duckdb.DuckDBPyConnection

    def __init__(self, scratch: Path, threads: int | None = None) -> None:
        import ibis

        self.scratch = scratch
        self._names = count()
        self._files: dict[str, Path] = {}
        self._positioned: dict[str, Path] = {}
        self._ordered: set[str] = set()
        spill = scratch / "spill"
        spill.mkdir(parents=True, exist_ok=True)
        settings: dict[str, Any] = {
            "temp_directory": str(spill),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
        }
        if threads is not None:
            settings["threads"] = threads
        self.con = ibis.duckdb.connect(**settings)
        self.raw = self.con.con
        self.raw.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        self.raw.execute(f"SET disabled_optimizers = {literal(BROKEN)}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the session; tables that came from it can no longer be executed."""
        self.con.disconnect()

    def path(self, stem: str, suffix: str = ".parquet") -> Path:
        """Return a new path under ``scratch``; nothing is created."""
        return self.scratch / f"{next(self._names):04d}-{stem}{suffix}"

    def read(self, path: Path) -> ir.Table:
        """Return the table in a Parquet file, lazily."""
        name = f"file_{next(self._names)}"
        self._files[name] = path
        return self.con.read_parquet(path, table_name=name)

    def positioned(self, path: Path) -> ir.Table:
        """Return the table in a Parquet file with ``_row``, the position of each row, lazily."""
        name = f"rows_{next(self._names)}"
        self._positioned[name] = path
        self.raw.execute(
            f"CREATE TEMP VIEW {name} AS SELECT file_row_number AS {ROW}, * "  # noqa: S608
            f"FROM read_parquet({literal(str(path))}, hive_partitioning = false)"
        )
        self._ordered.add(name)
        return self.con.table(name)

    def beside(self, table: ir.Table, other: ir.Table) -> ir.Table:
        """Return a table with the columns of another that has a row for each of its, by ``_row``.

        The rows of a file stay in their order, and wide rows are neither matched nor sorted.
        """
        if self._file(table, positioned=True) is None:
            found = table.left_join(other.rename(_right=ROW), [table[ROW] == other[ROW]])
            return found.drop("_right") if "_right" in found.columns else found
        left, right = self.con.compile(table), self.con.compile(other.order_by(ROW).drop(ROW))
        made = self.query(f"SELECT * FROM ({left}) POSITIONAL JOIN ({right})")  # noqa: S608
        self._ordered.add(made.get_name())
        return made

    def abreast(self, table: ir.Table, other: ir.Table) -> ir.Table:
        """Return the columns of two tables that are read from files, row by row as they stand.

        The rest of the shorter one is null. Whether the same rows stand abreast is for the caller
        to check.
        """
        left, right = self.con.compile(table), self.con.compile(other)
        return self.query(f"SELECT * FROM ({left}) POSITIONAL JOIN ({right})")  # noqa: S608

    def query(self, sql: str) -> ir.Table:
        """Return the result of a trusted query, lazily."""
        name = f"query_{next(self._names)}"
        self.raw.execute(f"CREATE TEMP VIEW {name} AS {sql}")
        return self.con.table(name)

    def in_order(self, table: ir.Table) -> ir.Table:
        """Return a table with its rows by ``_row``: as it is where columns of a file are."""
        operation: Any = table.op()
        while type(operation).__name__ == "Project":
            operation = operation.parent
        known = getattr(operation, "name", None) in self._ordered
        return table if known else table.order_by(ROW)

    def with_positions(self, table: ir.Table) -> ir.Table:
        """Return a table that was read from a file, with ``_row``.

        Raises
        ------
        ValueError
            If the table is not a file as it is: its rows have no position then.
        """
        path = self._file(table)
        if path is None:
            raise ValueError(table)
        return self.positioned(path)

    def frame(self, df: pd.DataFrame) -> ir.Table:
        """Return a table that holds a copy of ``df`` without its index; NaN becomes null."""
        import pyarrow as pa

        name = f"frame_{next(self._names)}"
        self.raw.register(f"{name}_rows", pa.Table.from_pandas(df, preserve_index=False))
        self.raw.execute(f"CREATE TEMP TABLE {name} AS FROM {name}_rows")
        self.raw.unregister(f"{name}_rows")
        return self.con.table(name)

    def pandas(self, table: ir.Table) -> pd.DataFrame:
        """Return a table as a frame, by way of Arrow: for results that are known to be small.

        Each column is a block of its own and takes over the memory that Arrow gives back.
        """
        rows = self.con.to_pyarrow(table)
        frame: pd.DataFrame = rows.to_pandas(split_blocks=True, self_destruct=True)
        return frame

    def compact(self, table: ir.Table) -> pd.DataFrame:
        """Return a table as a frame of few bytes a row, with texts as categories.

        It is read batch by batch: no more of it is in memory twice.
        """
        import pyarrow as pa

        reader = self.raw.execute(self.con.compile(table)).to_arrow_reader(_BATCH)
        texts = [at for at, each in enumerate(reader.schema) if pa.types.is_string(each.type)]
        batches = []
        for batch in reader:
            columns = list(batch.columns)
            for at in texts:
                columns[at] = columns[at].dictionary_encode()
            batches.append(pa.RecordBatch.from_arrays(columns, names=batch.schema.names))
        found = pa.Table.from_batches(batches) if batches else reader.schema.empty_table()
        frame: pd.DataFrame = found.unify_dictionaries().to_pandas(
            split_blocks=True, self_destruct=True
        )
        return frame

    def write(self, table: ir.Table, path: Path) -> int:
        """Write a table to Parquet, ordered by ``_row`` where it has one.

        Parameters
        ----------
        table : ibis table
            Any expression of this session.
        path : Path
            The file to write; its folder exists. Replaced if it is there.

        Returns
        -------
        int
            The number of rows written.
        """
        source = self._file(table)
        if source is not None:
            self._place(source, path)
            return rows_in(path)
        query = self.con.compile(self.in_order(table) if ROW in table.columns else table)
        return self.copy(query, path)

    def copy(
        self, query: str, path: Path, *, compression: str = "zstd", pushdown: bool = True
    ) -> int:
        """Write the result of a trusted query to Parquet in its own order; return the rows.

        Parameters
        ----------
        query : str
            SQL of the rows.
        path : Path
            The file to write.
        compression : str
            zstd is small; snappy and lz4 are quick to write.
        pushdown : bool
            Whether filters may move below the expressions they are about, which are then computed
            twice: once to filter and once to write.
        """
        options = PARQUET.replace("zstd", compression)
        with self._without("" if pushdown else "filter_pushdown"):
            written = self.raw.execute(
                f"COPY ({query}) TO {literal(str(path))} ({options})"
            ).fetchone()
        return int(written[0]) if written else 0

    def write_columns(self, columns: Mapping[str, tuple[str, Sequence[Any]]], path: Path) -> None:
        """Write columns of plain values to Parquet: by name, the engine's type and the values.

        By way of JSON: parameters and Arrow both import pandas, which takes half a second.
        """
        listed = ", ".join(
            f"unnest(from_json({literal(json.dumps(list(values)))}, '[\"{kind}\"]')) "
            f"AS {identifier(name)}"
            for name, (kind, values) in columns.items()
        )
        self.raw.execute(f"COPY (SELECT {listed}) TO {literal(str(path))} ({PARQUET})")

    @contextmanager
    def _without(self, optimizers: str) -> Iterator[None]:
        both = ",".join(filter(None, (BROKEN, optimizers)))
        self.raw.execute(f"SET disabled_optimizers = {literal(both)}")
        try:
            yield
        finally:
            self.raw.execute(f"SET disabled_optimizers = {literal(BROKEN)}")

    def _place(self, source: Path, path: Path) -> None:
        """Put a written file at another path, without reading it if it is only ours."""
        path.unlink(missing_ok=True)
        if source.is_relative_to(self.scratch):
            with suppress(OSError):  # another file system: copy
                os.link(source, path)
                return
        shutil.copyfile(source, path)

    def file_of(self, table: ir.Table) -> Path | None:
        """Return the file whose rows a table is, with or without their position; else None."""
        return self._file(table) or self._file(table, positioned=True)

    def _file(self, table: ir.Table, *, positioned: bool = False) -> Path | None:
        """Return the file that a table *is*, unchanged or with ``_row`` beside it."""
        operation = table.op()
        name = getattr(operation, "name", None)
        if type(operation).__name__ != "DatabaseTable" or not isinstance(name, str):
            return None
        return (self._positioned if positioned else self._files).get(name)


def rows_in(path: Path) -> int:
    """Return the number of rows of a Parquet file, from its footer."""
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def identifier(name: str) -> str:
    """Quote a column or table name for DuckDB."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a string for DuckDB."""
    return "'" + text.replace("'", "''") + "'"
