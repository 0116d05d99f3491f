"""What a model keeps of the rows it has seen, so that new rows can look back at them."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from mlpipe.features.lookback.history import ENTITY, RANK, TIME, names_kept, narrow, ranks
from mlpipe.features.lookback.reach import interval, reach, running
from mlpipe.features.lookback.running import summarised
from mlpipe.table.columns import ROW

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from mlpipe.features.plan import LookBackColumn, Plan
    from mlpipe.table.columns import Columns

__all__ = ["keep_state"]


def keep_state(plan: Plan, table: ir.Table, columns: Columns) -> ir.Table | None:
    """Return the rows that later rows look back at, or None where nothing does.

    The last rows of each entity, as many as the widest window needs: entity, time, the
    columns looked at, and ``_row``. Where a column looks at all earlier rows, what those
    that are not kept come to stands beside the first kept row of the entity.
    """
    wanted = plan["look_back"]
    if not wanted:
        return None
    rows = narrow(table, wanted, columns)
    marked = _marked(rows, wanted)
    names = [ROW, *names_kept(wanted)]
    if not running(wanted):
        return marked.filter(marked["_kept"]).select(*names).order_by(ROW)
    return _with_older(marked, wanted, names)


def _marked(rows: ir.Table, wanted: Sequence[LookBackColumn]) -> ir.Table:
    """Say of each row whether some column of a later row can reach it."""
    ranked = rows.mutate(_rank=ranks(rows), _last=rows[TIME].max().over(group_by=ENTITY))
    reaches = [reach(column) for column in wanted]
    counts = {
        shift: max(one.rows for one in reaches if one.shift == shift)
        for shift in sorted({one.shift for one in reaches})
    }
    spans = [one.span for one in reaches if one.span]
    kept = [ranked[RANK] >= _known_at(ranked, shift) - count for shift, count in counts.items()] + [
        ranked[TIME] >= ranked["_last"] - interval(span) for span in spans
    ]
    return ranked.mutate(_kept=reduce(or_, kept))


def _known_at(ranked: ir.Table, shift: int) -> Any:
    """How many rows of the entity are known at the time of its last row."""
    if shift == 0:
        return ranked.count().over(group_by=ENTITY)
    old = ranked[TIME] <= ranked["_last"] - interval(shift)
    return old.sum().over(group_by=ENTITY)


def _with_older(marked: ir.Table, wanted: Sequence[LookBackColumn], names: list[str]) -> ir.Table:
    """Keep all rows from the first kept time on, and what the rows before come to."""
    first = marked[TIME].min(where=marked["_kept"]).over(group_by=ENTITY)
    parted = marked.mutate(_from=first)
    old = parted.filter(parted[TIME] < parted["_from"])
    kept = parted.filter(parted[TIME] >= parted["_from"])
    kept = kept.mutate(_beside=kept[RANK] == kept[RANK].min().over(group_by=ENTITY))
    older = summarised(old, wanted).rename(_of=ENTITY)
    found = kept.left_join(older, [kept["_beside"], kept[ENTITY].identical_to(older["_of"])])
    return found.select(*names, *(name for name in older.columns if name != "_of")).order_by(ROW)
