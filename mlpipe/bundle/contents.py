"""What a bundle is made of: its files, and ``bundle.json``, which says what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.bundle.inputs import Input, needed_inputs
from mlpipe.bundle.schema import record_schema
from mlpipe.bundle.scope import scope_columns
from mlpipe.bundle.sealed import FORMAT, MANIFEST, MODEL, as_json, sealed
from mlpipe.features.expressions import raw_reads
from mlpipe.features.outside import distributions
from mlpipe.features.pipeline import needed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.features.plan import Plan, SqlColumn
    from mlpipe.table.columns import Columns
    from mlpipe.table.fingerprints import Fingerprints

__all__ = ["FORMAT", "MANIFEST", "REFERENCE_ROWS", "contents", "plan_of"]

REFERENCE_ROWS = "reference.parquet"

LIBRARIES = ("numpy", "pandas", "scikit-learn", "scipy", "skops")
"""What predictions rest on beside mlpipe."""


def contents(
    *,
    name: str,
    model: bytes,
    facts: Mapping[str, Any],
    decision: Mapping[str, Any],
    plan: Plan,
    columns: Columns,
    schema: Sequence[dict[str, Any]],
    ingest: Mapping[str, Any],
    variables: Mapping[str, Any] | None = None,
    code: str | None = None,
    profile: Mapping[str, Any] | None = None,
    seen: Fingerprints | None = None,
    state: bytes | None = None,
    events: Mapping[str, bytes] | None = None,
    onnx: bytes | None = None,
    parity: Mapping[str, Any] | None = None,
    background: bytes | None = None,
    reference_rows: bytes | None = None,
) -> dict[str, bytes]:
    """Return the files of a bundle by name; the same parts give the same bytes.

    Parameters
    ----------
    name : str
        Of the pipeline.
    model : bytes
        ``model.skops`` of the train step.
    facts : mapping
        ``model.json`` of the train step: task, classes, positive, target, model, features,
        inputs, trained_on.
    decision : mapping
        From `mlpipe.train.decide`: ``threshold`` and how it was found.
    plan : mapping
        ``plan.json`` of the featurize step; only the chosen model's part is kept.
    columns : Columns
    schema : sequence of {"name", "type", "kind"}
        ``columns`` in the report of the ingest step.
    ingest, variables : mapping
        The resolved sections, as JSON values.
    code : str, optional
        The text of the file of ``ingest.python``.
    profile : mapping, optional
        What the training rows look like.
    seen : Fingerprints, optional
        Which rows the model was fitted on.
    state : bytes, optional
        ``state.parquet`` of the featurize step.
    events : mapping of str to bytes, optional
        ``events_SOURCE.parquet`` of the featurize step, by source.
    onnx : bytes, optional
        The model as an ONNX graph.
    parity : mapping, optional
        How the graph compares with the model, or why there is none.
    background : bytes, optional
        ``background.parquet``: rows of train that reasons compare with.
    reference_rows : bytes, optional
        ``reference.parquet``: rows of train that current ones are told from.
    """
    kept = plan_of(plan, facts)
    files = {
        MODEL: model,
        "plan.json": as_json(kept),
        "ingest.json": as_json(
            {
                "ingest": ingest,
                "vars": variables or {},
                "columns": columns.model_dump(mode="json"),
                "schema": list(schema),
                **({} if code is None else {"code": code}),
            }
        ),
    }
    if profile is not None:
        files["profile.json"] = as_json(profile)
    if seen is not None:
        files["seen.json"] = as_json(seen)
    if state is not None and kept["look_back"]:
        files["state.parquet"] = state
    for block in kept.get("aggregates", []):
        files[f"events_{block['source']}.parquet"] = (events or {})[block["source"]]
    inputs = _inputs(facts, kept, columns, schema, ingest.get("scope"))
    files["schema.json"] = as_json(record_schema(name, inputs))
    beside = {
        "model.onnx": onnx,
        "parity.json": None if parity is None else as_json(parity),
        "background.parquet": background,
        REFERENCE_ROWS: reference_rows,
    }
    files |= {name: data for name, data in beside.items() if data is not None}
    about = {
        "name": name,
        **facts,
        "decision": dict(decision),
        "inputs": inputs,
        "libraries": _libraries(kept),
    }
    return {**files, MANIFEST: as_json(sealed(about, files))}


def plan_of(plan: Plan, facts: Mapping[str, Any]) -> Plan:
    """Return the plan of the chosen model alone, without what only others need.

    Parameters
    ----------
    plan : Plan
        ``plan.json`` of the featurize step.
    facts : mapping
        ``model.json`` of the train step.
    """
    model = facts["model"]
    return _of_models(plan, model.get("members") or [model["name"]])


def _inputs(
    facts: Mapping[str, Any],
    plan: Plan,
    columns: Columns,
    schema: Sequence[dict[str, Any]],
    scope: str | None,
) -> list[Input]:
    """Return what rows must bring: for the features, for their history, and for the scope."""
    known = [column["name"] for column in schema]
    history, scoped = _history(plan, columns), scope_columns(scope, known)
    read = [name for names in raw_reads(plan.get("sql", [])).values() for name in names]
    found = needed_inputs(facts["inputs"], schema, [*read, *history], scoped)
    # Without what its events are matched by, a row would have none of them in silence.
    matched = _matched(plan, columns)
    return [{**each, "role": "history"} if each["name"] in matched else each for each in found]


def _matched(plan: Plan, columns: Columns) -> list[str]:
    """Return the columns that say which events belong to a row."""
    blocks = plan.get("aggregates", [])
    names = [*(name for block in blocks for name in sorted(block["by"])), columns.time]
    return [name for name in dict.fromkeys(names) if name is not None and blocks]


def _of_models(plan: Plan, models: Sequence[str]) -> Plan:
    """Return the plan without what only other models need."""
    names = {name for model in models for name in needed(plan, model)}
    expressions = _expressions(plan, names)
    return {
        **plan,
        **_aggregates(plan, names, expressions),
        "inputs": [column for column in plan["inputs"] if column["name"] in names],
        "look_back": [column for column in plan["look_back"] if column["name"] in names],
        "sql": expressions,
        "python": [
            python
            for python in plan["python"]
            if python.get("models") is None or set(models) & set(python["models"])
        ],
        "models": {model: plan["models"][model] for model in models},
    }


def _expressions(plan: Plan, names: set[str]) -> list[SqlColumn]:
    """Return the expressions that the model's columns rest on, those in between included."""
    looked_at = {one["column"] for one in plan["look_back"] if one["name"] in names}
    wanted, kept = names | looked_at, []
    for column in reversed(plan.get("sql", [])):
        if column["name"] in wanted:
            kept.append(column)
            wanted = wanted | set(column["reads"])
    return kept[::-1]


def _aggregates(plan: Plan, names: set[str], expressions: Sequence[SqlColumn]) -> Any:
    """Return the aggregates that the model's columns rest on, of each source all its blocks.

    A source's events are compared by all columns that are kept of it.
    """
    if "aggregates" not in plan:
        return {}
    looked_at = {one["column"] for one in plan["look_back"] if one["name"] in names}
    wanted = {*names, *looked_at, *(read for one in expressions for read in one["reads"])}
    blocks = [
        {**block, "columns": [one for one in block["columns"] if one["name"] in wanted]}
        for block in plan["aggregates"]
    ]
    used = {block["source"] for block in blocks if block["columns"]}
    return {"aggregates": [block for block in blocks if block["source"] in used]}


def _history(plan: Plan, columns: Columns) -> list[str]:
    """Return the columns that features of the past read; never the target, which comes later."""
    roles: list[str | None] = [*_matched(plan, columns)]
    if plan["look_back"]:
        roles += [columns.entity, columns.time, *(column["column"] for column in plan["look_back"])]
    return list(
        dict.fromkeys(name for name in roles if name is not None and name != columns.target_name)
    )


def _libraries(plan: Plan) -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in (*LIBRARIES, *distributions(plan))}
