# ruff: noqa: S608 — every name in these queries is quoted by `identifier`, every value by `literal`.
"""Labels of classes that the model never saw: no truth to hold its answers against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.checks.typed import is_a, type_name, typed
from mlpipe.errors import DataError, Problem
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import ibis.expr.datatypes as dt
    import ibis.expr.types as ir

    from mlpipe.table.session import Session

__all__ = ["known"]

_SHOWN = 5


def known(
    table: ir.Table,
    target: str | None,
    classes: Sequence[Any],
    session: Session,
    labels: Mapping[str, int] | None,
) -> tuple[ir.Table, dict[str, int] | None, list[str]]:
    """Return the rows with the labels that can be judged, how many there are, and what is said.

    Parameters
    ----------
    table : ibis table
        The rows that are judged; they may have the target.
    target : str or None
    classes : sequence
        Those of the model; none for regression.
    session : Session
    labels : mapping, optional
        How many labels have come, as ingest counted them over all rows.

    Returns
    -------
    ibis table
        A label of a class that the model does not know is null there.
    dict or None
        ``labelled``, ``waiting``, ``doubled``, ``contradicting``, ``unmatched`` and ``unknown``;
        None where there is no target.
    list of str
        What is left out.

    Raises
    ------
    DataError
        No label is of a class that the model knows, or labels of numbers are none.
    """
    if labels is None or target is None or target not in table.columns:
        return table, None, []
    dtype, column = table.schema()[target], identifier(target)
    unknown = _unknown(dtype, target, classes)
    query = f"SELECT * FROM ({session.con.compile(table)})"
    rows, labelled, strange = session.raw.execute(
        f"SELECT count(*), count({column}), count(*) FILTER ({column} IS NOT NULL AND {unknown}) "
        f"FROM ({query})"
    ).fetchone() or (0, 0, 0)
    counts = {
        **labels,
        "labelled": labelled - strange,
        "waiting": rows - labelled,
        "unknown": strange,
    }
    if not strange:
        return table, counts, []
    found = session.raw.execute(
        f"SELECT DISTINCT {column}::VARCHAR AS v FROM ({query}) WHERE {column} IS NOT NULL "
        f"AND {unknown} ORDER BY v LIMIT {_SHOWN}"
    ).fetchall()
    names = ", ".join(value for (value,) in found)
    if strange == labelled:
        raise _nothing_known(target, dtype, names, classes)
    emptied = f"CASE WHEN NOT ({unknown}) THEN {column} END AS {column}"
    said = f"{strange:,} labels are of no class that the model knows, and left out: {names}"
    return session.query(f"SELECT * REPLACE ({emptied}) FROM ({query})"), counts, [said]


def _unknown(dtype: dt.DataType, target: str, classes: Sequence[Any]) -> str:
    """Return SQL of a label that the model cannot have meant."""
    if not classes:
        return str(not is_a(dtype, "number")).lower()
    fits = [each for each in classes if _fits(dtype, each)]
    listed = ", ".join(typed(dtype, each, "labels") for each in fits)
    return f"{identifier(target)} NOT IN ({listed})" if listed else "true"


def _fits(dtype: dt.DataType, value: Any) -> bool:
    if isinstance(value, bool):
        return bool(dtype.is_boolean())
    if isinstance(value, str):
        return bool(dtype.is_string())
    return is_a(dtype, "number")


def _nothing_known(
    target: str, dtype: dt.DataType, names: str, classes: Sequence[Any]
) -> DataError:
    expected = f"one of {', '.join(map(str, classes))}" if classes else "numbers"
    message = f"no label is of a class that the model knows: {names}; expected {expected}"
    if not classes:
        message = f"the labels are of type {type_name(dtype)}: {names}; expected numbers"
    hint = "write labels as those of training, and read them so: monitor.labels.types"
    return DataError(Problem(message, "labels", target, hint))
