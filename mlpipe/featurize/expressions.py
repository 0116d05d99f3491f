"""From the blocks with SQL to columns of the plan: each expression checked against the table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlpipe.errors import Problem, SpecError
from mlpipe.features.plan import Input, SqlColumn
from mlpipe.table.columns import RESERVED, TAKEN, Columns
from mlpipe.table.condition import check_expression, columns_read
from mlpipe.table.kinds import infer_kinds
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    import ibis.expr.types as ir

    from mlpipe.featurize.spec import Featurize
    from mlpipe.table.session import Session

__all__ = ["sql_columns", "sql_inputs"]

_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\(.*\)|DOUBLE|FLOAT")


def sql_columns(
    spec: Featurize, columns: Columns, table: ir.Table, session: Session
) -> list[SqlColumn]:
    """Return the columns that blocks make with SQL, each after those that it names.

    An expression may name columns of the table and those of other expressions. Their order in
    the file does not count: a spec that was recorded has its keys sorted.

    Raises
    ------
    SpecError
        For each that is not one value of a row, reads what it may not, or has a taken name.
    """
    types = _engine_types(table, columns, session)
    made: list[SqlColumn] = []
    problems: list[Problem] = []
    for key, name, expression in _in_turn(spec, session):
        try:
            _check_name(name, key, [*table.columns, *(one["name"] for one in made)])
            made.append(_column(name, expression, types, columns, session, key))
            types[name] = made[-1]["type"]
        except SpecError as error:
            problems.extend(error.problems)
    if problems:
        raise SpecError(*problems)
    return made


def sql_inputs(
    made: list[SqlColumn], table: ir.Table, columns: Columns, session: Session
) -> list[Input]:
    """Return the columns that expressions made, as inputs of the pipelines, with their kinds."""
    if not made:
        return []
    kinds = infer_kinds(session, table, columns)
    return [Input(name=one["name"], kind=kinds[one["name"]], type="sql") for one in made]


def _in_turn(spec: Featurize, session: Session) -> Iterator[tuple[str, str, str]]:
    """Yield key, name and expression: by block and name, but each after those that it names."""
    waiting = [
        (f"featurize.{index}.sql.{name}", name, expression)
        for index, block in enumerate(spec.blocks)
        for name, expression in sorted((block.sql or {}).items())
    ]
    while waiting:
        names = [name for _, name, _ in waiting]
        free = [one for one in waiting if not _named(one, names, session)]
        if not free:
            raise SpecError(
                *(Problem("rests on itself, by way of others", key=key) for key, *_ in waiting)
            )
        yield free[0]
        waiting.remove(free[0])


def _named(written: tuple[str, str, str], others: list[str], session: Session) -> bool:
    """Whether an expression names one of the others; one that cannot be read names none."""
    key, _, expression = written
    try:
        return bool(columns_read(session, expression, others, key))
    except SpecError:
        return False


def _engine_types(table: ir.Table, columns: Columns, session: Session) -> dict[str, str]:
    """Return the engine's type of each column that an expression may read."""
    described = session.raw.execute(f"DESCRIBE {session.con.compile(table)}").fetchall()
    shut = {*RESERVED, columns.target_name}
    return {name: kind for name, kind, *_ in described if name not in shut}


def _check_name(name: str, key: str, taken: list[str]) -> None:
    if name.lower() in {one.lower() for one in (*taken, *TAKEN)}:
        raise SpecError(
            Problem(f"there already is a column '{name}'", key=key, hint="give it another name")
        )


def _column(
    name: str,
    expression: str,
    types: dict[str, str],
    columns: Columns,
    session: Session,
    key: str,
) -> SqlColumn:
    target = columns.target_name
    if target and columns_read(session, expression, [target], key):
        raise SpecError(
            Problem(
                f"'{target}' is the target and cannot be a feature",
                key=key,
                hint="of its past, take `lag` or `rolling`",
            )
        )
    empty = ", ".join(f"CAST(NULL AS {kind}) AS {identifier(one)}" for one, kind in types.items())
    found = check_expression(session, expression, f"SELECT {empty}", key)
    reads = columns_read(session, expression, list(types), key)
    if not reads:
        raise SpecError(Problem("reads no column: it would be the same in every row", key=key))
    return SqlColumn(
        name=name,
        expression=expression,
        reads={one: types[one] for one in reads},
        type=_result_type(found, key),
    )


def _result_type(found: str, key: str) -> str:
    if _NUMBER.fullmatch(found):
        return "DOUBLE"
    if found in {"BOOLEAN", "VARCHAR"}:
        return found
    if found == "DATE" or found.startswith("TIMESTAMP"):
        return "TIMESTAMP"
    raise SpecError(
        Problem(
            f"is {found.lower()}, which no step takes",
            key=key,
            hint="make a number, a text, a truth value or a date of it",
        )
    )
