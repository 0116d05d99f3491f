"""Fit the section to a table: which columns are meant, and what each check asks of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.columns import ROW, SCOPE
from mlpipe.validate.checks import Check, of_column, of_table
from mlpipe.validate.table_checks import Expression

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import ibis.expr.types as ir

    from mlpipe.table.session import Session
    from mlpipe.validate.spec import Validate

__all__ = ["bind"]


def bind(spec: Validate, table: ir.Table, session: Session) -> list[Check]:
    """Return all checks of the section; no row is read.

    Raises
    ------
    DataError
        A column that the section names is not in the table.
    SpecError
        A check does not fit its column: all such problems at once.
    """
    words = {f"validate.checks[{at}]": of_table(word) for at, word in enumerate(spec.checks)}
    _require(spec, words, table)
    checks: list[Check] = []
    problems: list[Problem] = []
    exact = {name.lower(): name for name in table.columns}
    schema = table.schema()
    for name, asked in spec.columns.items():
        column = exact[name.lower()]
        key = f"validate.columns.{name}"
        if asked.matches is not None:
            problems += _regex_problem(asked.matches, f"{key}.matches", session)
        try:
            checks += of_column(column, schema[column], asked)
        except PydanticCustomError as error:
            hint = (error.context or {}).get("hint", "")
            problems.append(Problem(error.message(), key=key, hint=hint))
    for (key, check), word in zip(words.items(), spec.checks, strict=True):
        if isinstance(word, Expression):
            problems += _expression_problem(check, key, table, session)
    if problems:
        raise SpecError(*problems)
    return [*checks, *words.values()]


def _require(spec: Validate, words: dict[str, Check], table: ir.Table) -> None:
    named = [(f"validate.columns.{name}", name) for name in spec.columns]
    named += [(key, name) for key, check in words.items() for name in check.shown]
    there = {name.lower() for name in table.columns}
    missing = [(key, name) for key, name in named if name.lower() not in there]
    if missing:
        raise DataError(*(_missing(key, name, table.columns) for key, name in missing))


def _missing(key: str, name: str, there: Sequence[str]) -> Problem:
    listed = ", ".join(column for column in there if column not in (ROW, SCOPE))
    return Problem(
        f"column '{name}' is not in the table",
        key=key,
        hint=did_you_mean(name, there) or f"the table has: {listed}",
    )


def _regex_problem(pattern: str, key: str, session: Session) -> Iterator[Problem]:
    import duckdb

    try:
        session.raw.execute("SELECT regexp_full_match('', ?)", [pattern]).fetchone()
    except duckdb.Error as error:
        said = str(error).split("\n", 1)[0]
        yield Problem(said, key=key, hint="the dialect is RE2: no look-around, no back-references")


def _expression_problem(
    check: Check, key: str, table: ir.Table, session: Session
) -> Iterator[Problem]:
    """Bind the expression without reading a row: its types must fit, its answer be yes or no."""
    import duckdb

    source = session.con.compile(table)
    query = f"SELECT {check.expression} FROM ({source}) AS t"  # noqa: S608
    try:
        kinds = session.raw.sql(query).types
    except duckdb.Error as error:
        said = str(error).split("\n", 1)[0]
        yield Problem(f"'{check.expected}': {said}", key=key)
        return
    if str(kinds[0]) != "BOOLEAN":
        yield Problem(f"'{check.expected}' is not a condition: it gives {kinds[0]}", key=key)
