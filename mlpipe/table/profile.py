"""The reference profile: frozen bins and exact counts, a few KB a column.

A profile is all that is needed to compare new data with the data of training. It holds integer
counts only, so profiles over the same bins add up exactly, in any order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import ComputeError
from mlpipe.table.aspects import measured, period
from mlpipe.table.bins import add
from mlpipe.table.freeze import freeze, sampled_rows
from mlpipe.table.session import identifier
from mlpipe.table.tally import tally
from mlpipe.table.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir

    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["CHUNKS", "count", "merge", "profile"]

FORMAT = 1
TEXT = "text"

CHUNKS = 24
"""Most reference periods that are kept; they tell how much quiet periods vary."""

IN_A_ROW = 3
"""So many of them follow one another, where not all are kept: how alike neighbours are."""

FEWEST = 100
"""Fewest rows of a reference period that is kept."""


def profile(
    table: ir.Table,
    columns: Columns,
    kinds: Mapping[str, str],
    session: Session,
    *,
    every: str | None = None,
) -> dict[str, Any]:
    """Freeze bins on a reference table and count it.

    Parameters
    ----------
    table : ibis table
        The reference rows, those of training.
    columns : Columns
        Keys, entity, time, target, weight and ignored columns are not profiled.
    kinds : mapping
        column -> number, category, text, date or boolean; others are not profiled.
    session : Session
        Where the table lives; it is never held in memory whole.
    every : {"day", "week", "month"} or None
        Count calendar periods of ``columns.time`` apart too.

    Returns
    -------
    dict
        JSON-safe: ``format``, ``rows``, ``every``, ``bins``, ``columns`` (counts) and
        ``chunks`` (period -> rows and columns).
    """
    table = _computed(table, session)
    bins = _frozen(session, table, columns, kinds)
    by = _period(table, columns, every, None)
    return _profile(session, table, columns, bins, (every, by), most=CHUNKS)


def count(
    reference: Mapping[str, Any],
    table: ir.Table,
    columns: Columns,
    session: Session,
    *,
    every: str | None = None,
    file_column: str | None = None,
) -> dict[str, Any]:
    """Count another table on the bins of a reference; columns that it lacks are left out.

    Parameters
    ----------
    reference : mapping
        A profile.
    table : ibis table
    columns : Columns
    session : Session
    every : {"day", "week", "month", "file"} or None
        What is counted apart; without the time or the file that it takes, nothing is.
    file_column : str or None
        The column that names the file of a row.

    Returns
    -------
    dict
        A profile like the reference, with all periods of the table.
    """
    bins = {name: each for name, each in reference["bins"].items() if name in table.columns}
    by = _period(table, columns, every, file_column)
    return _profile(session, table, columns, bins, (every, by), most=None)


def merge(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    """Add two profiles over the same bins.

    Raises
    ------
    ComputeError
        The bins differ.
    """
    same = ("format", "every", "bins")
    if any(left[key] != right[key] for key in same):
        raise ComputeError("profiles over different bins cannot be added")
    counted = ("rows", "columns", "chunks")
    return {
        **{key: left[key] for key in same},
        **{key: add(left[key], right[key]) for key in counted},
    }


def _frozen(
    session: Session, table: ir.Table, columns: Columns, kinds: Mapping[str, str]
) -> dict[str, Any]:
    """Return the bins of each column; a text is looked at twice, first for its words."""
    source = str(session.con.compile(table))
    texts = [each for each in measured(table, columns, kinds) if each.kind == TEXT]
    rows = (sampled_rows(session, source) or source) if texts else source
    words = {each.column: {"vocabulary": vocabulary(session, rows, each.sql)} for each in texts}
    bins = freeze(session, source, measured(table, columns, kinds, words))
    return {name: {**each, **words.get(name, {})} for name, each in bins.items()}


def _profile(
    session: Session,
    table: ir.Table,
    columns: Columns,
    bins: dict[str, Any],
    by: tuple[str | None, str | None],
    *,
    most: int | None,
) -> dict[str, Any]:
    every, period_sql = by
    kinds = {name: each["kind"] for name, each in bins.items()}
    chosen = measured(table, columns, kinds, bins)
    source = str(session.con.compile(_computed(table, session)))
    tallies = tally(session, source, chosen, bins, period_sql)
    whole: dict[str, Any] = {"rows": 0, "columns": {}}
    for each in tallies.values():
        whole = add(whole, each)
    named = {key: each for key, each in tallies.items() if key is not None}
    kept = named if most is None else _spread(named, most)
    return {
        "format": FORMAT,
        "rows": whole["rows"],
        "every": every if period_sql else None,
        "bins": bins,
        "columns": whole["columns"],
        "chunks": kept,
    }


def _spread(tallies: dict[str, Any], most: int) -> dict[str, Any]:
    """Keep periods that are long enough; of many, some in a row, evenly spread over all."""
    long = sorted(key for key, each in tallies.items() if each["rows"] >= FEWEST)
    if len(long) > most:
        runs, last = most // IN_A_ROW, len(long) - IN_A_ROW
        firsts = [at * last // (runs - 1) for at in range(runs)]
        long = [key for first in firsts for key in long[first : first + IN_A_ROW]]
    return {key: _without_moments(tallies[key]) for key in long}


def _without_moments(chunk: dict[str, Any]) -> dict[str, Any]:
    columns = {
        name: {key: value for key, value in each.items() if key != "moments"}
        for name, each in chunk["columns"].items()
    }
    return {"rows": chunk["rows"], "columns": columns}


def _period(
    table: ir.Table, columns: Columns, every: str | None, file_column: str | None
) -> str | None:
    if every == "file":
        there = file_column and file_column in table.columns
        return f"{identifier(str(file_column))}::VARCHAR" if there else None
    return period(table, columns, every) if every else None


def _computed(table: ir.Table, session: Session) -> ir.Table:
    """Return the table; what takes work to compute is computed once, to a file of ours."""
    if type(table.op()).__name__ == "DatabaseTable":
        return table
    path = session.path("profiled")
    session.write(table, path)
    return session.read(path)
