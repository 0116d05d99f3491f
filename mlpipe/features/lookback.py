"""Look-back columns: window functions over the history of each entity, in the engine.

The history is the table itself, or the kept ``state`` and then the table, so that one new
row gets what it would get among all rows: exactly for lags, to rounding for averages.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem
from mlpipe.table.columns import ROW
from mlpipe.table.duration import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import ibis.expr.types as ir

    from mlpipe.features.plan import LookBackColumn, Plan
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["keep_state", "look_back"]

_ENTITY, _TIME, _RANK, _KNOWN = "_entity", "_time", "_rank", "_known"
_TYPES = {
    "number": "float64",
    "boolean": "float64",
    "category": "string",
    "text": "string",
    "date": "timestamp(6)",
}
_BEFORE = 2**62
"""Taken from the positions of state rows, so that they lie before those of any table."""


def look_back(
    plan: Plan,
    table: ir.Table,
    columns: Columns,
    session: Session,
    state: ir.Table | None = None,
) -> ir.Table:
    """Add the look-back columns of the plan.

    Parameters
    ----------
    plan : Plan
        Its ``look_back`` says which columns.
    table : ibis table
        Rows with ``_row``, in any order; the target may be missing.
    columns : Columns
        Says the entity (all rows are one history without) and the time.
    session : Session
        Where the tables live.
    state : ibis table, optional
        What `keep_state` kept of the rows before.

    Returns
    -------
    ibis table
        The rows and columns of ``table`` with the new columns, not ordered.

    Raises
    ------
    DataError
        If a column or a time is missing, a row contradicts the state on (entity, time), or
        is older than what the state still holds of its entity.
    """
    wanted = plan["look_back"]
    if not wanted:
        return table
    _require(table, wanted, columns)
    history = _narrow(table, wanted, columns)
    _timed(history, columns, session)
    if state is not None:
        history = _after(state, history, columns, session)
    made = _computed(history, wanted)
    found = table.left_join(made.rename(_right=ROW), [table[ROW] == made[ROW]])
    return found.drop("_right") if "_right" in found.columns else found


def keep_state(plan: Plan, table: ir.Table, columns: Columns) -> ir.Table | None:
    """Return the rows that later rows look back at, or None where nothing does.

    The last rows of each entity, as many as the widest window needs: entity, time, the
    columns looked at, and ``_row``.
    """
    wanted = plan["look_back"]
    if not wanted:
        return None
    history = _narrow(table, wanted, columns)
    ranked = history.mutate(
        _rank=_ranks(history), _last=history[_TIME].max().over(group_by=_ENTITY)
    )
    reaches = [_reach(column) for column in wanted]
    rows = {
        shift: max(reach.rows for reach in reaches if reach.shift == shift)
        for shift in sorted({reach.shift for reach in reaches})
    }
    spans = [reach.span for reach in reaches if reach.span]
    kept = [ranked[_RANK] >= _known_at(ranked, shift) - count for shift, count in rows.items()] + [
        ranked[_TIME] >= ranked["_last"] - _interval(span) for span in spans
    ]
    marked = ranked.mutate(_kept=reduce(or_, kept))
    return marked.filter(marked["_kept"]).select(ROW, *_narrow_names(wanted)).order_by(ROW)


@dataclass(frozen=True, order=True)
class _Reach:
    """How far a column looks back.

    ``rows`` among those at least ``shift`` microseconds old (0: those before the row), or
    all that are at most ``span`` microseconds old.
    """

    shift: int
    rows: int
    span: int


def _reach(column: LookBackColumn) -> _Reach:
    known = _microseconds(column["known_after"])
    span = _microseconds(column["span"])
    if column["span"] is None:
        return _Reach(known, column["rows"] or 0, 0)
    if column["does"] == "lag":
        return _Reach(max(span, known), 1, 0)
    return _Reach(known, 0, span)


def _microseconds(duration: str | None) -> int:
    return 0 if duration is None else int(parse(duration).total_seconds()) * 1_000_000


def _interval(microseconds: int) -> Any:
    import ibis

    return ibis.interval(microseconds=microseconds)


def _require(table: ir.Table, wanted: Sequence[LookBackColumn], columns: Columns) -> None:
    """All columns are there; the target may be missing, for it is not known at prediction."""
    roles = {name for name in (columns.entity, columns.time) if name is not None}
    names = (roles | {column["column"] for column in wanted}) - {columns.target_name}
    missing = sorted(names - set(table.columns))
    if missing:
        raise DataError(
            *(Problem("the column is missing; look-back needs it", key=name) for name in missing)
        )


def _narrow_names(wanted: Sequence[LookBackColumn]) -> list[str]:
    return [_ENTITY, _TIME, *dict.fromkeys(column["column"] for column in wanted)]


def _narrow(table: ir.Table, wanted: Sequence[LookBackColumn], columns: Columns) -> ir.Table:
    """Position, entity, time and the columns looked at, in types that do not vary."""
    import ibis

    kinds = {column["column"]: _source_type(column) for column in wanted}
    entity = ibis.literal("") if columns.entity is None else table[columns.entity]
    time = table[columns.time] if columns.time else table[ROW]
    return table.select(
        table[ROW],
        entity.name(_ENTITY),
        (time.cast("timestamp(6)") if time.type().is_temporal() else time).name(_TIME),
        *(
            (table[name] if name in table.columns else ibis.null()).cast(type_).name(name)
            for name, type_ in kinds.items()
        ),
    )


def _source_type(column: LookBackColumn) -> str:
    return _TYPES[column["kind"]]


def _timed(history: ir.Table, columns: Columns, session: Session) -> None:
    bad = history.filter(history[_TIME].isnull()).select(ROW).order_by(ROW).limit(5)
    rows = session.con.to_pyarrow(bad)[ROW].to_pylist()
    if rows:
        raise DataError(
            Problem(
                f"missing in row {', '.join(map(str, rows))}; look-back orders rows by time",
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
    late = new.semi_join(
        kept, [new[_ENTITY].identical_to(kept[_ENTITY]), new[_TIME] <= kept[_TIME]]
    )
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
    return kept.union(new)


def _order(history: ir.Table) -> dict[str, Any]:
    return {"group_by": [history[_ENTITY]], "order_by": [history[_TIME], history[ROW]]}


def _ranks(history: ir.Table) -> Any:
    import ibis

    return ibis.row_number().over(ibis.window(**_order(history)))


def _known_at(ranked: ir.Table, shift: int) -> Any:
    """How many rows of the entity are known at the time of its last row."""
    if shift == 0:
        return ranked.count().over(group_by=_ENTITY)
    old = ranked[_TIME] <= ranked["_last"] - _interval(shift)
    return old.sum().over(group_by=_ENTITY)


def _computed(history: ir.Table, wanted: Sequence[LookBackColumn]) -> ir.Table:
    """Position and the new columns."""
    direct = [column for column in wanted if not _reach(column).shift or _reach(column).span]
    made = history.select(
        ROW, _ENTITY, _TIME, *(_direct(history, column).name(column["name"]) for column in direct)
    )
    for shift in sorted({_reach(column).shift for column in wanted if column not in direct}):
        shifted = [c for c in wanted if c not in direct and _reach(c).shift == shift]
        made = _join_row(made, _shifted(history, shifted, shift))
    return made.select(ROW, *(column["name"] for column in wanted))


def _join_row(left: ir.Table, right: ir.Table) -> ir.Table:
    return left.join(right, ROW)


def _direct(history: ir.Table, column: LookBackColumn) -> Any:
    """Compute over the rows just before each row, or over a span of time."""
    import ibis

    value = history[column["column"]]
    if column["does"] in {"lag", "difference"}:
        earlier = value.lag(column["rows"]).over(ibis.window(**_order(history)))
        return earlier if column["does"] == "lag" else value - earlier
    reach = _reach(column)
    if reach.span:
        window = ibis.range_window(
            group_by=[history[_ENTITY]],
            order_by=[history[_TIME]],
            preceding=(_interval(reach.span), _interval(max(reach.shift, 1))),
        )
    else:
        window = ibis.window(**_order(history), preceding=(reach.rows, 1))
    return _statistic(value, column["does"]).over(window)


def _shifted(history: ir.Table, wanted: Iterable[LookBackColumn], shift: int) -> ir.Table:
    """Compute over the rows known ``shift`` earlier: find the last of them, take its columns."""
    import ibis

    wanted = list(wanted)
    window = ibis.range_window(
        group_by=[history[_ENTITY]],
        order_by=[history[_TIME]],
        preceding=(None, _interval(shift)),
    )
    seekers = history.select(ROW, _ENTITY, (history.count().over(window) - 1).name(_KNOWN))
    known = history.select(
        history[_ENTITY].name("_of"),
        _ranks(history).name(_RANK),
        *(_inclusive(history, column).name(column["name"]) for column in wanted),
    )
    found = seekers.left_join(
        known,
        [seekers[_ENTITY].identical_to(known["_of"]), seekers[_KNOWN] == known[_RANK]],
    )
    counts = [column["name"] for column in wanted if column["does"] == "count"]
    found = found.select(ROW, *(column["name"] for column in wanted))
    return found.fill_null(dict.fromkeys(counts, 0)) if counts else found


def _inclusive(history: ir.Table, column: LookBackColumn) -> Any:
    """Compute over the row itself and those before it."""
    import ibis

    value, rows = history[column["column"]], _reach(column).rows
    if column["does"] == "lag":
        return value if rows == 1 else value.lag(rows - 1).over(ibis.window(**_order(history)))
    window = ibis.window(**_order(history), preceding=(rows - 1, 0))
    return _statistic(value, column["does"]).over(window)


def _statistic(value: Any, name: str) -> Any:
    return value.std(how="sample") if name == "std" else getattr(value, name)()
