"""A condition over the columns of a table, in SQL: parsed, never trusted.

Columns, literals, operators and a white-list of scalar functions pass; subqueries, files,
aggregates, windows and several statements do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic_core import PydanticCustomError

from mlpipe.spec.suggest import did_you_mean

__all__ = ["FUNCTIONS", "Condition", "parse"]

_NUMBERS = (
    "abs ceil ceiling exp floor isfinite isinf isnan ln log log10 log2 mod pow power "
    "round sign sqrt trunc"
)
_TEXT = (
    "concat contains ends_with left length lower ltrim regexp_full_match regexp_matches "
    "replace reverse right rtrim starts_with strlen strpos substr substring trim upper"
)
_DATES = (
    "date_diff date_part date_trunc datediff day dayofweek dayofyear hour isodow minute "
    "month quarter second week weekday year"
)
_CHOICE = "coalesce greatest ifnull least nullif"
FUNCTIONS = frozenset(f"{_NUMBERS} {_TEXT} {_DATES} {_CHOICE}".split())
"""Scalar functions an expression may call: no side effects, no files, no clock, no chance."""

_MOST_CHARACTERS = 10_000


@dataclass(frozen=True)
class Condition:
    """A parsed condition.

    Attributes
    ----------
    sql : str
        The condition in DuckDB's dialect, every column quoted.
    columns : tuple of str
        The columns that it reads, sorted.
    """

    sql: str
    columns: tuple[str, ...]


@cache
def parse(text: str) -> Condition:
    """Parse a condition and refuse what is not one.

    Raises
    ------
    PydanticCustomError
        ``expression``: it does not parse, or holds more than the white-list allows.
    """
    tree = _tree(text)
    for node in tree.walk():
        _accept(node)
    from sqlglot import expressions as sql

    columns = sorted({column.name for column in tree.find_all(sql.Column)})
    for identifier in tree.find_all(sql.Identifier):
        identifier.set("quoted", True)
    return Condition(tree.sql(dialect="duckdb", comments=False), tuple(columns))


def _tree(text: str) -> Any:
    import sqlglot
    from sqlglot.errors import SqlglotError

    if len(text) > _MOST_CHARACTERS:
        raise _refused(f"an expression of {len(text):,} characters is too long")
    try:
        statements = sqlglot.parse(text, dialect="duckdb")
    except (SqlglotError, RecursionError) as error:
        first = str(error).split("\n", 1)[0]
        raise _refused(f"not a SQL expression: {first}") from None
    if len(statements) != 1 or statements[0] is None:
        raise _refused("expected exactly one SQL expression")
    return statements[0]


def _accept(node: Any) -> None:
    from sqlglot import expressions as sql

    if isinstance(node, sql.Func) and not isinstance(node, _operators()):
        _accept_function(node)
    elif isinstance(node, sql.Column):
        if node.table:
            raise _refused(f"'{node.sql()}' names a table; expected a column")
    elif not isinstance(node, _allowed()):
        raise _refused(f"'{node.sql(dialect='duckdb')[:80]}' is not allowed in an expression")


def _accept_function(node: Any) -> None:
    from sqlglot import expressions as sql

    names = [node.name.lower()] if isinstance(node, sql.Anonymous) else _names(node)
    if isinstance(node, sql.AggFunc) or not FUNCTIONS.intersection(names):
        hint = did_you_mean(names[0], FUNCTIONS)
        raise _refused(f"the function '{names[0]}' is not allowed in an expression", hint)


def _names(node: Any) -> list[str]:
    written = node.sql(dialect="duckdb").split("(", 1)[0].strip().lower()
    return [written, *(name.lower() for name in node.sql_names())]


@cache
def _operators() -> tuple[type, ...]:
    """Classes that sqlglot counts as functions and SQL does not."""
    from sqlglot import expressions as sql

    return (sql.And, sql.Or, sql.Xor, sql.Case, sql.If, sql.Cast, sql.TryCast)


@cache
def _allowed() -> tuple[type, ...]:
    from sqlglot import expressions as sql

    return (
        *(sql.Binary, sql.Unary, sql.Between, sql.In, sql.Literal, sql.Boolean, sql.Null),
        *(sql.Identifier, sql.DataType, sql.DataTypeParam, sql.Interval, sql.Var, sql.Tuple),
        *_operators(),
    )


def _refused(message: str, hint: str = "") -> PydanticCustomError:
    hint = hint or 'columns, literals, operators and simple functions: "calls <= minutes"'
    return PydanticCustomError("expression", "{what}", {"what": message, "hint": hint})
