# ruff: noqa: S608 — every name in these queries is quoted by `identifier`.
"""The rows that the doctor looks at: all of them, or a sample that is always the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.arrays import Array
from mlpipe.table.columns import RESERVED, ROW, Columns
from mlpipe.table.session import identifier
from mlpipe.validate.doctor.column import Column, encode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import ibis.expr.datatypes as dt
    import ibis.expr.types as ir
    import pyarrow as pa

    from mlpipe.table.session import Session

__all__ = ["CELLS", "MOST_ROWS", "Parting", "Rows", "Setting", "read_rows"]

MOST_ROWS = 200_000
"""Rows beyond which a sample is looked at: 200,000 tell a share of 0.1 % within 0.014 %."""

CELLS = 4_000_000
"""Rows times columns beyond which fewer rows are: a wide table takes no longer than a long one."""

_SPREAD, _RANGE = 2_654_435_761, 2**32  # Knuth's multiplicative hash: no period of the data fits it


@dataclass(frozen=True)
class Parting:
    """How the rows were parted.

    Attributes
    ----------
    by : str
        ``split.by``.
    column : str or None
        The column that parts them, where it is no feature: of ``by: column`` and ``by: file``.
    """

    by: str = "random"
    column: str | None = None


@dataclass(frozen=True, eq=False)
class Setting:
    """What the doctor is told of the other steps.

    Attributes
    ----------
    parts : ibis table
        ``_row`` and ``part`` (train, valid, test, out) of each row.
    parting : Parting
        How they came about.
    task : str
        What is predicted: binary, multiclass or regression.
    kinds : mapping of str to str
        The kind of each column, as ingest found it.
    """

    parts: Any
    parting: Parting
    task: str
    kinds: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows in scope, by column.

    Attributes
    ----------
    columns : mapping of str to Column
        All columns of a plain type, roles and ignored ones included.
    parts : array of str, shape (n,)
        train, valid or test.
    positions : array of int64, shape (n,)
        Their place in the ingested table, ascending.
    of : int
        How many rows there are of which these are some.
    """

    columns: Mapping[str, Column]
    parts: Array
    positions: Array
    of: int
    roles: Columns
    task: str
    parting: Parting

    @property
    def count(self) -> int:
        """How many rows are looked at."""
        return len(self.positions)

    @property
    def train(self) -> Array:
        """Which rows are learned from."""
        import numpy as np

        return np.asarray(self.parts == "train")

    @property
    def target(self) -> Column | None:
        """The target, where there is one."""
        return self.columns.get(self.roles.target_name or "")

    @property
    def folds(self) -> Array:
        """A number from 0 to 4 for each row, for cross-fitting."""
        return (self.positions * _SPREAD % _RANGE) % 5

    def considered(self) -> Iterator[Column]:
        """Yield the columns that are neither target nor weight nor ignored."""
        shut = {self.roles.target_name, self.roles.weight, self.parting.column}
        for name, column in self.columns.items():
            ignored = any(fnmatchcase(name, pattern) for pattern in self.roles.ignore)
            if name not in shut and not ignored:
                yield column

    def features(self) -> list[Column]:
        """Return the columns that may be features: no key, entity or time either."""
        shut = {*self.roles.keys, self.roles.entity, self.roles.time}
        return [column for column in self.considered() if column.name not in shut]

    def without(self, names: Collection[str]) -> Rows:
        """Return the same rows without some columns."""
        kept = {name: column for name, column in self.columns.items() if name not in names}
        return replace(self, columns=kept)

    def hides(self, column: str) -> bool:
        """Whether the values of a column are not to be shown."""
        return column.lower() in {name.lower() for name in self.roles.sensitive}


def read_rows(table: ir.Table, roles: Columns, setting: Setting, session: Session) -> Rows:
    """Read the rows of train, valid and test, at most `MOST_ROWS` of them.

    Which rows are sampled depends on their positions and their number alone.
    """
    names = [name for name, dtype in table.schema().items() if _plain(name, dtype)]
    parts, kinds = setting.parts, setting.kinds
    counted = session.con.compile(parts.filter(parts["part"] != "out").count())
    of = int((session.raw.execute(counted).fetchone() or (0,))[0])
    most = min(MOST_ROWS, max(CELLS // max(len(names), 1), 1_000))
    found = _fetch(table, parts, names, most / of if of > most else 1.0, session)
    columns = {
        name: encode(name, kinds.get(name, "category"), found[f"c{place}"])
        for place, name in enumerate(names)
    }
    positions, sides = found["at"].to_numpy(), found["side"].to_numpy()
    sides = sides.astype(str)
    return Rows(columns, sides, positions, of, roles, setting.task, setting.parting)


def _plain(name: str, dtype: dt.DataType) -> bool:
    plain = dtype.is_numeric() or dtype.is_string() or dtype.is_date() or dtype.is_timestamp()
    return name not in RESERVED and (plain or dtype.is_boolean())


def _fetch(
    table: ir.Table, parts: ir.Table, names: list[str], share: float, session: Session
) -> pa.Table:
    chosen = "".join(f", t.{identifier(name)} AS c{place}" for place, name in enumerate(names))
    sampled = f"AND p.{ROW} * {_SPREAD} % {_RANGE} < {int(share * _RANGE)}" if share < 1 else ""
    query = (
        f"SELECT t.{ROW} AS at, p.part AS side{chosen} FROM ({session.con.compile(table)}) t "
        f"JOIN ({session.con.compile(parts)}) p USING ({ROW}) "
        f"WHERE p.part <> 'out' {sampled} ORDER BY t.{ROW}"
    )
    return session.raw.sql(query).to_arrow_table()
