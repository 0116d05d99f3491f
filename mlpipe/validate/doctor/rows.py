# ruff: noqa: S608 — every name in these queries is quoted by `identifier`.
"""The rows that the doctor looks at: all of them, or a sample that is always the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.arrays import Array
from mlpipe.table.columns import RESERVED, ROW, Columns
from mlpipe.table.sample import PLACES, STRETCH, holding, picked, scattered, within
from mlpipe.table.session import identifier, literal
from mlpipe.validate.doctor.column import Column, encode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import ibis.expr.datatypes as dt
    import ibis.expr.types as ir
    import pyarrow as pa

    from mlpipe.table.session import Session

__all__ = ["CELLS", "MOST_ROWS", "Parting", "Rows", "Setting", "read_rows"]

MOST_ROWS = 200_000
"""Rows beyond which a sample is looked at."""

SAMPLED = 100_000
"""Rows of that sample: they tell a share of 0.1 % within 0.02 %, where rows side by side are no
more alike than others."""

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
            if name not in shut and not self.roles.ignores(name):
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

    Which rows are sampled depends on their positions and their parts alone.
    """
    names = [name for name, dtype in table.schema().items() if _plain(name, dtype)]
    parts, kinds = session.con.compile(setting.parts), setting.kinds
    counts = _counts(parts, session)
    of = sum(sum(each.values()) for each in counts.values())
    most = min(MOST_ROWS, max(CELLS // max(len(names), 1), 1_000))
    chosen = _chosen(counts, min(most, SAMPLED) / of) if of > most else "true"
    found = _fetch(session.con.compile(table), parts, names, chosen, session)
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


def _counts(parts: str, session: Session) -> dict[str, dict[int, int]]:
    """Return how many rows of each part lie in each stretch of the table."""
    found: dict[str, dict[int, int]] = {}
    query = (
        f"SELECT part, {ROW} // {STRETCH}, count(*) FROM ({parts}) "
        "WHERE part <> 'out' GROUP BY ALL ORDER BY ALL"
    )
    for part, stretch, count in session.raw.execute(query).fetchall():
        found.setdefault(part, {})[stretch] = count
    return found


def _chosen(counts: Mapping[str, Mapping[int, int]], share: float) -> str:
    """Return a SQL condition that takes a share of each part, out of a few places.

    Each part has places of its own, spread over the rows that it has: a part that is the last
    rows of the table would else be missed. One of less than half the rows has half as many.
    What can be said of both sides of the join is said of both, of the rows ``t`` and of their
    parts ``p``: less of both files is read.
    """
    sizes = {part: sum(each.values()) for part, each in counts.items()}
    few = {part: size * 2 < sum(sizes.values()) for part, size in sizes.items()}
    wanted = {part: share * size for part, size in sizes.items()}
    looked = {
        stretch
        for part, each in counts.items()
        for stretch in holding(each, int(wanted[part]), PLACES // (1 + few[part]))
    }
    there = {part: sum(each.get(at, 0) for at in looked) for part, each in counts.items()}
    taken = {part: min(1.0, wanted[part] / there[part]) for part in counts}
    limits = " ".join(f"WHEN {literal(each)} THEN {int(s * 2**32)}" for each, s in taken.items())
    sides = " AND ".join(within(looked, f"{side}.{ROW}") for side in "tp")
    most = picked(max(taken.values()), f"t.{ROW}")
    return f"{sides} AND {most} AND {scattered(f'p.{ROW}')} < CASE p.part {limits} END"


def _fetch(table: str, parts: str, names: list[str], chosen: str, session: Session) -> pa.Table:
    listed = "".join(f", t.{identifier(name)} AS c{place}" for place, name in enumerate(names))
    query = (
        f"SELECT t.{ROW} AS at, p.part AS side{listed} FROM ({table}) t "
        f"JOIN ({parts}) p USING ({ROW}) "
        f"WHERE p.part <> 'out' AND {chosen} ORDER BY t.{ROW}"
    )
    return session.raw.sql(query).to_arrow_table()
