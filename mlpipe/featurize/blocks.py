"""From the blocks of the spec to those of one model's plan: every choice made, none left open."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlpipe.errors import DataError, Problem
from mlpipe.features.earlier import LookBack
from mlpipe.features.plan import Block as Planned
from mlpipe.features.plan import Input, LookBackColumn, ModelPlan, Plan
from mlpipe.features.transform import Transform
from mlpipe.featurize.auto import blocks, choose
from mlpipe.featurize.facts import Facts
from mlpipe.featurize.pinned import SAID
from mlpipe.featurize.select import barred, named
from mlpipe.featurize.spec import Block, Featurize
from mlpipe.table.columns import Columns

__all__ = ["look_back_columns", "plan_model"]


def look_back_columns(
    spec: Featurize, inputs: Sequence[Input], columns: Columns
) -> list[LookBackColumn]:
    """Return every column that some block makes of earlier rows, each once."""
    found: dict[str, LookBackColumn] = {}
    for block in spec.blocks:
        found.update((made["name"], made) for made in _made(block, inputs, columns))
    return list(found.values())


def plan_model(
    spec: Featurize,
    model: tuple[str, str],
    plan: Plan,
    columns: Columns,
    facts: Mapping[str, Facts],
) -> tuple[ModelPlan, dict[str, str]]:
    """Return what one model's pipeline does, and why each other column is left out.

    Parameters
    ----------
    spec : Featurize
        The section.
    model : (name, family)
        Blocks may be for some models only; automatic choices go by the family.
    plan : Plan
        Its inputs, look-back columns and functions are complete.
    columns : Columns
        The roles.
    facts : mapping of str to Facts
        What train shows of the raw columns.

    Raises
    ------
    DataError
        If no feature is left.
    """
    name, family = model
    chosen = _Chosen(family, columns.time, _available(plan), facts)
    used: set[str] = set()
    for block in _blocks_for(spec, name):
        names, consumed = _columns_of(block, spec, plan, columns)
        used.update(consumed)
        if block.steps == "drop":
            chosen.drop(names, "the spec drops it")
        elif written := _fitted_steps(block, columns.time):
            chosen.blocks.append(Planned(columns=names, steps=written, reason=SAID))
        else:
            chosen.automatically(names)
    _take_rest(chosen, spec.rest, _unnamed(plan, columns, used))
    if not chosen.blocks:
        why = "; ".join(f"{name}: {reason}" for name, reason in list(chosen.dropped.items())[:5])
        problem = Problem(f"no feature is left for the model '{name}'", key="featurize", hint=why)
        raise DataError(problem)
    return ModelPlan(family=family, blocks=chosen.blocks), chosen.dropped


@dataclass
class _Chosen:
    """The blocks of one model as they come together."""

    family: str
    time: str | None
    available: Sequence[Input]
    facts: Mapping[str, Facts]
    blocks: list[Planned] = field(default_factory=list)
    dropped: dict[str, str] = field(default_factory=dict)

    def automatically(self, names: Iterable[str]) -> None:
        """Choose steps for each of the columns."""
        wanted = set(names)
        choices = [
            choose(column, self.facts.get(column["name"]), self.family, self.time)
            for column in self.available
            if column["name"] in wanted
        ]
        self.blocks.extend(blocks(choices))
        self.dropped.update((c.column, c.reason) for c in choices if c.steps is None)

    def drop(self, names: Iterable[str], reason: str) -> None:
        """Leave the columns out."""
        self.dropped.update(dict.fromkeys(names, reason))


def _unnamed(plan: Plan, columns: Columns, used: set[str]) -> list[Input]:
    """Return the raw columns that may be features and that no block of this model names."""
    shut = barred(columns, [column["name"] for column in plan["inputs"]])
    # Time itself is no feature, but what a calendar says about it may be.
    shut.pop(columns.time or "", None)
    return [
        column
        for column in plan["inputs"]
        if column["type"] not in {"look_back", "sql", "aggregate"}
        and column["name"] not in {*used, *shut}
    ]


def _take_rest(chosen: _Chosen, rest: str, unnamed: Sequence[Input]) -> None:
    names = [column["name"] for column in unnamed]
    if rest == "auto":
        chosen.automatically(names)
        return
    numbers = [c["name"] for c in unnamed if c["kind"] in {"number", "boolean"}]
    if rest == "drop":
        chosen.drop(names, "rest: drop")
        return
    if numbers:
        chosen.blocks.append(Planned(columns=numbers, steps=[{"keep": {}}], reason="rest: keep"))
    others = [name for name in names if name not in numbers]
    chosen.drop(others, "rest: keep takes numbers only")


def _blocks_for(spec: Featurize, model: str) -> Iterator[Block]:
    for block in spec.blocks:
        if block.rest is None and (block.models is None or model in block.models):
            yield block


def _named_elsewhere(spec: Featurize, plan: Plan, columns: Columns) -> set[str]:
    """Return the columns that blocks name and say what to do with."""
    raw = [column for column in plan["inputs"] if column["type"] != "look_back"]
    return {
        name
        for block in spec.blocks
        if not _made(block, _with_target(raw, plan), columns)
        for name in named(block, raw, columns)
    }


def _columns_of(
    block: Block, spec: Featurize, plan: Plan, columns: Columns
) -> tuple[list[str], list[str]]:
    """Return what a block turns into features, and what the rest then leaves alone."""
    if block.sql is not None or block.aggregate is not None:
        names = _computed_of(block)
        return [name for name in names if name not in _named_elsewhere(spec, plan, columns)], names
    if block.python is not None:
        outputs = [
            output["name"]
            for python in plan["python"]
            if f"{python['path']}:{python['function']}" == block.python
            for output in python["outputs"]
        ]
        return outputs, outputs
    raw = [column for column in plan["inputs"] if column["type"] != "look_back"]
    made = [one["name"] for one in _made(block, _with_target(raw, plan), columns)]
    if made:
        # The column itself stays with the rest: its past is something else.
        return made, []
    names = named(block, raw, columns)
    return names, names


def _computed_of(block: Block) -> list[str]:
    """Return the columns that a block makes before any other word reads them."""
    made = block.aggregate.columns() if block.aggregate is not None else ()
    return [*(block.sql or ()), *(name for name, *_ in made)]


def _with_target(raw: list[Input], plan: Plan) -> list[Input]:
    """Return the raw columns and those that are only looked back at, such as the target."""
    known = {column["name"] for column in raw}
    sources = {one["column"]: one["kind"] for one in plan["look_back"]}
    only = [
        Input(name=name, kind=kind, type="") for name, kind in sources.items() if name not in known
    ]
    return [*raw, *only]


def _made(block: Block, inputs: Sequence[Input], columns: Columns) -> list[LookBackColumn]:
    kinds = {column["name"]: column["kind"] for column in inputs}
    steps = block.steps if isinstance(block.steps, tuple) else ()
    return [
        made
        for name in named(block, inputs, columns)
        for word in steps
        if isinstance(word, LookBack)
        for made in word.columns(
            name, kinds[name], columns.horizon if name == columns.target_name else None
        )
    ]


def _fitted_steps(block: Block, time: str | None) -> list[dict[str, Any]]:
    """Return the transforms of a block as plain YAML values, nothing left open."""
    steps = block.steps if isinstance(block.steps, tuple) else ()
    words = (word.settled(time) for word in steps if isinstance(word, Transform))
    return [{word.word: word.model_dump(mode="json")} for word in words]


def _available(plan: Plan) -> list[Input]:
    made = [output for python in plan["python"] for output in python["outputs"]]
    return [*plan["inputs"], *made]
