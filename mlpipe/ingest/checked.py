# ruff: noqa: S608 — columns are quoted by `identifier`.
"""The checks of single sources, and the values that checks of the table refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.checks.bind import bind
from mlpipe.checks.reference import Reference, reference_name
from mlpipe.checks.run import run
from mlpipe.checks.table import Around
from mlpipe.checks.words import references as referred
from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.columns import ROW
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.ingest.loaded import Loaded
    from mlpipe.ingest.spec import Ingest
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["Reference", "check_sources", "keep_references"]


def check_sources(
    spec: Ingest,
    columns: Columns,
    sources: Sequence[Loaded],
    report: dict[str, Any],
    session: Session,
) -> None:
    """Count the checks of each source over its rows, and put what they say into the report.

    Raises
    ------
    SpecError
        A check does not fit its source, or refers to one that is not there.
    DataError
        A column that a check names is not there, or a check cannot be computed.
    """
    by_name = {source.name: source for source in sources}
    for source in sources:
        asked = spec.sources[source.name].checks
        if not asked:
            continue
        key = f"ingest.sources.{source.name}"
        wanted = {each: _values(each, by_name, key) for each in referred(asked)}
        there = {name.lower() for name in source.columns}
        time, entity = (
            role if role and role.lower() in there else None
            for role in (columns.time, columns.entity)
        )
        around = Around(tuple(source.columns), time, entity, wanted)
        names = ", ".join(identifier(name) for name in source.columns)
        table = session.con.sql(
            f"SELECT row_number() OVER () - 1 AS {ROW}, {names} FROM ({source.relation()})"
        )
        checks = bind({}, asked, table, session, around, key)
        report["sources"][source.name]["checks"] = run(checks, columns, table, session)[0]


def keep_references(
    wanted: Sequence[Reference], sources: Sequence[Loaded], session: Session
) -> dict[str, Any]:
    """Return the distinct values of each reference as a table, in the order of the values."""
    by_name = {source.name: source for source in sources}
    kept: dict[str, Any] = {}
    for each in wanted:
        path = session.path(reference_name(each))
        names = ", ".join(identifier(name) for name in each[1])
        session.copy(f"{_values(each, by_name, 'validate.checks')} ORDER BY {names}", path)
        kept[reference_name(each)] = session.read(path)
    return kept


def _values(reference: Reference, sources: dict[str, Loaded], key: str) -> str:
    """Return SQL of the distinct values of a reference, without missing ones."""
    name, columns = reference
    source = sources.get(name)
    if source is None:
        hint = did_you_mean(name, sources) or f"the sources are {', '.join(sources)}"
        raise SpecError(Problem(f"references: there is no source '{name}'", key=key, hint=hint))
    exact = {column.lower(): column for column in source.columns}
    for column in columns:
        if column.lower() not in exact:
            hint = did_you_mean(column, source.columns) or f"it has {', '.join(source.columns)}"
            message = f"references: the source {name} has no column '{column}'"
            raise DataError(Problem(message, key=key, hint=hint))
    quoted = [identifier(exact[column.lower()]) for column in columns]
    there = " AND ".join(f"{each} IS NOT NULL" for each in quoted)
    return f"SELECT DISTINCT {', '.join(quoted)} FROM ({source.relation()}) WHERE {there}"
