"""Featurize: the table with look-back columns, and the plan of every model's pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.features.aggregates import add_aggregates, dated, keep_events
from mlpipe.features.computed import computed
from mlpipe.features.expressions import add_expressions
from mlpipe.features.lookback import keep_state
from mlpipe.features.plan import FORMAT, AggregateBlock, Input, Plan
from mlpipe.features.transforms.one_hot import OneHot
from mlpipe.features.words import step
from mlpipe.featurize.blocks import look_back_columns, plan_model
from mlpipe.featurize.check import misfits
from mlpipe.featurize.expressions import sql_columns, sql_inputs
from mlpipe.featurize.facts import scan
from mlpipe.featurize.pinned import pinned
from mlpipe.featurize.related import aggregate_blocks, aggregate_inputs, undated
from mlpipe.featurize.select import barred, beside, named
from mlpipe.featurize.trial import python_block, sample_rows, trial
from mlpipe.featurize.valueless import valueless
from mlpipe.table.columns import RESERVED, ROW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import ibis.expr.types as ir

    from mlpipe.featurize.facts import Facts
    from mlpipe.featurize.spec import Featurize
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["check", "featurize"]

MANY_LEVELS = 1000
"""A one_hot of more levels than this needs a limit."""


def check(
    spec: Featurize, columns: Columns, report_columns: Sequence[Input], models: Mapping[str, str]
) -> None:
    """Refuse a section that does not fit the table.

    Raises
    ------
    SpecError
        With every problem, keyed ``featurize.0.columns.1``.
    """
    found = [
        Problem(message, key=".".join(map(str, at)), hint=hint)
        for at, message, hint in misfits(spec, columns, report_columns, models)
    ]
    if found:
        raise SpecError(*found)


def featurize(
    spec: Featurize,
    columns: Columns,
    report_columns: Sequence[Input],
    models: Mapping[str, str],
    table: ir.Table,
    parts: ir.Table,
    session: Session,
    seed: int,
    *,
    task: str | None = None,
    events: Mapping[str, ir.Table] | None = None,
) -> dict[str, Any]:
    """Decide the features of every model, and compute those that look back.

    Parameters
    ----------
    spec : Featurize
        The section.
    columns : Columns
        The roles of the columns.
    report_columns : sequence of {"name", "type", "kind"}
        The columns of the table, as the report of ingest has them.
    models : mapping of str to {"linear", "trees", "other"}
        The family of each model.
    table : ibis table
        The ingested rows with ``_row``.
    parts : ibis table
        ``_row`` and ``part``; choices look at train only.
    session : Session
        Where the tables live.
    seed : int
        Random choices follow from it.
    task : {"binary", "multiclass", "regression"}, optional
        What target encoders are told; guessed from the target by default.
    events : mapping of str to ibis table, optional
        What ingest kept of each source that aggregates are over.

    Returns
    -------
    dict
        ``table`` (``_row``, the roles, raw and look-back columns), ``plan`` (see
        `mlpipe.features.plan.Plan`), ``report``, ``state`` where something looks back, and
        ``events_SOURCE`` where aggregates are over it.

    Raises
    ------
    SpecError
        If the section does not fit the table.
    DataError
        If no feature is left, or one column would become more than 1,000.
    ComputeError
        If the steps cannot be fitted on a sample of train.
    """
    events = events or {}
    blocks = dated(aggregate_blocks(spec, columns, table, events), table, columns, session)
    table = add_aggregates(blocks, table, events, columns, session)
    plan, rows, inputs = _begun(spec, columns, report_columns, blocks, table, session, task)
    check(spec, columns, inputs, models)
    candidates = _candidates(spec, inputs, columns)
    plan["look_back"] = look_back_columns(spec, inputs, columns)
    plan["inputs"] = candidates + [
        Input(name=made["name"], kind=made["kind"], type="look_back") for made in plan["look_back"]
    ]
    output = _written(computed(plan, table, columns, session), plan, columns, session)
    train = output.semi_join(parts.filter(parts["part"] == "train"), ROW)
    facts = scan(train, candidates, session)
    sample = sample_rows(train, session)
    plan["python"] = [
        python_block(block, plan, sample, f"featurize.{index}.python")
        for index, block in enumerate(spec.blocks)
        if block.python
    ]
    dropped = {}
    for model, family in models.items():
        plan["models"][model], dropped[model] = plan_model(
            spec, (model, family), plan, columns, facts
        )
    _refuse_wide(plan, facts)
    report = _report(plan, dropped, facts)
    raw = [column["name"] for column in inputs]
    report["pinned"] = pinned(spec, report["models"], raw)
    report["warnings"] += valueless(plan, table, columns, session)
    report["warnings"] += undated(blocks, events, session)
    report["trial"] = {model: trial(plan, model, sample, columns, seed) for model in models}
    outputs = {"table": output, "plan": plan, "report": report}
    return {**outputs, **_kept(plan, rows, events, columns, session)}


def _kept(
    plan: Plan,
    rows: ir.Table,
    events: Mapping[str, ir.Table],
    columns: Columns,
    session: Session,
) -> dict[str, Any]:
    """Return what later rows look back at: rows of the table, and events."""
    state = keep_state(plan, rows, columns)
    related = keep_events(plan.get("aggregates", []), events, session)
    of_sources = {f"events_{source}": kept for source, kept in related.items()}
    return of_sources if state is None else {"state": state, **of_sources}


def _begun(
    spec: Featurize,
    columns: Columns,
    report_columns: Sequence[Input],
    blocks: list[AggregateBlock],
    table: ir.Table,
    session: Session,
    task: str | None,
) -> tuple[Plan, ir.Table, list[Input]]:
    """Return a plan of aggregates and expressions, the rows with them, and what can be named."""
    made = sql_columns(spec, columns, table, session)
    plan = Plan(
        format=FORMAT,
        task=task,
        timezone=columns.timezone,
        inputs=[],
        look_back=[],
        python=[],
        models={},
        sql=made,
    )
    if blocks:
        plan["aggregates"] = blocks
    rows = add_expressions(plan, table, session)
    raw = [
        Input(name=column["name"], kind=column["kind"], type=column["type"])
        for column in report_columns
        if column["name"] not in RESERVED
    ]
    raw += aggregate_inputs(blocks)
    return plan, rows, raw + sql_inputs(made, rows, columns, session)


def _candidates(spec: Featurize, inputs: Sequence[Input], columns: Columns) -> list[Input]:
    """Columns that are features of some model, in the order of the table."""
    named_ones = {
        name
        for block in spec.blocks
        if block.steps != "drop"
        for name in (*named(block, inputs, columns), *beside(block, columns.time))
    }
    # The rest is read too by functions of the user's.
    takes_rest = spec.rest != "drop" or any(block.python for block in spec.blocks)
    shut = barred(columns, [column["name"] for column in inputs])
    return [
        column
        for column in inputs
        if (takes_rest and column["name"] not in shut)
        or column["type"] in {"sql", "aggregate"}
        or (column["name"] in named_ones and column["name"] != columns.target_name)
        or (takes_rest and column["name"] == columns.time and column["kind"] == "date")
    ]


def _written(table: ir.Table, plan: Plan, columns: Columns, session: Session) -> ir.Table:
    """Compute the table once: its windows are read several times below."""
    roles = [
        *columns.keys,
        columns.entity,
        columns.time,
        columns.target_name,
        columns.weight,
        *columns.sensitive,
    ]
    kept = dict.fromkeys([ROW, *roles, *(column["name"] for column in plan["inputs"])])
    path = session.path("features")
    session.write(table.select(*(name for name in kept if name in table.columns)), path)
    return session.read(path)


def _refuse_wide(plan: Plan, facts: Mapping[str, Facts]) -> None:
    """Refuse a one_hot that would explode."""
    wide = {
        name: facts[name].distinct or 0
        for model in plan["models"].values()
        for block in model["blocks"]
        if any(_unlimited(written) for written in block["steps"])
        for name in block["columns"]
        if name in facts and (facts[name].distinct or 0) > MANY_LEVELS
    }
    if wide:
        raise DataError(
            *(
                Problem(
                    f"one_hot would make {levels} features of it",
                    key=name,
                    hint="give one_hot a min_frequency or max_levels, or take target_encode",
                )
                for name, levels in wide.items()
            )
        )


def _unlimited(written: dict[str, Any]) -> bool:
    word = step(written)
    return isinstance(word, OneHot) and word.min_frequency is None and word.max_levels is None


def _report(
    plan: Plan, dropped: Mapping[str, dict[str, str]], facts: Mapping[str, Facts]
) -> dict[str, Any]:
    """Say what was decided, as blocks that can be pasted into the spec, and what was left out."""
    return {
        "inputs": len(plan["inputs"]),
        "models": {
            name: {
                "family": model["family"],
                "blocks": [{**block, "for": [name]} for block in model["blocks"]],
                "dropped": [
                    {"column": column, "reason": reason} for column, reason in dropped[name].items()
                ],
            }
            for name, model in plan["models"].items()
        },
        "look_back": [made["name"] for made in plan["look_back"]],
        "python": [f"{python['path']}:{python['function']}" for python in plan["python"]],
        "warnings": [
            f"{name}: train has {'no value' if one.present == 0 else 'one value only'}"
            for name, one in facts.items()
            if one.present == 0 or one.constant
        ],
    }
