"""Fit checks to a table: which columns are meant, and what each check asks of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError

from mlpipe.checks.check import BEFORE, Check, asked_when
from mlpipe.checks.column import VALUE_CHECKS, Of
from mlpipe.checks.spread import SPREAD_CHECKS
from mlpipe.checks.table import Around, check_table
from mlpipe.checks.typed import is_a
from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.columns import ROW, SCOPE
from mlpipe.table.session import literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import ibis.expr.types as ir

    from mlpipe.checks.column_words import ColumnChecks
    from mlpipe.table.session import Session

__all__ = ["bind", "of_column"]


def bind(
    columns: Mapping[str, ColumnChecks | tuple[ColumnChecks, ...]],
    checks: Sequence[Any],
    table: ir.Table,
    session: Session,
    around: Around,
    key: str,
) -> list[Check]:
    """Return all checks of a section; no row is read.

    Parameters
    ----------
    columns : mapping
        What is asked of each column, in one block or in several.
    checks : sequence
        What is asked of the table: words of `checks`.
    table : ibis table
        The table that they are about.
    session : Session
        Where it lives.
    around : Around
        What the checks may rest on beside the table.
    key : str
        Where the section stands in the spec.

    Raises
    ------
    DataError
        A column that the section names is not in the table.
    SpecError
        A check does not fit its column: all such problems at once.
    """
    words = [check_table(word, f"{key}.checks[{at}]", around) for at, word in enumerate(checks)]
    blocks = list(_blocks(columns, key))
    _require(blocks, words, table)
    exact = {name.lower(): name for name in table.columns}
    schema = table.schema()
    found: list[Check] = []
    problems: list[Problem] = []
    for name, at, asked in blocks:
        column = exact[name.lower()]
        if asked.matches is not None:
            problems += _regex_problem(asked.matches, f"{at}.matches", session)
        try:
            found += of_column(Of(column, schema[column], asked, at))
        except PydanticCustomError as error:
            hint = (error.context or {}).get("hint", "")
            problems.append(Problem(error.message(), key=at, hint=hint))
    found += words
    problems += [each for check in found for each in _condition_problems(check, table, session)]
    if problems:
        raise SpecError(*dict.fromkeys(problems))
    return found


def of_column(of: Of) -> Iterator[Check]:
    """Yield the checks of one block, in the order of the vocabulary.

    Where the type is not the one asked for, that is all there is to say about the values.

    Raises
    ------
    PydanticCustomError
        A check cannot be asked of a column of this type.
    """
    wrong = of.spec.type is not None and not is_a(of.kind, of.spec.type)
    for name, check in VALUE_CHECKS.items():
        wanted = getattr(of.spec, "in_" if name == "in" else name)
        if wanted is None or wanted is _NOTHING_ASKED.get(name):
            continue
        if not wrong or name in ("type", "nullable", "unique"):
            yield check(of, wanted)
    for name, checks in SPREAD_CHECKS.items():
        if not wrong and getattr(of.spec, name) is not None:
            yield from checks(of, getattr(of.spec, name))


_NOTHING_ASKED = {"nullable": True, "unique": False}


def _blocks(columns: Mapping[str, Any], key: str) -> Iterator[tuple[str, str, ColumnChecks]]:
    for name, asked in columns.items():
        at = f"{key}.columns.{name}"
        several = isinstance(asked, tuple)
        for number, block in enumerate(asked if several else (asked,)):
            yield name, f"{at}[{number}]" if several else at, block


def _require(
    blocks: Iterable[tuple[str, str, ColumnChecks]], words: Iterable[Check], table: ir.Table
) -> None:
    named = [
        (at, needed) for name, at, block in blocks for needed in (name, *asked_when(block.when)[1])
    ]
    named += [(check.key, name) for check in words for name in check.needs]
    there = {name.lower() for name in table.columns}
    missing = dict.fromkeys((key, name) for key, name in named if name.lower() not in there)
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
        session.raw.execute(f"SELECT regexp_full_match('', {literal(pattern)})").fetchone()
    except duckdb.Error as error:
        said = str(error).split("\n", 1)[0]
        yield Problem(said, key=key, hint="the dialect is RE2: no look-around, no back-references")


def _condition_problems(check: Check, table: ir.Table, session: Session) -> Iterator[Problem]:
    """Bind what the user wrote: its types must fit, its answer be yes or no; no row is read."""
    import duckdb

    source = session.con.compile(table)
    for condition, written in check.bind:
        query = f"SELECT {condition} FROM ({source}) AS t"  # noqa: S608
        try:
            kinds = session.raw.sql(query).types
        except duckdb.Error as error:
            said = str(error).split("\n", 1)[0]
            yield Problem(f"'{written}': {said}", key=check.key)
            continue
        if str(kinds[0]) != "BOOLEAN":
            yield Problem(f"'{written}' is not a condition: it gives {kinds[0]}", key=check.key)
    if check.check in ("references", "freshness", "monotone"):
        yield from _misfits(check, source, session)


def _misfits(check: Check, source: str, session: Session) -> Iterator[Problem]:
    """Bind a check whose columns have to compare with something else."""
    import duckdb

    before = f", {check.before} AS {BEFORE}" if check.before else ""
    query = f"SELECT {check.failing} FROM (SELECT *{before} FROM ({source})) AS t"  # noqa: S608
    try:
        session.raw.sql(query).types  # noqa: B018
    except duckdb.Error as error:
        yield Problem(str(error).split("\n", 1)[0], key=check.key)
