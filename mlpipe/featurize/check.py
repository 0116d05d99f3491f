"""What of the section does not fit the table: said right after ingest, all at once."""

from collections.abc import Iterator, Mapping, Sequence

from mlpipe.features.earlier import LookBack
from mlpipe.features.plan import Input, LookBackColumn
from mlpipe.features.transform import Transform
from mlpipe.features.transforms.age import Age
from mlpipe.featurize.select import barred, named, patterns
from mlpipe.featurize.spec import Block, Featurize
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.columns import Columns
from mlpipe.table.duration import parse

__all__ = ["Misfit", "misfits"]

At = tuple[str | int, ...]
Misfit = tuple[At, str, str]
"""Where in the spec, what, and a hint."""

_SHOWN = 12


def misfits(
    spec: Featurize, columns: Columns, inputs: Sequence[Input], models: Mapping[str, str]
) -> Iterator[Misfit]:
    """Yield each place of ``featurize`` that does not fit the table.

    Parameters
    ----------
    spec : Featurize
        The section.
    columns : Columns
        The roles of the columns.
    inputs : sequence of {"name", "kind", "type"}
        The columns of the ingested table.
    models : mapping of str to str
        The names that ``for`` may use.
    """
    for index, block in enumerate(spec.blocks):
        at: At = ("featurize", index)
        yield from _unknown_models(block, at, models)
        yield from _unknown_columns(block, at, columns, inputs)
        yield from _wrong_kinds(block, at, columns, inputs)
        yield from _wrong_width(block, at, columns, inputs)
        yield from _missing_extras(block, at)
        yield from _references(block, at, columns, inputs)
        yield from _look_back(block, at, columns, inputs)


def _unknown_models(block: Block, at: At, models: Mapping[str, str]) -> Iterator[Misfit]:
    for index, name in enumerate(block.models or ()):
        if name not in models:
            hint = did_you_mean(name, models) or f"the models are: {', '.join(models)}"
            yield (*at, "for", index), f"there is no model '{name}'", hint


def _unknown_columns(
    block: Block, at: At, columns: Columns, inputs: Sequence[Input]
) -> Iterator[Misfit]:
    known = [column["name"] for column in inputs]
    shut = barred(columns, known)
    for index, pattern in enumerate(patterns(block)):
        place = (*at, "columns") if isinstance(block.columns, str) else (*at, "columns", index)
        one = block.model_copy(update={"columns": (pattern,)})
        if not named(one, inputs, columns):
            shown = ", ".join(known[:_SHOWN]) + (", …" if len(known) > _SHOWN else "")
            hint = did_you_mean(pattern, known) or f"the columns are: {shown}"
            yield place, f"there is no column '{pattern}'", hint
        elif shut.get(pattern) == "ignored":
            yield (
                place,
                f"'{pattern}' is in columns.ignore",
                "take it out there to make it a feature",
            )
        elif pattern == columns.target_name and not _only_looks_back(block):
            yield (
                place,
                f"'{pattern}' is the target and cannot be a feature",
                "of its past, take `lag` or `rolling`",
            )


def _only_looks_back(block: Block) -> bool:
    return isinstance(block.steps, tuple) and isinstance(block.steps[0], LookBack)


def _wrong_kinds(
    block: Block, at: At, columns: Columns, inputs: Sequence[Input]
) -> Iterator[Misfit]:
    """Yield the first word of a block that does not take what the words before it give."""
    kinds = {column["name"]: column["kind"] for column in inputs}
    now = raw = {name: kinds[name] for name in named(block, inputs, columns)}
    for index, step in enumerate(block.steps if isinstance(block.steps, tuple) else ()):
        takes = step.taken() if isinstance(step, Transform) else step.takes
        # Words that look back all read the table; the others what those made of it.
        given = now if isinstance(step, Transform) else raw
        wrong = {name: kind for name, kind in given.items() if kind not in takes}
        if wrong:
            name, kind = next(iter(wrong.items()))
            yield (
                (*at, "steps", index),
                f"'{step.word}' takes {' or '.join(sorted(takes))}; '{name}' is {kind} here",
                _another_step(step.word, kind),
            )
            return
        if isinstance(step, LookBack):
            now = _past(block, raw)
        elif step.gives:
            now = dict.fromkeys(now, step.gives)
    last = set(now.values()) - {"number", "boolean", "sparse"}
    if isinstance(block.steps, tuple) and last and not isinstance(block.steps[-1], LookBack):
        kind = sorted(last)[0]
        yield (*at, "steps"), f"the last step leaves a {kind}, not numbers", _another_step("", kind)


def _past(block: Block, raw: Mapping[str, str]) -> dict[str, str]:
    """Return the kinds of what the words of a block make of earlier rows."""
    steps = block.steps if isinstance(block.steps, tuple) else ()
    return {
        made["name"]: made["kind"]
        for step in steps
        if isinstance(step, LookBack)
        for name, kind in raw.items()
        for made in step.columns(name, kind, None)
    }


def _wrong_width(
    block: Block, at: At, columns: Columns, inputs: Sequence[Input]
) -> Iterator[Misfit]:
    """Yield words that need more columns, and words on one column after some on all of them."""
    steps = block.steps if isinstance(block.steps, tuple) else ()
    kinds = {column["name"]: column["kind"] for column in inputs}
    raw = {name: kinds[name] for name in named(block, inputs, columns)}
    count, joint = len(_past(block, raw) or raw), None
    for index, step in enumerate(steps):
        if not isinstance(step, Transform):
            continue
        place = (*at, "steps", index)
        if 0 < count < step.least_columns():
            hint = "name more columns in the block, or leave the step out"
            yield place, f"'{step.word}' needs {step.least_columns()} columns; here is one", hint
        if joint is not None and step.per_column():
            message = f"'{step.word}' works column by column, and '{joint}' has joined them"
            yield place, message, f"put '{step.word}' before '{joint}', or in another block"
        joint = step.word if step.joins() else joint


def _another_step(word: str, kind: str) -> str:
    if word == "impute" and kind == "category":
        return "`impute: most_frequent`, or a constant in quotes, fills categories"
    steps = {
        "category": "one_hot, ordinal or target_encode make numbers of categories",
        "text": "tfidf makes numbers of text",
        "date": "date makes numbers of dates: date: [month, dayofweek]",
        "sparse": "put it before the step that makes many columns, or press them with svd",
    }
    return steps.get(kind, f"'{word}' does not fit this kind; columns.kinds can declare another")


def _missing_extras(block: Block, at: At) -> Iterator[Misfit]:
    """Yield words whose packages are not installed."""
    for index, step in enumerate(block.steps if isinstance(block.steps, tuple) else ()):
        if isinstance(step, Transform) and step.extra and not step.installed():
            hint = f"pip install 'mlpipe[{step.extra}]'"
            yield (*at, "steps", index), f"'{step.word}' needs the extra '{step.extra}'", hint


def _references(
    block: Block, at: At, columns: Columns, inputs: Sequence[Input]
) -> Iterator[Misfit]:
    """Yield what is wrong with the dates that an age is counted to."""
    for index, step in enumerate(block.steps if isinstance(block.steps, tuple) else ()):
        if isinstance(step, Age) and step.date is None:
            until = step.settled(columns.time).at
            wrong = _reference(until, columns, inputs)
            if until is not None and until in named(block, inputs, columns):
                wrong = f"'{until}' has no age at itself", "count to another column"
            if wrong:
                yield (*at, "steps", index), *wrong


def _reference(
    until: str | None, columns: Columns, inputs: Sequence[Input]
) -> tuple[str, str] | None:
    """Return what is wrong with a column that an age is counted to, and a hint."""
    if until is None:
        hint = "declare columns.time, or name a column: age: {at: month}"
        return "'age' needs a date to count to", hint
    kinds = {column["name"]: column["kind"] for column in inputs}
    shut = barred(columns, kinds).get(until)
    if until not in kinds:
        dates = [name for name, kind in kinds.items() if kind == "date"]
        hint = did_you_mean(until, kinds) or f"the dates are: {', '.join(dates[:_SHOWN])}"
        return f"there is no column '{until}'", hint
    if shut in {"ignored", "the target"}:
        return f"'{until}' is {shut} and cannot be part of a feature", "count to another column"
    if kinds[until] != "date":
        return f"'age' counts to a date; '{until}' is {kinds[until]}", "count to another column"
    return None


def _look_back(block: Block, at: At, columns: Columns, inputs: Sequence[Input]) -> Iterator[Misfit]:
    kinds = {column["name"]: column["kind"] for column in inputs}
    for index, step in enumerate(block.steps if isinstance(block.steps, tuple) else ()):
        if not isinstance(step, LookBack):
            continue
        place = (*at, "steps", index)
        if columns.time is None:
            yield place, f"'{step.word}' needs the order of the rows", "declare columns.time"
            continue
        for name in named(block, inputs, columns):
            horizon = columns.horizon if name == columns.target_name else None
            for made in step.columns(name, kinds[name], horizon):
                timed = made["span"] or made["known_after"] or _dated(made)
                if timed and kinds.get(columns.time) != "date":
                    yield place, f"'{timed}' needs dates in {columns.time}", "count rows instead"
                if made["name"] in kinds:
                    yield place, f"the table already has a column '{made['name']}'", ""
        yield from _target_look_back(step, place, block, columns, inputs)


def _dated(made: LookBackColumn) -> str:
    return "since_last" if made["does"] == "since_last" else ""


def _target_look_back(
    step: LookBack, place: At, block: Block, columns: Columns, inputs: Sequence[Input]
) -> Iterator[Misfit]:
    """Of the target's past, allow only what is known at the time of the row."""
    target = columns.target_name
    if target is None or target not in named(block, inputs, columns):
        return
    if step.current():
        yield place, f"'{step.word}' reads the target of the row itself", "take `lag` of the target"
    horizon = columns.horizon
    for made in step.columns(target, "number", horizon):
        span = made["span"]
        if horizon is None or span is None:
            continue
        if parse(span) < parse(horizon) or (
            made["does"] != "lag" and parse(span) == parse(horizon)
        ):
            yield (
                place,
                f"{made['does']} {span} of the target reaches no value that is {horizon} old",
                f"the target is known {horizon} later (columns.target.horizon): look further back",
            )
