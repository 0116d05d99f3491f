"""What a bundle keeps of the past, and the columns that are computed of it for new rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mlpipe.errors import Problem, StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import ibis.expr.types as ir

    from mlpipe.features.plan import Plan
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["read_plan", "with_past"]


def with_past(
    plan: Plan,
    table: ir.Table,
    columns: Columns,
    session: Session,
    state: Path | None,
    events: Mapping[str, Path],
    given: Mapping[str, ir.Table],
) -> ir.Table:
    """Add the columns that are computed of a table with ``_row`` and of what is kept.

    Parameters
    ----------
    plan : Plan
        Which columns.
    table : ibis table
        New rows.
    columns : Columns
        The roles.
    session : Session
        Of the table.
    state : Path or None
        The last rows of each entity, where something looks back.
    events : mapping of str to Path
        The events of each source.
    given : mapping of str to ibis table
        Events that come with the rows; those that are kept too count once.

    Raises
    ------
    DataError
        If rows do not follow those kept, or are earlier than the events that are known.
    """
    from mlpipe.features.aggregates import merged, refuse_older
    from mlpipe.features.computed import computed

    rows = session.read(state) if state else None
    blocks = plan.get("aggregates", [])
    refuse_older(blocks, table, given, columns, session)
    known = merged(blocks, events, given, session)
    return computed(plan, table, columns, session, rows, known)


def read_plan(path: Path, files: Mapping[str, Path]) -> Plan:
    """Return how features are made, once all is there that they are made of.

    Parameters
    ----------
    path : Path
        ``plan.json`` of the bundle.
    files : mapping of str to Path
        Its files by name.

    Raises
    ------
    StoreError
        If it is no plan, or events that aggregates are over are missing.
    """
    try:
        plan: Plan = json.loads(path.read_bytes())
        sound = {"inputs", "look_back", "models"} <= plan.keys()
        sources = [block["source"] for block in plan.get("aggregates", [])]
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        sound = False
    if not sound:
        raise StoreError(Problem("this says nothing of how features are made", str(path)))
    for source in sources:
        if f"events_{source}.parquet" not in files:
            raise StoreError(Problem(f"the bundle lacks the events of {source}", str(path.parent)))
    return plan
