"""The examination: every finding of the doctor, in the order of what weighs most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.spec.suggest import did_you_mean
from mlpipe.validate.doctor.conflicts import conflicting_labels
from mlpipe.validate.doctor.constants import nearly_constant
from mlpipe.validate.doctor.copies import target_copies
from mlpipe.validate.doctor.correlated import target_orders, target_sums
from mlpipe.validate.doctor.dates import suspicious_dates
from mlpipe.validate.doctor.identifiers import identifiers
from mlpipe.validate.doctor.proxies import target_nulls, target_proxies
from mlpipe.validate.doctor.repeats import repeated_rows
from mlpipe.validate.doctor.rows import Rows, Setting, read_rows
from mlpipe.validate.doctor.sentinels import sentinels
from mlpipe.validate.doctor.sides import shared
from mlpipe.validate.doctor.spec import FindingKind
from mlpipe.validate.doctor.spellings import spellings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import ibis.expr.types as ir

    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session
    from mlpipe.validate.doctor.finding import Finding
    from mlpipe.validate.doctor.spec import Doctor, Leakage

__all__ = ["examine", "findings"]


def examine(
    doctor: Doctor, table: ir.Table, roles: Columns, setting: Setting, session: Session
) -> dict[str, Any]:
    """Look for leaks and for dirt that no check asks about.

    Parameters
    ----------
    doctor : Doctor
        What is passed over, and how serious the rest is.
    table : ibis table
        The ingested table.
    roles : Columns
        What the columns mean; values of sensitive ones are not shown.
    setting : Setting
        The part of each row, and what else is known of the table.

    Returns
    -------
    dict
        ``findings``: kind, columns, severity, status (failed or warned), message, advice,
        evidence. ``doctor``: how many rows were looked at, ``of`` how many.

    Raises
    ------
    SpecError
        ``ignore`` names what is neither a column nor a kind of finding.
    """
    _refuse_unknown(doctor.ignore, table.columns)
    rows = read_rows(table, roles, setting, session)
    kept = [each for each in findings(rows, doctor.leakage) if not _ignored(each, doctor.ignore)]
    return {
        "findings": [_document(each, doctor) for each in kept],
        "doctor": {"rows": rows.count, "of": rows.of},
    }


def findings(rows: Rows, limits: Leakage) -> Iterator[Finding]:
    """Yield everything that is found in the rows; a column is a leak in one way only."""
    leaks = list(target_copies(rows))
    known = {name for leak in leaks for name in leak.columns}
    for look in (target_proxies, target_orders, target_nulls):
        fresh = [each for each in look(rows, limits) if not known.intersection(each.columns)]
        known.update(name for each in fresh for name in each.columns)
        leaks += fresh
    yield from leaks
    yield from target_sums(rows)
    named = (each for each in identifiers(rows) if not known.intersection(each.columns))
    for each in named:
        known.update(each.columns)
        yield each
    yield from shared(rows)
    plain = rows.without(known)  # an id or a copy of the target makes each row unlike all others
    yield from repeated_rows(plain)
    yield from conflicting_labels(plain)
    for last in (nearly_constant, spellings, suspicious_dates, sentinels):
        yield from last(rows)


def _ignored(finding: Finding, ignore: Sequence[str]) -> bool:
    return finding.kind in ignore or bool(set(finding.columns).intersection(ignore))


def _document(finding: Finding, doctor: Doctor) -> dict[str, Any]:
    severity = doctor.severity.get(finding.kind, finding.severity)
    return {
        "kind": finding.kind,
        "columns": list(finding.columns),
        "severity": severity,
        "status": "failed" if severity == "error" else "warned",
        "message": finding.message,
        "advice": finding.advice,
        "evidence": finding.evidence,
    }


def _refuse_unknown(ignore: Sequence[str], columns: Sequence[str]) -> None:
    from typing import get_args

    known = [*get_args(FindingKind), *columns]
    problems = [
        Problem(
            f"'{name}' is neither a column nor a kind of finding",
            key=f"validate.doctor.ignore[{place}]",
            hint=did_you_mean(name, known) or f"kinds: {', '.join(get_args(FindingKind))}",
        )
        for place, name in enumerate(ignore)
        if name not in known
    ]
    if problems:
        raise SpecError(*problems)
