"""The scope at prediction: the same condition that ingest holds rows against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, StoreError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["in_scope", "scope_columns", "with_holes"]


def scope_columns(scope: str | None, known: list[str]) -> list[str]:
    """Return the columns of a table that a scope reads, in order of appearance."""
    if scope is None:
        return []
    import sqlglot
    from sqlglot import expressions

    by_lower = {name.lower(): name for name in known}
    found = sqlglot.parse_one(scope, dialect="duckdb").find_all(expressions.Column, bfs=False)
    names = (by_lower.get(column.name.lower()) for column in found)
    return list(dict.fromkeys(name for name in names if name is not None))


def in_scope(scope: str, frame: pd.DataFrame) -> NDArray[Any]:
    """Return whether each row is in scope; where the condition is null, it is not.

    Raises
    ------
    StoreError
        If the condition is not one that DuckDB can evaluate over these columns.
    """
    import duckdb
    import numpy as np
    import pyarrow as pa

    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'; SET enable_external_access = false")
        connection.register("rows", pa.Table.from_pandas(frame, preserve_index=False))
        connection.execute("SET lock_configuration = true")
        try:
            # The condition is the spec's own, checked when it was ingested with.
            kept = connection.execute(f"SELECT coalesce(({scope}), false) FROM rows").fetchall()  # noqa: S608
        except duckdb.Error as error:
            message = f"the scope of the model does not fit: {str(error).partition(chr(10))[0]}"
            raise StoreError(Problem(message, key="ingest.scope")) from error
    return np.array([bool(row[0]) for row in kept], dtype=bool)


def with_holes(found: pd.DataFrame, kept: Any, index: pd.Index[Any]) -> pd.DataFrame:
    """Put nulls where rows are out of scope."""
    import numpy as np

    if not kept.all():
        # Labels that are whole numbers or booleans stay what they are beside nulls.
        labels = found["prediction"]
        found = found.assign(
            prediction=labels.astype(object) if labels.dtype.kind in "biu" else labels
        )
        found = found.set_index(np.flatnonzero(kept)).reindex(range(len(kept)))
    return found.set_index(index).assign(in_scope=kept)
