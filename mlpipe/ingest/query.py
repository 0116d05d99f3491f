"""The user's SQL: one SELECT, over the sources alone, the same rows in the same order each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.errors import Problem, SpecError
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.condition import cleaned, nodes_of, refuse_impure, syntax
from mlpipe.table.session import PARQUET, identifier, literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb

    from mlpipe.ingest.loaded import Loaded
from mlpipe.table.session import Session

__all__ = ["shape"]

_SAFE_TABLE_FUNCTIONS = {"range", "generate_series", "unnest"}


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
        _refuse_same_names(con, sql, bound, key)
        con.execute(f"COPY ({_bare(sql)}\n) TO {literal(str(target))} ({PARQUET})", bound)
    except duckdb.Error as error:
        raise SpecError(Problem(cleaned(error), key=key)) from error
    finally:
        con.close()
    return target


def _refuse_same_names(
    con: duckdb.DuckDBPyConnection, sql: str, bound: Mapping[str, str], key: str
) -> None:
    """Refuse columns of one name, which the engine would rename without a word."""
    described = con.execute(f"DESCRIBE {_bare(sql)}", bound).fetchall()
    names = [row[0].lower() for row in described]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        hint = "name them apart with `as`, or leave one out: c.* exclude (id)"
        raise SpecError(
            Problem(f"gives two columns of the name {', '.join(twice)}", key=key, hint=hint)
        )


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
    nodes = list(nodes_of(syntax(con, _bare(sql), key)))
    refuse_impure(con, nodes, key)
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
