"""The columns that look back, added to a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.features.lookback.history import ENTITY, RANK, TIME, history_of, order, ranks
from mlpipe.features.lookback.reach import interval, reach
from mlpipe.features.lookback.running import all_before, statistic
from mlpipe.table.columns import ROW

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import ibis.expr.types as ir

    from mlpipe.features.lookback.history import History
    from mlpipe.features.plan import LookBackColumn, Plan
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["look_back"]

_KNOWN, _OWN = "_known", "_own_"
_EARLIER = frozenset({"lag", "difference", "change"})
"""Words that take the value of one earlier row."""


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
        The rows and columns of ``table`` with the new columns; in the order of ``table`` where
        that is a file, else not ordered.

    Raises
    ------
    DataError
        If a column or a time is missing, a row contradicts the state on (entity, time), or
        is older than what the state still holds of its entity.
    """
    wanted = plan["look_back"]
    if not wanted:
        return table
    history = history_of(table, wanted, columns, session, state)
    made = _computed(history, wanted)
    return session.beside(table, made.filter(made[ROW] >= 0))


def _computed(history: History, wanted: Sequence[LookBackColumn]) -> ir.Table:
    """Position and the new columns."""
    rows = _ranked(history, wanted)
    direct = [column for column in wanted if not _by_known_row(column)]
    made = rows.select(ROW, *(_direct(rows, column).name(column["name"]) for column in direct))
    for shift in sorted({reach(column).shift for column in wanted if column not in direct}):
        shifted = [c for c in wanted if c not in direct and reach(c).shift == shift]
        made = made.join(_shifted(history.rows, shifted, shift), ROW)
    return made.select(ROW, *(column["name"] for column in wanted))


def _by_known_row(column: LookBackColumn) -> bool:
    """Whether the last row known then has to be found before anything else."""
    far = reach(column)
    return bool(far.shift) and not far.span and not far.all


def _ranked(history: History, wanted: Sequence[LookBackColumn]) -> ir.Table:
    """Put beside the rows their place among those of the entity, and what older rows come to."""
    rows = history.rows
    if any(reach(column).all or column["does"] in {"first", "last"} for column in wanted):
        rows = rows.mutate(_rank=ranks(rows))
    if history.older is None:
        return rows
    older = history.older.rename(_of=ENTITY)
    return rows.left_join(older, [rows[ENTITY].identical_to(older["_of"])])


def _direct(rows: ir.Table, column: LookBackColumn) -> Any:
    """Compute over the rows just before each row, over a span of time, or over all before."""
    import ibis

    value, far = rows[column["column"]], reach(column)
    if column["does"] in _EARLIER:
        earlier = value.lag(column["rows"]).over(ibis.window(**order(rows)))
        return _against(column["does"], value, earlier)
    if far.all:
        return all_before(rows, column)
    if far.span:
        window = ibis.range_window(
            group_by=[rows[ENTITY]],
            order_by=[rows[TIME]],
            preceding=(interval(far.span), interval(max(far.shift, 1))),
        )
    else:
        window = ibis.window(**order(rows), preceding=(far.rows, 1))
    return statistic(rows, value, column["does"]).over(window)


def _against(does: str, value: Any, earlier: Any) -> Any:
    """Return the earlier value, the difference to it, or the change relative to it."""
    import ibis

    if does == "lag":
        return earlier
    if does == "difference":
        return value - earlier
    ratio = value / earlier.nullif(0) - 1
    return ratio.isinf().ifelse(ibis.null("float64"), ratio)


def _shifted(rows: ir.Table, wanted: Iterable[LookBackColumn], shift: int) -> ir.Table:
    """Compute over the rows known ``shift`` earlier: find the last of them, take its columns."""
    import ibis

    wanted = list(wanted)
    window = ibis.range_window(
        group_by=[rows[ENTITY]],
        order_by=[rows[TIME]],
        preceding=(None, interval(shift)),
    )
    own = {f"{_OWN}{name}": rows[name] for name in {column["column"] for column in wanted}}
    seekers = rows.select(ROW, ENTITY, (rows.count().over(window) - 1).name(_KNOWN), **own)
    ranked = rows.mutate(_rank=ranks(rows))
    known = ranked.select(
        ranked[ENTITY].name("_of"),
        RANK,
        *(_inclusive(ranked, column).name(column["name"]) for column in wanted),
    )
    found = seekers.left_join(
        known,
        [seekers[ENTITY].identical_to(known["_of"]), seekers[_KNOWN] == known[RANK]],
    )
    return found.select(ROW, *(_finished(found, column).name(column["name"]) for column in wanted))


def _finished(found: ir.Table, column: LookBackColumn) -> Any:
    value = found[column["name"]]
    if column["does"] in _EARLIER:
        return _against(column["does"], found[f"{_OWN}{column['column']}"], value)
    return value.fill_null(0) if column["does"] == "count" else value


def _inclusive(ranked: ir.Table, column: LookBackColumn) -> Any:
    """Compute over the row itself and those before it."""
    import ibis

    value, rows = ranked[column["column"]], reach(column).rows
    if column["does"] in _EARLIER:
        return value if rows == 1 else value.lag(rows - 1).over(ibis.window(**order(ranked)))
    window = ibis.window(**order(ranked), preceding=(rows - 1, 0))
    return statistic(ranked, value, column["does"]).over(window)
