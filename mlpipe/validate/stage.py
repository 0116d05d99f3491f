"""Validate a table: every check in one scan, and a report with a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.validate.bind import bind
from mlpipe.validate.doctor.spec import settings
from mlpipe.validate.profile import ask_profiles, degenerate
from mlpipe.validate.result import discreet, example, extra_columns, result, verdict
from mlpipe.validate.scan import Scan, examples

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session
    from mlpipe.validate.checks import Check
    from mlpipe.validate.doctor.rows import Setting
    from mlpipe.validate.spec import Validate

__all__ = ["validate"]


def validate(
    spec: Validate,
    columns: Columns,
    table: ir.Table,
    session: Session,
    setting: Setting | None = None,
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

    Returns
    -------
    dict
        ``report``: status (passed, warned or failed), rows, checks, profile, and, with a setting,
        ``findings`` and ``doctor`` (how many rows it looked at).

    Raises
    ------
    SpecError
        A check does not fit its column, or an expression does not fit the table.
    DataError
        A column that the checks name is not there, or a check cannot be computed.
    """
    hidden = frozenset(name.lower() for name in columns.sensitive)
    checks = bind(spec, table, session)
    results, profile, rows = _scan(checks, table, session, hidden)
    failed = [at for at, each in enumerate(results) if each["status"] != "passed"]
    keys = [key for key in columns.keys if key in table.columns]
    shown = _shown(checks, failed, table, session, keys)
    for at, (failing, records) in shown.items():
        again = result(checks[at], failing, results[at]["observed"], rows, hidden)
        picked = [example(each, checks[at].shown, keys, hidden) for each in records]
        results[at] = {**again, "examples": picked}
    results += [*extra_columns(spec, table), *degenerate(profile, rows)]
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
            **seen,
        }
    }


def _scan(
    checks: Sequence[Check], table: ir.Table, session: Session, hidden: frozenset[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """Count all failures and profile all columns, in one query."""
    scan = Scan()
    total = scan.add("count(*)")
    asked = [(scan.add(check.failing), scan.add(check.observed or "NULL")) for check in checks]
    profiles = ask_profiles(scan, table)
    found = scan.run(session, table)
    rows = int(found[total])
    results = [
        result(check, int(found[failing] or 0), found[observed], rows, hidden)
        for check, (failing, observed) in zip(checks, asked, strict=True)
    ]
    return results, profiles(found, rows), rows


def _shown(
    checks: Sequence[Check],
    failed: Sequence[int],
    table: ir.Table,
    session: Session,
    keys: Sequence[str],
) -> dict[int, tuple[int, list[dict[str, Any]]]]:
    """Fetch the examples of the failed checks that have rows to show."""
    places = [at for at in failed if checks[at].condition]
    found = examples(session, table, [checks[at] for at in places], keys)
    return dict(zip(places, found, strict=True))
