"""The user's SQL: one SELECT, over the sources alone, the same rows in the same order each time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.session import PARQUET, identifier, literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import duckdb

    from mlpipe.ingest.loaded import Loaded
    from mlpipe.table.session import Session

__all__ = ["check_condition", "shape"]

_SAFE_TABLE_FUNCTIONS = {"range", "generate_series", "unnest"}
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


def shape(
    sql: str,
    sources: Sequence[Loaded],
    variables: Mapping[str, str],
    session: Session,
    *,
    key: str = "ingest.sql",
) -> Path:
    """Run the shaping query over the sources and return the Parquet file of its result.

    It runs in a session of its own, on one thread, with files and settings locked.

    Parameters
    ----------
    sql : str
        One SELECT; ``$name`` stands for a variable.
    sources : sequence of Loaded
        The tables it may name.
    variables : mapping of str to str
        ``vars`` of the spec.

    Raises
    ------
    SpecError
        If it is not one SELECT, reads anything but the sources, depends on a clock or on
        chance, or the engine refuses it.
    """
    import duckdb

    target = session.path("shaped")
    con = _closed_session(sources, target, session.scratch)
    try:
        used = _check_query(con, sql, key)
        bound = _bound(used, variables, key)
        con.execute(f"COPY ({_bare(sql)}\n) TO {literal(str(target))} ({PARQUET})", bound)
    except duckdb.Error as error:
        raise SpecError(Problem(_cleaned(error), key=key)) from error
    finally:
        con.close()
    return target


def check_condition(session: Session, condition: str, key: str) -> None:
    """Refuse a condition that is not one scalar expression over the columns of a row.

    Raises
    ------
    SpecError
        For several statements, subqueries, aggregates' windows, clocks and chance.
    """
    import duckdb

    try:
        tree = _tree(session.raw, f"SELECT ({condition}\n)", key)
    except duckdb.Error as error:
        raise SpecError(Problem(_cleaned(error), key=key)) from error
    nodes = list(_nodes(tree))
    if any(node.get("class") in {"SUBQUERY", "WINDOW", "STAR"} for node in nodes):
        raise SpecError(Problem("is not a condition on one row: no subquery, window or *", key=key))
    if sum(node.get("type") == "SELECT_NODE" for node in nodes) != 1:
        raise SpecError(Problem("is not one expression", key=key))
    _refuse_impure(session.raw, nodes, key)


def _closed_session(
    sources: Sequence[Loaded], target: Path, scratch: Path
) -> duckdb.DuckDBPyConnection:
    import duckdb

    con = duckdb.connect(
        config={
            "threads": 1,
            "temp_directory": str(scratch / "spill"),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
        }
    )
    con.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    paths = [str(target)]
    for source in sources:
        con.execute(f"CREATE VIEW {identifier(source.name)} AS {source.relation()}")
        paths += [str(path) for path in source.paths]
    con.execute(f"SET allowed_paths = [{', '.join(literal(path) for path in paths)}]")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


def _check_query(con: duckdb.DuckDBPyConnection, sql: str, key: str) -> set[str]:
    """Return the names of the variables that the query uses, once it is known to be fine."""
    statements = con.extract_statements(sql)
    if len(statements) != 1:
        what = "is empty" if not statements else f"holds {len(statements)} statements"
        raise SpecError(Problem(f"{what}; expected one SELECT", key=key))
    nodes = list(_nodes(_tree(con, _bare(sql), key)))
    _refuse_impure(con, nodes, key)
    for node in nodes:
        if node.get("type") == "TABLE_FUNCTION":
            name = node.get("function", {}).get("function_name", "")
            if name not in _SAFE_TABLE_FUNCTIONS:
                raise SpecError(
                    Problem(
                        f"reads with {name}(); SQL sees the sources and nothing else",
                        key=key,
                        hint="declare the file under ingest.sources",
                    )
                )
        if node.get("sample"):
            raise SpecError(
                Problem("samples by chance", key=key, hint="filter by hash(id) % 10 = 0 instead")
            )
    return set(statements[0].named_parameters)


def _tree(con: duckdb.DuckDBPyConnection, sql: str, key: str) -> dict[str, Any]:
    row = con.execute("SELECT json_serialize_sql($sql)", {"sql": sql}).fetchone()
    tree: dict[str, Any] = json.loads(row[0]) if row else {}
    if tree.get("error"):
        message = str(tree.get("error_message", ""))
        if "Only SELECT" in message:
            message = "is not a SELECT; sources are read, never written"
        raise SpecError(Problem(message.splitlines()[0], key=key))
    return tree


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping of the engine's syntax tree."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            yield node
            pending.extend(reversed(node.values()))
        elif isinstance(node, list):
            pending.extend(reversed(node))


def _refuse_impure(
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


def _bound(used: set[str], variables: Mapping[str, str], key: str) -> dict[str, str]:
    unknown = sorted(used - set(variables))
    if unknown:
        raise SpecError(
            *(
                Problem(
                    f"uses ${name}, which vars does not declare",
                    key=key,
                    hint=did_you_mean(name, variables) or f"declare `vars: {{{name}: …}}`",
                )
                for name in unknown
            )
        )
    return {name: variables[name] for name in sorted(used)}


def _bare(sql: str) -> str:
    return sql.strip().rstrip(";")


def _cleaned(error: Exception) -> str:
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
