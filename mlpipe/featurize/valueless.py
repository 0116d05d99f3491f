"""Where a computed column has no value though all that it reads is there: said, never hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.features.computed import computed
from mlpipe.features.expressions import undefined
from mlpipe.features.plan import LookBackColumn, Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["valueless"]


def valueless(plan: Plan, table: ir.Table, columns: Columns, session: Session) -> list[str]:
    """Say where an expression or a change has no value, though all that it reads is there."""
    found = undefined(plan, table, session)
    changes = [column for column in plan["look_back"] if column["does"] == "change"]
    if changes:
        found |= _from_nothing(plan, changes, table, columns, session)
    return [
        f"{name}: no value in {rows:,} row{'s' if rows > 1 else ''}, though all that it reads is "
        "there: a division by zero, the logarithm of a negative number, or the like"
        for name, rows in found.items()
    ]


def _from_nothing(
    plan: Plan,
    changes: Sequence[LookBackColumn],
    table: ir.Table,
    columns: Columns,
    session: Session,
) -> dict[str, int]:
    """Return in how many rows there is a difference to the earlier value, and no change."""
    twins = [
        LookBackColumn(
            **{**column, "name": f"difference of {column['name']}", "does": "difference"}
        )
        for column in changes
    ]
    both: Plan = {**plan, "look_back": [*changes, *twins]}
    rows = computed(both, table, columns, session)
    counts = rows.aggregate(
        **{
            column["name"]: (rows[column["name"]].isnull() & rows[twin["name"]].notnull()).sum()
            for column, twin in zip(changes, twins, strict=True)
        }
    )
    (row,) = session.con.to_pyarrow(counts).to_pylist()
    return {name: count for name, count in row.items() if count}
