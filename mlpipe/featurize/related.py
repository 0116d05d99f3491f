"""From the blocks with aggregates to columns of the plan: each checked against both tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.errors import Problem, SpecError
from mlpipe.features.aggregates.word import STATISTICS
from mlpipe.features.plan import AggregateBlock, AggregateColumn, Input
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.columns import TAKEN, Columns
from mlpipe.table.kinds import kind_of_type, type_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import ibis.expr.types as ir

    from mlpipe.features.aggregates.word import Aggregate, Statistic
    from mlpipe.featurize.spec import Featurize
    from mlpipe.table.session import Session

__all__ = ["aggregate_blocks", "aggregate_inputs", "undated"]

_KINDS = {"number": "number", "boolean": "number", "string": "category", "date": "date"}
"""The kind of a value that is of the column's own type."""


def aggregate_blocks(
    spec: Featurize, columns: Columns, table: ir.Table, events: Mapping[str, ir.Table]
) -> list[AggregateBlock]:
    """Return what the blocks with ``aggregate`` make, in the order of the file.

    Parameters
    ----------
    spec : Featurize
        The section.
    columns : Columns
        Says the time of a row.
    table : ibis table
        The ingested rows.
    events : mapping of str to ibis table
        What ingest kept of each source.

    Raises
    ------
    SpecError
        With every column that does not fit, every statistic that its column has no answer to,
        and every name that is taken.
    """
    made: list[AggregateBlock] = []
    problems: list[Problem] = []
    taken = {name.lower() for name in (*table.columns, *TAKEN)}
    for index, block in enumerate(spec.blocks):
        if block.aggregate is None:
            continue
        key = f"featurize.{index}.aggregate"
        found = [
            *_of_rows(block.aggregate, key, columns, _words(table)),
            *_of_events(block.aggregate, key, columns, _words(events[block.aggregate.source])),
            *_of_keys(block.aggregate, key, _words(table), _words(events[block.aggregate.source])),
            *_of_names(block.aggregate, key, taken),
        ]
        problems.extend(found)
        taken.update(name.lower() for name, *_ in block.aggregate.columns())
        if not found:
            made.append(_planned(block.aggregate, columns, table, events[block.aggregate.source]))
    if problems:
        raise SpecError(*problems)
    return made


def aggregate_inputs(made: list[AggregateBlock]) -> list[Input]:
    """Return the columns that aggregates make, as inputs of the pipelines."""
    return [
        Input(name=column["name"], kind=column["kind"], type="aggregate")
        for block in made
        for column in block["columns"]
    ]


def undated(
    made: list[AggregateBlock], events: Mapping[str, ir.Table], session: Session
) -> list[str]:
    """Say how many events count for no row, because they have no time or no key."""
    said = []
    for block in made:
        rows = events[block["source"]]
        for name in sorted({*block["by"], block["time"]}):
            count = session.con.to_pyarrow(rows[name].isnull().sum()).as_py() or 0
            if count:
                what = f"{count:,} event{'s have' if count > 1 else ' has'} no {name}"
                said.append(
                    f"{block['source']}: {what} and count{'' if count > 1 else 's'} nowhere"
                )
    return list(dict.fromkeys(said))


def _words(table: ir.Table) -> dict[str, str]:
    return {name: type_word(dtype) for name, dtype in table.schema().items()}


def _of_rows(
    word: Aggregate, key: str, columns: Columns, rows: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield what of the table the block cannot be matched by."""
    time = columns.time or ""
    if kind_of_type(rows.get(time, "")) != "date":
        what = f"needs dates in columns.time; '{time}' is {rows.get(time, 'not there')}"
        yield Problem(f"'aggregate' {what}", key=key)
    for at, name in enumerate(word.keys):
        place = f"{key}.by" if isinstance(word.by, str) else f"{key}.by.{at}"
        if name not in rows:
            hint = did_you_mean(name, rows) or "rename the column of the source with `rename`"
            yield Problem(f"the table has no column '{name}'", key=place, hint=hint)
        elif name == columns.target_name:
            yield Problem(f"'{name}' is the target and cannot be part of a feature", key=place)


def _of_events(
    word: Aggregate, key: str, columns: Columns, there: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield what of the source cannot be dated or has no answer to what is asked."""
    if kind_of_type(there[word.time]) != "date":
        what = f"is no time: '{word.time}' of {word.source} is {there[word.time]}"
        hint = f"declare it: ingest: sources: {word.source}: types: {{{word.time}: timestamp}}"
        yield Problem(what, key=f"{key}.time", hint=hint)
    for _, value, _, asked in _once(word):
        place = f"{key}.values.{value}"
        if asked.column is None:
            continue
        if asked.column == columns.target_name:
            what = f"'{asked.column}' is the target and cannot be a feature"
            yield Problem(what, key=place, hint="of its past, take `lag` or `rolling`")
        kind, takes = kind_of_type(there[asked.column]), STATISTICS[asked.does]
        if kind not in takes:
            what = f"'{asked.does}' takes {' or '.join(sorted(takes))}; '{asked.column}' is {kind}"
            yield Problem(what, key=place, hint="count, distinct and last take any column")


def _of_keys(
    word: Aggregate, key: str, rows: Mapping[str, str], there: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield keys that cannot be compared."""
    for at, name in enumerate(word.keys):
        one, other = rows.get(name, there[name]), there[name]
        if kind_of_type(one) != kind_of_type(other) or kind_of_type(one) == "any":
            place = f"{key}.by" if isinstance(word.by, str) else f"{key}.by.{at}"
            what = f"'{name}' is {one} in the table and {other} in the source {word.source}"
            hint = f"declare `types: {{{name}: …}}` alike in both"
            yield Problem(what, key=place, hint=hint)


def _of_names(word: Aggregate, key: str, taken: set[str]) -> Iterator[Problem]:
    for name, value, *_ in word.columns():
        if name.lower() in taken:
            hint = "give the value another name"
            what = f"there already is a column '{name}'"
            yield Problem(what, key=f"{key}.values.{value}", hint=hint)


def _once(word: Aggregate) -> Iterator[tuple[str, str, str | None, Statistic]]:
    """Yield each value for the first window alone."""
    seen = set()
    for one in word.columns():
        if one[1] not in seen:
            seen.add(one[1])
            yield one


def _planned(
    word: Aggregate, columns: Columns, table: ir.Table, events: ir.Table
) -> AggregateBlock:
    rows, there = _words(table), _words(events)
    # Days without a time of day are counted as days, wherever they are.
    days = rows[columns.time or ""] == there[word.time] == "date"
    made = [_column(name, window, asked, there) for name, _, window, asked in word.columns()]
    return AggregateBlock(
        source=word.source,
        by={name: _compared(rows[name], there[name]) for name in sorted(word.keys)},
        time=word.time,
        zone=None if days else columns.timezone,
        reads=sorted({one["column"] for one in made if one["column"] is not None}),
        columns=made,
    )


def _compared(one: str, other: str) -> str:
    """Return as what two keys are compared: whole numbers exactly, others by their kind."""
    return "integer" if one == other == "integer" else kind_of_type(other)


def _column(
    name: str, window: str | None, asked: Statistic, there: Mapping[str, str]
) -> AggregateColumn:
    kind = kind_of_type(there[asked.column]) if asked.column else "number"
    own = asked.does in {"min", "max", "last"}
    return AggregateColumn(
        name=name,
        does=asked.does,
        column=asked.column,
        type=kind,
        span=window,
        kind=_KINDS[kind] if own else "number",
    )
