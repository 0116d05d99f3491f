"""The history that columns look back at: rows of the table, after those that a model keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem
from mlpipe.table.columns import ROW

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from mlpipe.features.plan import LookBackColumn
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = [
    "AS_OF",
    "ENTITY",
    "OLDER",
    "RANK",
    "ROWS",
    "TIME",
    "History",
    "history_of",
    "names_kept",
    "narrow",
    "order",
    "ranks",
]

ENTITY, TIME, RANK = "_entity", "_time", "_rank"
OLDER = "_older_"
"""Begins the columns of a state that say what rows come to that it does not hold."""
ROWS, AS_OF = f"{OLDER}rows", f"{OLDER}as_of"
_TYPES = {
    "number": "float64",
    "boolean": "float64",
    "category": "string",
    "text": "string",
    "date": "timestamp(6)",
}
_BEFORE = 2**62
"""Taken from the positions of state rows, so that they lie before those of any table."""


@dataclass(frozen=True)
class History:
    """Rows in time, and what older ones that are not among them come to.

    Attributes
    ----------
    rows : ibis table
        ``_row``, ``_entity``, ``_time`` and the columns looked at.
    older : ibis table, optional
        One row an entity, with the columns of `mlpipe.features.lookback.running.summarised`.
    """

    rows: Any
    older: Any = None


def history_of(
    table: ir.Table,
    wanted: Sequence[LookBackColumn],
    columns: Columns,
    session: Session,
    state: ir.Table | None = None,
) -> History:
    """Return the rows of the table, after those of the state.

    Raises
    ------
    DataError
        If a column or a time is missing, or a row contradicts the state.
    """
    _require(table, wanted, columns)
    rows = narrow(table, wanted, columns)
    _timed(rows, columns, session)
    if state is None:
        return History(rows)
    older = _older(state, rows, columns, session)
    return History(_after(state, rows, columns, session), older)


def names_kept(wanted: Sequence[LookBackColumn]) -> list[str]:
    """Return the names of entity, time and the columns looked at."""
    return [ENTITY, TIME, *dict.fromkeys(column["column"] for column in wanted)]


def order(rows: ir.Table) -> dict[str, Any]:
    """Return the window of all rows of an entity, in time."""
    return {"group_by": [rows[ENTITY]], "order_by": [rows[TIME], rows[ROW]]}


def ranks(rows: ir.Table) -> Any:
    """Return how many rows of its entity lie before each."""
    import ibis

    return ibis.row_number().over(ibis.window(**order(rows)))


def _require(table: ir.Table, wanted: Sequence[LookBackColumn], columns: Columns) -> None:
    """All columns are there; the target may be missing, for it is not known at prediction."""
    roles = {name for name in (columns.entity, columns.time) if name is not None}
    names = (roles | {column["column"] for column in wanted}) - {columns.target_name}
    missing = sorted(names - set(table.columns))
    if missing:
        raise DataError(
            *(Problem("the column is missing; look-back needs it", key=name) for name in missing)
        )


def narrow(table: ir.Table, wanted: Sequence[LookBackColumn], columns: Columns) -> ir.Table:
    """Position, entity, time and the columns looked at, in types that do not vary."""
    import ibis

    kinds = {column["column"]: _TYPES[source_kind(column)] for column in wanted}
    entity = ibis.literal("") if columns.entity is None else table[columns.entity]
    time = table[columns.time] if columns.time else table[ROW]
    return table.select(
        table[ROW],
        entity.name(ENTITY),
        (time.cast("timestamp(6)") if time.type().is_temporal() else time).name(TIME),
        *(
            (table[name] if name in table.columns else ibis.null()).cast(type_).name(name)
            for name, type_ in kinds.items()
        ),
    )


def source_kind(column: LookBackColumn) -> str:
    """Return the kind of what a column looks at."""
    return column.get("of", column["kind"])


def _timed(rows: ir.Table, columns: Columns, session: Session) -> None:
    bad = rows.filter(rows[TIME].isnull()).select(ROW).order_by(ROW).limit(5)
    found = session.con.to_pyarrow(bad)[ROW].to_pylist()
    if found:
        raise DataError(
            Problem(
                f"missing in row {', '.join(map(str, found))}; look-back orders rows by time",
                key=columns.time or "",
            )
        )


def _after(state: ir.Table, new: ir.Table, columns: Columns, session: Session) -> ir.Table:
    """Put the state before the new rows; a row that stands in both is taken once."""
    kept = state.select(
        (state[ROW] - _BEFORE).name(ROW),
        *(state[name].cast(new[name].type()).name(name) for name in new.columns if name != ROW),
    )
    compared = [name for name in new.columns if name not in {ROW, columns.target_name}]
    kept = kept.anti_join(new, [kept[name].identical_to(new[name]) for name in compared])
    late = new.semi_join(kept, [new[ENTITY].identical_to(kept[ENTITY]), new[TIME] <= kept[TIME]])
    _refuse(late, columns, session)
    return kept.union(new)


def _older(state: ir.Table, new: ir.Table, columns: Columns, session: Session) -> ir.Table | None:
    """Return what older rows come to, of the entities that do not bring all of them again."""
    if AS_OF not in state.columns:
        return None
    older = state.filter(state[AS_OF].notnull())
    older = older.select(ENTITY, *(name for name in state.columns if name.startswith(OLDER)))
    of = older.rename(_of=ENTITY)
    again = new.join(of, [new[ENTITY].identical_to(of["_of"]), new[TIME] <= of[AS_OF]])
    brought = again.group_by("_of").aggregate(_brought=again.count(), _rows=again[ROWS].max())
    partly = brought.filter(brought["_brought"] != brought["_rows"])
    _refuse(again.semi_join(partly, [again["_of"].identical_to(partly["_of"])]), columns, session)
    return older.anti_join(brought, [older[ENTITY].identical_to(brought["_of"])])


def _refuse(late: ir.Table, columns: Columns, session: Session) -> None:
    rows = session.con.to_pyarrow(late.select(ROW).order_by(ROW).limit(5))[ROW].to_pylist()
    if rows:
        raise DataError(
            Problem(
                f"row {', '.join(map(str, rows))}: not later than, and different from, the rows "
                "that the model keeps of the same entity",
                key=columns.time or "",
                hint="give rows that are new, or the whole history of these entities",
            )
        )
