"""The window of current data: when its rows were known, and which have labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem
from mlpipe.monitor.chunks import CALENDAR, Chunk, Span
from mlpipe.table.aspects import period
from mlpipe.table.columns import ROW, Columns
from mlpipe.table.profile import count
from mlpipe.table.session import Session, identifier, literal

if TYPE_CHECKING:
    from datetime import datetime

    import ibis.expr.types as ir
    import pandas as pd

    from mlpipe.monitor.spec import Every

__all__ = ["Window"]

CHUNK = "_chunk"
"""The column that numbers the chunks of as many rows each."""


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

    @property
    def timed(self) -> bool:
        """Whether its rows have a time."""
        return self._moment() is not None

    def after(self, as_of: "datetime") -> int:
        """Count the rows whose time is later than this, in UTC."""
        moment = self._moment()
        if moment is None:
            return 0
        ((late,),) = self._all(f"count_if({moment} > {literal(as_of.isoformat())}::TIMESTAMP)")
        return int(late or 0)

    def chunk_of_rows(self, chunks: Sequence[Chunk]) -> "pd.Series[Any]":
        """Return the label of each row's chunk by ``_row``; rows that were left out have none."""
        import pandas as pd

        by = self._by()
        if not chunks[0].periods:
            found = self._all(f"{ROW}, {literal(chunks[0].label)}", f"ORDER BY {ROW}")
        else:
            found = self._all(f"{ROW}, {by}", f"ORDER BY {ROW}")
        rows, periods = [row for row, _ in found], [each for _, each in found]
        labels = {period: chunk.label for chunk in chunks for period in chunk.periods}
        labels = labels or {chunks[0].label: chunks[0].label}
        return pd.Series([labels.get(each) for each in periods], index=rows, dtype=object)

    def targets(self, labels: "ir.Table | None") -> "tuple[pd.Series[Any], list[str]]":
        """Return the known targets by ``_row``, and warnings.

        Parameters
        ----------
        labels : ibis table or None
            Key columns and the target; None: the target column of the window, if it has one.
            A key that is there twice with the same label counts once; one with different labels
            is left out. Labels of other rows are not used.

        Raises
        ------
        DataError
            The labels lack the target or a key column.
        """
        import pandas as pd

        target = self.columns.target_name
        if target is None or (labels is None and target not in self.table.columns):
            return pd.Series(dtype=object), []
        if labels is None:
            frame = self.session.pandas(self.table.select(ROW, target).order_by(ROW))
            return frame.set_index(ROW)[target].dropna(), []
        keys = list(self.columns.keys)
        _require(labels, keys, target)
        rows = self.session.pandas(self.table.select(ROW, *keys))
        return _join(self.session.pandas(labels.select(*keys, target)), rows, keys, target)

    def _by(self) -> str | None:
        """Return SQL for the period or the file of a row; None where nothing cuts the window."""
        if self.every in CALENDAR:
            return period(self.table, self.columns, self.every)
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


def _require(labels: "ir.Table", keys: Sequence[str], target: str) -> None:
    missing = [name for name in (*keys, target) if name not in labels.columns]
    if missing or not keys:
        what = ", ".join(missing) or "columns.key"
        raise DataError(Problem(f"labels cannot be joined without {what}", key="monitor.labels"))


def _join(
    labels: "pd.DataFrame", rows: "pd.DataFrame", keys: list[str], target: str
) -> "tuple[pd.Series[Any], list[str]]":
    found = labels.dropna(subset=[target])
    agreed = found.drop_duplicates()
    contradicted = agreed.duplicated(subset=keys, keep=False)
    joined = rows.merge(agreed[~contradicted], on=keys, how="inner").sort_values(ROW)
    counts = {
        "{n:,} labels are there twice; each counts once": len(found) - len(agreed),
        "{n:,} labels contradict another of the same key; left out": int(contradicted.sum()),
        "{n:,} labels belong to no row of the window": int((~contradicted).sum()) - len(joined),
    }
    notes = [text.format(n=number) for text, number in counts.items() if number > 0]
    return joined.set_index(ROW)[target], notes
