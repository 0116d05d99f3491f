"""Batch scoring: a table in, predictions out, in bounded memory."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.answer import score_names
from mlpipe.bundle.inputs import absent, missing
from mlpipe.errors import DataError, Problem
from mlpipe.predict.reasons import BATCH as REASONED
from mlpipe.predict.reasons import Asked
from mlpipe.table.columns import ROW, SCOPE
from mlpipe.table.empty import typed_as
from mlpipe.table.kinds import kind_of_type, type_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import ibis.expr.types as ir
    import pyarrow as pa

    from mlpipe.bundle.bundle import Bundle
    from mlpipe.table.session import Session

__all__ = ["BATCH", "fitting", "predict"]

BATCH = 100_000
"""Rows that are in memory at once."""

_NULLS = {"number": "float64", "boolean": "boolean", "string": "string", "date": "timestamp"}
"""Of which type a column of nulls is, by the kind of the column that was left out."""


def predict(
    bundle: Bundle,
    table: ir.Table,
    session: Session,
    *,
    keys: Sequence[str] = (),
    batch: int = BATCH,
    events: Mapping[str, ir.Table] | None = None,
    explain: int = 0,
    on_progress: Callable[[int, int, str], None] = lambda *_: None,
) -> ir.Table:
    """Score every row of a table.

    Parameters
    ----------
    bundle : Bundle
    table : ibis table
        From ingest: ``_row`` and at least the bundle's inputs; ``_scope`` where it has a scope.
    session : Session
        Of the table; its scratch folder takes the result.
    keys : sequence of str
        Columns to carry along.
    batch : int
        Rows that are in memory at once; the result does not depend on it.
    events : mapping of str to ibis table, optional
        Events of sources that aggregates are over, beside those that the bundle keeps.
    explain : int
        So many reasons are given for each row; see `mlpipe.predict.reasons`.
    on_progress : callable
        Told ``(rows done, rows, words)`` after each batch.

    Returns
    -------
    ibis table
        ``_row``, the keys, ``prediction`` and the score columns; where the table has a scope also
        ``in_scope``, and rows out of scope have neither prediction nor score. With reasons also
        ``reason_1``, ``reason_1_column``, ``reason_1_effect``, and so on.

    Raises
    ------
    DataError
        If a column is missing, or has another type.
    StoreError
        If reasons are asked for and the bundle keeps no rows to compare with.
    """
    asked = Asked.of(bundle, explain, session) if explain else None
    table = fitting(bundle, table, session)
    wanted = bundle.look_back(table, session, events)
    kept = [ROW, *keys, *([SCOPE] if SCOPE in table.columns else []), *_features(bundle)]
    if asked:
        kept, batch = [*kept, *asked.reads], min(batch, REASONED)
    ordered = session.in_order(wanted.select(*dict.fromkeys(kept)))
    total = int(session.con.to_pyarrow(table.count()).as_py())
    path = session.path("predictions")
    _write(path, _scored(bundle, ordered, keys, session, batch, asked), total, on_progress)
    return session.read(path)


def _features(bundle: Bundle) -> list[str]:
    """Return what the model reads: its features, and the groups that it has rules for."""
    known = [column["name"] for column in bundle.plan["inputs"]]
    beside = [column["name"] for column in bundle.inputs if column["role"] == "feature"]
    return list(dict.fromkeys([*known, *beside]))


def fitting(bundle: Bundle, table: ir.Table, session: Session) -> ir.Table:
    """Return the table as the bundle takes it.

    An optional column that is not there is one of nulls, and a column without any value, which a
    reader of files takes for text, has the type that it had in training.

    Raises
    ------
    DataError
        If a column that must be there is missing, or has another type.
    """
    types = {column["name"]: column["type"] for column in bundle.inputs}
    table = typed_as(table, types, session)
    _check(bundle, table)
    return table.mutate(**_nulls(bundle, table))


def _check(bundle: Bundle, table: ir.Table) -> None:
    """Hold the types of the table against those of the bundle: no value is looked at."""
    schema = table.schema()
    problems = missing(list(schema), bundle.inputs)
    for column in bundle.inputs:
        name, expected = column["name"], column["type"]
        if name not in schema:
            continue
        found = type_word(schema[name])
        # A column of nulls has no type of its own.
        same = schema[name].is_null() or kind_of_type(found) == kind_of_type(expected)
        if not same:
            hint = f"declare it: ingest: sources: NAME: types: {{{name}: {expected}}}"
            problems.append(Problem(f"expected {expected}, not {found}", key=name, hint=hint))
    if problems:
        order = [column["name"] for column in bundle.inputs]
        raise DataError(*sorted(problems, key=lambda problem: order.index(problem.key)))


def _nulls(bundle: Bundle, table: ir.Table) -> dict[str, ir.Value]:
    """Return a null for each optional column that the table does not have."""
    import ibis

    left_out = absent(table.columns, bundle.inputs)
    kinds = {each["name"]: kind_of_type(each["type"]) for each in bundle.inputs}
    return {name: ibis.null(_NULLS.get(kinds[name])) for name in left_out}


def _scored(
    bundle: Bundle,
    ordered: ir.Table,
    keys: Sequence[str],
    session: Session,
    batch: int,
    asked: Asked | None,
) -> Iterator[pa.Table]:
    import pyarrow as pa

    carried = list(dict.fromkeys([ROW, *keys]))
    reader = session.raw.execute(session.con.compile(ordered)).to_arrow_reader(batch)
    some = False
    for rows in reader:
        some = True
        yield _answers(bundle, pa.Table.from_batches([rows]), carried, asked)
    if not some:
        yield _answers(bundle, reader.schema.empty_table(), carried, asked)


def _answers(bundle: Bundle, rows: pa.Table, carried: list[str], asked: Asked | None) -> pa.Table:
    import pyarrow as pa

    inside = rows
    if SCOPE in rows.column_names:
        mask = rows[SCOPE].fill_null(False)
        inside = rows.filter(mask)
    found = bundle.answer(inside.select(_features(bundle)).to_pandas())
    names = ["prediction", *score_names(bundle.task, bundle.classes)]
    answers = {name: _column(bundle, name, found) for name in dict.fromkeys(names)}
    if asked:
        answers |= asked.columns(inside.select(asked.reads).to_pandas())
    if SCOPE in rows.column_names:
        places = _places(mask)
        answers = {name: column.take(places) for name, column in answers.items()}
        answers["in_scope"] = mask.combine_chunks()
    return pa.table({**{name: rows[name] for name in carried}, **answers})


def _column(bundle: Bundle, name: str, found: Any) -> pa.Array:
    """Return an answer as a column, of one type in every batch."""
    import pyarrow as pa

    values = found[name]
    if name != "prediction" or bundle.task == "regression":
        return pa.array(values, type=pa.float64())
    return pa.array(values.tolist(), type=pa.array(list(bundle.classes)).type)


def _places(mask: Any) -> pa.Array:
    """Return where each row's answer is among those in scope; null for the others."""
    import numpy as np
    import pyarrow as pa

    inside = np.asarray(mask.to_pandas(), bool)
    return pa.array(np.cumsum(inside) - 1, mask=~inside)


def _write(
    path: Path,
    batches: Iterator[pa.Table],
    total: int,
    on_progress: Callable[[int, int, str], None],
) -> None:
    import pyarrow.parquet as pq

    done = 0
    first = next(batches)
    with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
        for each in chain([first], batches):
            writer.write_table(each)
            done += each.num_rows
            on_progress(done, total, f"{done:,} of {total:,} rows")
