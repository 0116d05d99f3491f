"""The query of a database: exactly one statement, and one that only reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["one_select", "whole_table"]

HINT = "write one SELECT or WITH … SELECT; mlpipe changes nothing in a database"
_PART = re.compile(r'"((?:[^"]|"")+)"|([^".\s]+)')
_TABLE = re.compile(r'(?:"(?:[^"]|"")+"|[^".\s]+)(?:\.(?:"(?:[^"]|"")+"|[^".\s]+)){0,2}')


def one_select(sql: str, dialect: str, key: str) -> str:
    """Return a query without its final semicolon, once it is known to be one that only reads.

    The database is asked to refuse writing too; this says so before it is asked anything.

    Parameters
    ----------
    sql : str
        The query, in the database's own dialect.
    dialect : str
        As sqlglot names it.
    key : str
        Where it stands in the spec.

    Raises
    ------
    SpecError
        For a write, several statements, or none.
    """
    from sqlglot.errors import SqlglotError

    try:
        tokens = _tokens(sql, dialect)
    except SqlglotError as error:
        text = str(error).splitlines()[0]
        raise SpecError(Problem(f"cannot be read as SQL: {text}", key=key)) from None
    while tokens and _ends(tokens[-1]):
        sql = sql[: tokens.pop().start]
    if any(_ends(token) for token in tokens):
        raise SpecError(
            Problem("holds several statements; expected one SELECT", key=key, hint=HINT)
        )
    if not tokens:
        raise SpecError(Problem("is empty; expected one SELECT", key=key, hint=HINT))
    _refuse_writes(sql, tokens, dialect, key)
    return sql.strip()


def _tokens(sql: str, dialect: str) -> list[Any]:
    from sqlglot.dialects.dialect import Dialect

    return list(Dialect.get_or_raise(dialect).tokenize(sql))


def _ends(token: Any) -> bool:
    return bool(token.token_type.name == "SEMICOLON")


def _refuse_writes(sql: str, tokens: list[Any], dialect: str, key: str) -> None:
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import ParseError

    words = [token.text.upper() for token in tokens if token.text != "("]
    refused = SpecError(Problem("is not a query that only reads", key=key, hint=HINT))
    if not words or words[0] not in ("SELECT", "WITH", "VALUES", "TABLE", "FROM"):
        raise refused
    try:
        tree = sqlglot.parse_one(sql, dialect=dialect)
    except ParseError:
        # Syntax that is new to the parser is the database's to judge, in a read-only transaction.
        if {"INSERT", "UPDATE", "DELETE", "MERGE", "INTO", "CREATE", "DROP"} & set(words):
            raise refused from None
        return
    writes = (exp.DML, exp.DDL, exp.Into, exp.Drop, exp.Command)
    if any(isinstance(node, writes) and not isinstance(node, exp.Query) for node in tree.walk()):
        raise refused


def whole_table(table: str, quoted: Callable[[str], str], key: str) -> str:
    """Return the query that reads a table whole; each part of its name is quoted.

    Parameters
    ----------
    table : str
        ``plans``, ``billing.plans``, or with quotes where a name holds a dot.
    quoted : callable
        Quotes one name for the database.

    Raises
    ------
    SpecError
        For a text that cannot be the name of a table.

    >>> whole_table('billing."odd.name"', lambda name: f"<{name}>", "")
    'SELECT * FROM <billing>.<odd.name>'
    """
    if not _TABLE.fullmatch(table):
        what = f"'{table}' is not the name of a table"
        raise SpecError(Problem(what, key=key, hint="for example plans, or billing.plans"))
    names = [
        found[1].replace('""', '"') if found[1] else found[2] for found in _PART.finditer(table)
    ]
    return "SELECT * FROM " + ".".join(quoted(name) for name in names)  # noqa: S608 - quoted
