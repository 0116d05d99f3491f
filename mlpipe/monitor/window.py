"""The window of current data: when its rows were known, and which have labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.chunks import CALENDAR, Chunk, Span
from mlpipe.table.aspects import period
from mlpipe.table.columns import ROW, Columns
from mlpipe.table.profile import count
from mlpipe.table.session import Session, identifier, literal

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from mlpipe.monitor.spec import Every

__all__ = ["CHUNK", "Window"]

CHUNK = "_chunk"
"""The column that names the chunk of a row."""


@dataclass(frozen=True)
class Window:
    """The current rows.

    Attributes
    ----------
    table : ibis table
        With ``_row``.
    columns : Columns
    session : Session
    every : str
        The length of a chunk: day, week, month, file, rows or all.
    file_column : str or None
        The column that names the file of a row, or the chunk of as many rows.
    """

    table: "ir.Table"
    columns: Columns
    session: Session
    every: str
    file_column: str | None

    @classmethod
    def of(
        cls,
        table: "ir.Table",
        columns: Columns,
        session: Session,
        every: "Every",
        file_column: str | None = None,
    ) -> "Window":
        """Return the window of a table, its rows numbered by chunk where their number cuts it."""
        if isinstance(every, str):
            return cls(table, columns, session, every, file_column)
        plain = cls(table, columns, session, "rows", None)
        return cls(plain.numbered(every.rows), columns, session, "rows", CHUNK)

    def numbered(self, rows: int) -> "ir.Table":
        """Return the rows, each with the number of its chunk in the order of time."""
        source, order = self.session.con.compile(self.table), self._moment() or ROW
        path = self.session.path("numbered")
        at = f"row_number() OVER (ORDER BY {order} NULLS LAST, {ROW}) - 1"
        name = f"lpad((({at}) // {rows:d})::VARCHAR, 9, '0') AS {CHUNK}"
        self.session.copy(f"SELECT *, {name} FROM ({source}) ORDER BY {ROW}", path)  # noqa: S608
        return self.session.read(path)

    def counted(self, reference: Mapping[str, Any]) -> dict[str, Any]:
        """Return the profile of the window on the reference's bins, by period."""
        return count(
            reference,
            self.table,
            self.columns,
            self.session,
            every={"rows": "file", "all": None}.get(self.every, self.every),
            file_column=self.file_column,
        )

    def spans(self) -> dict[str, Span]:
        """Return when the rows of each period or file were known; empty without a time.

        Where nothing cuts the window, all of it has an empty key.
        """
        by, moment = self._by(), self._moment()
        if moment is None:
            return {}
        found = self._all(
            f"{by or literal('')} AS p, min({moment}), max({moment}), "
            f"bool_and({moment} = date_trunc('day', {moment}))",
            f"GROUP BY p HAVING p IS NOT NULL AND count({moment}) > 0 ORDER BY p",
        )
        return {str(key): Span(first, last, daily) for key, first, last, daily in found}

    def cut(self, said: "ir.Table", chunks: Sequence[Chunk]) -> "ir.Table":
        """Return what was said of the rows of these chunks, each row with the label of its own.

        Rows never leave the engine, and where what was said has the columns that cut the window
        beside it, they are not matched with those of the window either.

        Parameters
        ----------
        said : ibis table
            ``_row``, and more columns of the same rows.
        chunks : sequence of Chunk
        """
        names = [name for name in said.columns if name not in self._cutting()]
        wanted = ", ".join(identifier(name) for name in names)
        labels = {period: chunk.label for chunk in chunks for period in chunk.periods}
        path, source = self.session.path("cut"), self._beside(said)
        if labels:
            pairs = ", ".join(f"({literal(k)}, {literal(v)})" for k, v in labels.items())
            found = f"(SELECT *, {self._by()} AS _period FROM ({source})) "  # noqa: S608
            found += f"JOIN (VALUES {pairs}) AS named(_period, _label) USING (_period)"
            wanted += f", _label AS {CHUNK}"
        else:
            label = literal(chunks[0].label) if chunks else "NULL::VARCHAR"
            found = f"({source}) WHERE {'true' if chunks else 'false'}"
            wanted += f", {label} AS {CHUNK}"
        self.session.copy(f"SELECT {wanted} FROM {found}", path, compression="lz4")  # noqa: S608
        return self.session.read(path)

    def _cutting(self) -> list[str]:
        """Return the column that says which chunk a row is of, where there is one."""
        name = self.columns.time if self.every in CALENDAR else self.file_column
        return [name] if name and self._by() else []

    def _beside(self, said: "ir.Table") -> str:
        """Return SQL of what was said with the column that cuts the window beside it."""
        missing = [identifier(name) for name in self._cutting() if name not in said.columns]
        source = str(self.session.con.compile(said))
        if not missing:
            return source
        rows = f"SELECT {ROW}, {', '.join(missing)} FROM ({self.session.con.compile(self.table)})"  # noqa: S608
        return f"SELECT * FROM ({source}) JOIN ({rows}) USING ({ROW})"  # noqa: S608

    def targets(self) -> "pd.Series[Any]":
        """Return the known targets by ``_row``; ingest has joined the labels that have come."""
        import pandas as pd

        target = self.columns.target_name
        if target is None or target not in self.table.columns:
            return pd.Series(dtype=object)
        known = self.table.select(ROW, target).filter(self.table[target].notnull())
        found: pd.Series[Any] = self.session.compact(known).set_index(ROW)[target]
        return found.dropna().sort_index()

    def _by(self) -> str | None:
        """Return SQL for the period or the file of a row; None where nothing cuts the window."""
        if self.every in CALENDAR:
            first = period(self.table, self.columns, self.every)
            return f"{first}::VARCHAR" if first else None
        there = self.file_column in self.table.columns and self.every in ("file", "rows")
        return identifier(self.file_column) if self.file_column and there else None

    def _moment(self) -> str | None:
        time = self.columns.time
        dtype = self.table.schema().get(time) if time else None
        if time is None or dtype is None or not (dtype.is_date() or dtype.is_timestamp()):
            return None
        return f"{identifier(time)}::TIMESTAMP"

    def _all(self, wanted: str, rest: str = "") -> list[Any]:
        source = self.session.con.compile(self.table)
        return self.session.raw.execute(f"SELECT {wanted} FROM ({source}) {rest}").fetchall()  # noqa: S608
