"""Conditions and queries that users write: read by the engine's own parser before they run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

    from mlpipe.table.session import Session

__all__ = [
    "check_condition",
    "check_expression",
    "cleaned",
    "columns_read",
    "nodes_of",
    "refuse_impure",
    "syntax",
]

_CLOCK = {
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "current_user",
    "session_user",
    "user",
}


def check_condition(session: Session, condition: str, relation: str, key: str) -> None:
    """Refuse a condition that is not one truth value of a row.

    Parameters
    ----------
    condition : str
        SQL of one scalar expression.
    relation : str
        SQL of the rows it is about.
    key : str
        The dotted key of the spec to name in an error.

    Raises
    ------
    SpecError
        For unknown columns, subqueries, windows, aggregates, clocks and chance.
    """
    kind = check_expression(session, condition, relation, key)
    if kind != "BOOLEAN":
        raise SpecError(
            Problem(f"is {kind.lower()}, not a condition", key=key, hint="for example fee > 0")
        )


def check_expression(session: Session, expression: str, relation: str, key: str) -> str:
    """Return the engine's type of an expression, and refuse what is not one value of a row.

    Parameters
    ----------
    expression : str
        SQL of one scalar expression.
    relation : str
        SQL of the rows it is about.
    key : str
        The dotted key of the spec to name in an error.

    Raises
    ------
    SpecError
        For unknown columns, subqueries, windows, aggregates, clocks and chance.
    """
    import duckdb

    try:
        statements = syntax(session.raw, f"SELECT ({expression}\n)", key)["statements"]
        nodes = list(nodes_of(statements))
        _refuse_more_than_one(statements, nodes, key)
        refuse_impure(session.raw, nodes, key)
        bound = f"FROM ({relation}) SELECT *, ({expression}\n) AS truth"
        return str(session.raw.execute(f"DESCRIBE {bound}").fetchall()[-1][1])
    except duckdb.Error as error:
        raise SpecError(Problem(cleaned(error), key=key)) from error


def columns_read(session: Session, expression: str, known: Sequence[str], key: str) -> list[str]:
    """Return the columns among ``known`` that an expression names, in the order of ``known``."""
    nodes = nodes_of(syntax(session.raw, f"SELECT ({expression}\n)", key))
    named = {
        name.lower()
        for node in nodes
        if node.get("class") == "COLUMN_REF"
        for name in node["column_names"]
    }
    return [name for name in known if name.lower() in named]


def _refuse_more_than_one(
    statements: Sequence[dict[str, Any]], nodes: Sequence[dict[str, Any]], key: str
) -> None:
    """Refuse text that closes the bracket around it and goes on, and what reaches other rows."""
    root = statements[0]["node"] if len(statements) == 1 else {}
    alone = (
        len(root.get("select_list", ())) == 1
        and root["from_table"]["type"] == "EMPTY"
        and root["where_clause"] is None
    )
    if not alone:
        raise SpecError(Problem("is not one expression", key=key))
    if any(node.get("class") in {"SUBQUERY", "WINDOW", "STAR"} for node in nodes):
        raise SpecError(Problem("is not about one row: no subquery, window or *", key=key))


def syntax(con: duckdb.DuckDBPyConnection, sql: str, key: str) -> dict[str, Any]:
    """Return the engine's syntax tree of SELECT statements.

    Raises
    ------
    SpecError
        If the text is anything else, or nested too deeply.
    """
    row = con.execute("SELECT json_serialize_sql($sql)", {"sql": sql}).fetchone()
    try:
        tree: dict[str, Any] = json.loads(row[0]) if row else {}
    except RecursionError:
        raise SpecError(Problem("is nested too deeply", key=key)) from None
    if tree.get("error"):
        message = str(tree.get("error_message", ""))
        if "Only SELECT" in message:
            message = "is not a SELECT; sources are read, never written"
        raise SpecError(Problem(message.splitlines()[0], key=key))
    return tree


def nodes_of(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping of the engine's syntax tree."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            yield node
            pending.extend(reversed(node.values()))
        elif isinstance(node, list):
            pending.extend(reversed(node))


def refuse_impure(
    con: duckdb.DuckDBPyConnection, nodes: Sequence[dict[str, Any]], key: str
) -> None:
    """Refuse functions whose answer depends on more than the rows."""
    rows = con.execute(
        "SELECT DISTINCT function_name FROM duckdb_functions() "
        "WHERE function_type = 'scalar' AND stability <> 'CONSISTENT' AND function_name <> 'error'"
    ).fetchall()
    impure = {name for (name,) in rows} | _CLOCK
    for node in nodes:
        names = node.get("column_names") or []
        name = names[0] if len(names) == 1 else node.get("function_name") or ""
        if isinstance(name, str) and name.lower() in impure:
            raise SpecError(
                Problem(
                    f"depends on {name}: the same inputs would give other rows",
                    key=key,
                    hint="declare the moment under vars and write $name",
                )
            )


def cleaned(error: Exception) -> str:
    """Return the engine's message on one line, without its kind and the echo of the query."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    kept = []
    for line in lines:
        if line.startswith("LINE "):
            break
        kept.append(line)
    text = " ".join(kept)
    _, _, rest = text.partition("Error: ")
    return rest or text
