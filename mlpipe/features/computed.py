"""The columns that are computed in the engine, in training and for new rows alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.features.aggregates import add_aggregates, known_reads
from mlpipe.features.expressions import add_expressions, raw_reads
from mlpipe.features.lookback import look_back

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir

    from mlpipe.features.plan import LookBackColumn, Plan
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["computed", "computes", "made_by", "raw_columns"]


def computed(
    plan: Plan,
    table: ir.Table,
    columns: Columns,
    session: Session,
    state: ir.Table | None = None,
    events: Mapping[str, ir.Table] | None = None,
) -> ir.Table:
    """Add all columns of the plan that are computed in the engine.

    Parameters
    ----------
    plan : Plan
        What featurize decided.
    table : ibis table
        Rows with ``_row`` and the raw columns; the target may be missing.
    columns : Columns
        The roles.
    session : Session
        Where the tables live.
    state : ibis table, optional
        What `mlpipe.features.lookback.keep_state` kept of the rows before.
    events : mapping of str to ibis table, optional
        The events of each source; left out where the table has what aggregates make of them.

    Raises
    ------
    DataError
        If a column is missing, or the rows do not follow the state.
    SpecError
        If an expression is not of one row.
    """
    if events is not None:
        table = add_aggregates(plan.get("aggregates", []), table, events, columns, session)
    return look_back(plan, add_expressions(plan, table, session), columns, session, state)


def computes(plan: Plan) -> bool:
    """Whether there is anything to compute in the engine."""
    return bool(plan["look_back"] or plan.get("sql") or plan.get("aggregates"))


def raw_columns(plan: Plan) -> dict[str, list[str]]:
    """Return the columns of the ingested table that each input of a pipeline is made of.

    Columns of a related source are named with it: ``events.amount``. A user's function may read
    every input that it is given.
    """
    related = known_reads(plan.get("aggregates", []))
    made = {
        **related,
        **{
            name: list(dict.fromkeys(raw for read in reads for raw in related.get(read, [read])))
            for name, reads in raw_reads(plan.get("sql", [])).items()
        },
    }
    past = {
        column["name"]: made.get(column["column"], [column["column"]])
        for column in plan["look_back"]
    }
    found = {
        column["name"]: {**made, **past}.get(column["name"], [column["name"]])
        for column in plan["inputs"]
    }
    every = list(dict.fromkeys(raw for raws in found.values() for raw in raws))
    for python in plan["python"]:
        found.update((output["name"], every) for output in python["outputs"])
    return found


def made_by(plan: Plan) -> dict[str, list[str]]:
    """Return the words that made each column before any step is fitted; of raw ones there are none.

    A statistic of earlier rows is named with its word: ``rolling mean``.
    """
    found: dict[str, list[str]] = {
        column["name"]: [f"aggregate {column['does']}"]
        for block in plan.get("aggregates", [])
        for column in block["columns"]
    }
    for column in plan.get("sql", []):
        before = [word for name in column["reads"] for word in found.get(name, ())]
        found[column["name"]] = [*dict.fromkeys([*before, "sql"])]
    for past in plan["look_back"]:
        found[past["name"]] = [*found.get(past["column"], []), _word(past)]
    for python in plan["python"]:
        found.update((output["name"], ["python"]) for output in python["outputs"])
    return found


def _word(column: LookBackColumn) -> str:
    if column["does"] in {"lag", "difference", "change", "since_last"}:
        return column["does"]
    of_all = column["rows"] is None and column["span"] is None
    return f"{'expanding' if of_all else 'rolling'} {column['does']}"
