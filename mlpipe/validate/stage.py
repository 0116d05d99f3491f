"""Validate a table: every check in one scan, and a report with a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.checks.bind import bind
from mlpipe.checks.result import verdict, warning
from mlpipe.checks.run import run
from mlpipe.checks.scan import Scan
from mlpipe.checks.table import Around
from mlpipe.table.columns import ROW, SCOPE
from mlpipe.validate.doctor.spec import settings
from mlpipe.validate.of_source import of_source
from mlpipe.validate.profile import ask_profiles, degenerate, discreet

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir

    from mlpipe.checks.check import Check
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session
    from mlpipe.validate.doctor.rows import Setting
    from mlpipe.validate.spec import Validate

__all__ = ["bound", "extra_columns", "validate"]


def validate(
    spec: Validate,
    columns: Columns,
    table: ir.Table,
    session: Session,
    *,
    setting: Setting | None = None,
    sources: Mapping[str, list[dict[str, Any]]] | None = None,
    references: Mapping[tuple[str, tuple[str, ...]], str] | None = None,
    places: str = "",
) -> dict[str, Any]:
    """Check a table and profile its columns.

    Parameters
    ----------
    spec : Validate
        The checks.
    columns : Columns
        Its keys locate the examples, and the values of its sensitive columns are not shown.
    table : ibis table
        The ingested table, with ``_row``.
    session : Session
        Where the table lives.
    setting : Setting, optional
        What the doctor is told of the other steps; without it, as for current data, it does not
        look.
    sources : mapping, optional
        What the checks of single sources said when they were read, by source.
    references : mapping, optional
        (source, columns) -> SQL of their distinct values, for `references`.
    places : str
        SQL of the file and line that rows came from; empty where it is not known.

    Returns
    -------
    dict
        ``report``: status (passed, warned or failed), rows, checks, profile, profiled (of how
        many rows), and, with a setting, ``findings`` and ``doctor`` (how many rows it looked at).

    Raises
    ------
    SpecError
        A check does not fit its column, or an expression does not fit the table.
    DataError
        A column that the checks name is not there, or a check cannot be computed.
    """
    hidden = frozenset(name.lower() for name in columns.sensitive)
    checks = bound(spec, columns, table, session, references)
    scan = Scan()
    total = scan.add("count(*)")
    profiles = ask_profiles(scan, table, session)
    results, found = run(
        checks, columns, table, session, scan=scan, places=places, most=spec.examples
    )
    rows = int(found[total])
    profile, profiled = profiles(found, rows)
    results += [*extra_columns(spec, table), *degenerate(profile, rows)]
    results += [
        of_source(name, each, spec.as_of) for name, said in (sources or {}).items() for each in said
    ]
    seen: dict[str, Any] = {"findings": []}
    if (doctor := settings(spec.doctor)) and setting is not None:
        from mlpipe.validate.doctor.examine import examine

        seen = examine(doctor, table, columns, setting, session)
    return {
        "report": {
            "status": verdict([*results, *seen["findings"]]),
            "rows": rows,
            "checks": results,
            "profile": discreet(profile, hidden),
            "profiled": profiled,
            **seen,
        }
    }


def bound(
    spec: Validate,
    columns: Columns,
    table: ir.Table,
    session: Session,
    references: Mapping[tuple[str, tuple[str, ...]], str] | None = None,
) -> list[Check]:
    """Return the checks of the section, ready to be counted over this table."""
    names = tuple(name for name in table.columns if name not in (ROW, SCOPE))
    around = Around(names, columns.time, columns.entity, references, spec.as_of)
    return bind(spec.columns, spec.checks, table, session, around, "validate")


def extra_columns(spec: Validate, table: ir.Table) -> list[dict[str, Any]]:
    """Return an entry for each column that an exact schema does not name."""
    if spec.width.columns != "exact":
        return []
    known = {name.lower() for name in (*spec.columns, ROW, SCOPE)}
    extra = [name for name in table.columns if name.lower() not in known]
    says, severity = "is not among validate.columns", spec.width.severity
    return [
        warning("extra_column", each, 0, says, severity=severity, key="validate.schema")
        for each in extra
    ]
