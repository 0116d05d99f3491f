# ruff: noqa: S608 — every name in these queries is quoted by `identifier`.
"""From shaped rows to the ingested table: position, labels, time zone, scope."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem
from mlpipe.ingest.keys import check_key, types_of
from mlpipe.ingest.labels import joined, joined_late
from mlpipe.ingest.late import Arrived
from mlpipe.ingest.places import kept_breaks
from mlpipe.ingest.subset import subset
from mlpipe.table.columns import ROW, SCOPE, Columns
from mlpipe.table.condition import check_condition
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlpipe.ingest.loaded import Loaded
    from mlpipe.ingest.spec import Ingest
    from mlpipe.table.session import Session

__all__ = ["SHAPED", "Assembled", "assemble", "zoned"]

SHAPED = "shaped"
"""The name of rows that come from the user's SQL."""


@dataclass(frozen=True)
class Assembled:
    """The ingested table.

    Attributes
    ----------
    path : Path
        Its Parquet file; a row's position there is ``_row``.
    breaks : Path or None
        Where the rows stand in the user's files, see `places`.
    warnings : list of str
        What was seen on the way.
    labels : Arrived or None
        How many labels have come, of current data.
    """

    path: Path
    breaks: Path | None
    warnings: list[str]
    labels: Arrived | None = None


def assemble(
    spec: Ingest,
    shaped: Loaded,
    labels: Loaded | None,
    columns: Columns,
    session: Session,
    *,
    late: bool = False,
    again: bool = False,
) -> Assembled:
    """Write the ingested table.

    Parameters
    ----------
    spec : Ingest
        Its ``scope``, ``sample`` and ``limit``.
    shaped : Loaded
        The rows in their order.
    labels : Loaded, optional
        Columns to join on the key.
    again : bool
        Whether a key may stand in several rows: who is asked twice is two rows of a log.
    late : bool
        Whether labels may come late or twice, see `late`.

    Raises
    ------
    DataError
        If the key is not unique or missing, or labels do not fit the rows.
    """
    warnings: list[str] = []
    start = query = shaped.positioned()
    types = types_of(session, query)
    if not again:
        check_key(session, query, columns.keys, "the table")
    come = None
    if late:
        query, come = joined_late(session, query, types, labels, columns)
    elif labels is not None:
        query, said = joined(session, query, types, labels, columns)
        warnings += said
    types = types_of(session, query)
    query = zoned(session, query, types, columns)
    if shaped.name == SHAPED:
        query, holes = _finite(session, query, types)
        warnings += holes
    if spec.scope is not None:
        query = _scoped(session, query, spec.scope)
    whole = query
    query = subset(session, query, columns, spec.sample, spec.limit)
    breaks = shaped.breaks
    if breaks is not None and query != whole:
        breaks = kept_breaks(session, breaks, f"SELECT {ROW} AS row FROM ({query})")
    path = _written(shaped, query, session, as_it_is=query == start)
    return Assembled(path, breaks, warnings, come)


def _written(shaped: Loaded, query: str, session: Session, *, as_it_is: bool) -> Path:
    """Write the table, unless a file of ours is the table already."""
    if as_it_is and len(shaped.paths) == 1 and shaped.paths[0].is_relative_to(session.scratch):
        return shaped.paths[0]
    target = session.path("table")
    ordered = "" if as_it_is else f" ORDER BY {ROW}"
    session.copy(f"SELECT * EXCLUDE ({ROW}) FROM ({query}){ordered}", target, compression="snappy")
    return target


def _finite(session: Session, query: str, types: Mapping[str, str]) -> tuple[str, list[str]]:
    """Make what the SQL divided by zero missing, and say where; the rows stay."""
    floats = [name for name, kind in types.items() if kind in {"DOUBLE", "FLOAT"}]
    if not floats:
        return query, []
    counted = ", ".join(f"count_if(NOT isfinite({identifier(name)}))" for name in floats)
    counts = session.raw.execute(f"SELECT {counted} FROM ({query})").fetchone() or ()
    bent = {name: int(count) for name, count in zip(floats, counts, strict=True) if count}
    if not bent:
        return query, []
    cells = ", ".join(
        f"CASE WHEN isfinite({cell}) THEN {cell} END AS {cell}" for cell in map(identifier, bent)
    )
    warnings = [
        f"{name}: {count:,} results of the SQL were inf or nan (a division by zero?); now missing"
        for name, count in bent.items()
    ]
    return f"SELECT * REPLACE ({cells}) FROM ({query})", warnings


def zoned(session: Session, query: str, types: Mapping[str, str], columns: Columns) -> str:
    """Read naive timestamps in the declared zone; an hour that is there twice is refused."""
    naive = [name for name, engine in types.items() if engine == "TIMESTAMP"]
    if columns.timezone is None or not naive:
        return query
    zone = literal(columns.timezone)
    for name in naive:
        _refuse_unclear(session, query, identifier(name), name, zone)
    changed = ", ".join(
        f"timezone({zone}, {identifier(name)}) AS {identifier(name)}" for name in naive
    )
    return f"SELECT * REPLACE ({changed}) FROM ({query})"


def _refuse_unclear(session: Session, query: str, column: str, name: str, zone: str) -> None:
    moment = f"timezone({zone}, {column})"
    gone = f"timezone({zone}, {moment}) <> {column}"
    shifts = ("30 minutes", "1 hour", "2 hours")
    twice = " OR ".join(
        f"timezone({zone}, {moment} {sign} INTERVAL {shift!r}) = {column}"
        for shift in shifts
        for sign in "+-"
    )
    rows = session.raw.execute(
        f"SELECT {ROW}, CAST({column} AS VARCHAR) FROM ({query}) "
        f"WHERE {gone} OR {twice} ORDER BY {ROW} LIMIT 5"
    ).fetchall()
    if rows:
        samples = ", ".join(f"{text} (row {number})" for number, text in rows)
        raise DataError(
            Problem(
                f"holds times that are there twice or not at all in {zone}: {samples}",
                key=name,
                hint="give the times their offset, or write them in UTC",
            )
        )


def _scoped(session: Session, query: str, scope: str) -> str:
    check_condition(session, scope, query, "ingest.scope")
    return f"SELECT *, coalesce(({scope}\n), false) AS {SCOPE} FROM ({query})"
