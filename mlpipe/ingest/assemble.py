# ruff: noqa: S608 — every name in these queries is quoted by `identifier`.
"""From shaped rows to the ingested table: position, labels, time zone, scope."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.ingest.places import kept_breaks
from mlpipe.ingest.subset import subset
from mlpipe.table.columns import ROW, SCOPE, Columns
from mlpipe.table.condition import check_condition
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.ingest.loaded import Loaded
    from mlpipe.ingest.spec import Ingest
    from mlpipe.table.session import Session

__all__ = ["SHAPED", "Assembled", "assemble", "check_key_types", "types_of", "zoned"]

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
    """

    path: Path
    breaks: Path | None
    warnings: list[str]


def assemble(
    spec: Ingest, shaped: Loaded, labels: Loaded | None, columns: Columns, session: Session
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

    Raises
    ------
    DataError
        If the key is not unique or missing, or labels do not fit the rows.
    """
    warnings: list[str] = []
    start = query = shaped.positioned()
    types = types_of(session, query)
    _check_key(session, query, columns.keys, "the table")
    if labels is not None:
        warnings += _check_labels(session, query, types, labels, columns)
        query = _joined(query, labels, columns.keys)
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
    return Assembled(path, breaks, warnings)


def _written(shaped: Loaded, query: str, session: Session, *, as_it_is: bool) -> Path:
    """Write the table, unless a file of ours is the table already."""
    if as_it_is and len(shaped.paths) == 1 and shaped.paths[0].is_relative_to(session.scratch):
        return shaped.paths[0]
    target = session.path("table")
    ordered = "" if as_it_is else f" ORDER BY {ROW}"
    session.copy(f"SELECT * EXCLUDE ({ROW}) FROM ({query}){ordered}", target, compression="snappy")
    return target


def types_of(session: Session, query: str) -> dict[str, str]:
    """Return the engine's type of each column of a query."""
    rows = session.raw.execute(f"DESCRIBE {query}").fetchall()
    return {row[0]: row[1] for row in rows}


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


def _check_key(session: Session, query: str, keys: Sequence[str], where: str) -> None:
    """Refuse a key that is missing in a row or stands in several."""
    if not keys:
        return
    listed = ", ".join(identifier(key) for key in keys)
    missing = " OR ".join(f"{identifier(key)} IS NULL" for key in keys)
    row = session.raw.execute(f"SELECT count(*) FROM ({query}) WHERE {missing}").fetchone()
    if row and row[0]:
        raise DataError(
            Problem(f"the key is missing in {row[0]:,} rows of {where}", key=", ".join(keys))
        )
    doubled = session.raw.execute(
        f"SELECT {listed}, count(*) AS times, count(*) OVER () AS keys FROM ({query}) "
        f"GROUP BY {listed} HAVING count(*) > 1 ORDER BY {listed} LIMIT 5"
    ).fetchall()
    if doubled:
        samples = "; ".join(
            f"{', '.join(str(part) for part in row[:-2])} ({row[-2]} rows)" for row in doubled
        )
        raise DataError(
            Problem(
                f"the key is not unique in {where}: {doubled[0][-1]:,} keys stand in several "
                f"rows, such as {samples}",
                key=", ".join(keys),
                hint="declare more columns as the key, or make rows distinct in ingest.sql",
            )
        )


def _check_labels(
    session: Session,
    query: str,
    types: Mapping[str, str],
    labels: Loaded,
    columns: Columns,
) -> list[str]:
    keys = columns.keys
    if not keys:
        hint = "declare columns.key: labels are joined on it"
        raise SpecError(Problem("labels need a key", key="ingest.labels", hint=hint))
    theirs = types_of(session, labels.relation())
    absent = [key for key in keys if key not in theirs]
    if absent:
        raise DataError(
            Problem(f"labels have no column {', '.join(absent)}", place="labels", key=absent[0])
        )
    known = {name.lower() for name in types}
    both = [name for name in theirs if name not in keys and name.lower() in known]
    if both:
        raise SpecError(
            Problem(
                f"labels bring columns that the table has: {', '.join(both)}",
                key="ingest.labels",
                hint="keep the target in one place",
            )
        )
    check_key_types(keys, types, theirs, "the labels")
    _check_key(session, labels.relation(), keys, "the labels")
    return _unmatched(session, query, labels, keys)


def check_key_types(
    keys: Sequence[str], ours: Mapping[str, str], theirs: Mapping[str, str], what: str
) -> None:
    """Refuse keys of different types in the table and in what is joined to it.

    Raises
    ------
    DataError
        For text on one side and numbers or times on the other.
    """
    problems = [
        Problem(
            f"is {ours[key].lower()} in the table and {theirs[key].lower()} in {what}",
            key=key,
            hint=f"declare `types: {{{key}: …}}` alike in both",
        )
        for key in keys
        if _family(ours[key]) != _family(theirs[key])
    ]
    if problems:
        raise DataError(*problems)


def _family(engine: str) -> str:
    if engine.startswith("TIMESTAMP") or engine == "DATE":
        return "time with zone" if "TIME ZONE" in engine else "time"
    numbers = ("INT", "BIGINT", "SMALLINT", "TINYINT", "DOUBLE", "FLOAT", "DECIMAL", "HUGEINT")
    return "number" if engine.removeprefix("U").startswith(numbers) else engine


def _unmatched(session: Session, query: str, labels: Loaded, keys: Sequence[str]) -> list[str]:
    using = ", ".join(identifier(key) for key in keys)
    counts = [
        f"(SELECT count(*) FROM ({left}) ANTI JOIN ({right}) USING ({using}))"
        for left, right in ((query, labels.relation()), (labels.relation(), query))
    ]
    row = session.raw.execute(f"SELECT {', '.join(counts)}").fetchone() or (0, 0)
    warnings = []
    if row[0]:
        warnings.append(f"{row[0]:,} rows have no label")
    if row[1]:
        warnings.append(f"{row[1]:,} labels belong to no row")
    return warnings


def _joined(query: str, labels: Loaded, keys: Sequence[str]) -> str:
    new = [name for name in labels.columns if name not in keys]
    on = " AND ".join(f"r.{identifier(key)} = l.{identifier(key)}" for key in keys)
    added = "".join(f", l.{identifier(name)}" for name in new)
    return f"SELECT r.*{added} FROM ({query}) r LEFT JOIN ({labels.relation()}) l ON {on}"


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
