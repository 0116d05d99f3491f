"""What the report says of each check, and the verdict over all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.table.columns import ROW, SCOPE
from mlpipe.table.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import ibis.expr.types as ir

    from mlpipe.validate.checks import Check
    from mlpipe.validate.spec import Validate

__all__ = ["REDACTED", "discreet", "example", "extra_columns", "result", "verdict", "warning"]

REDACTED = "(redacted)"
"""Stands for the value of a sensitive column."""

_ROUNDING = 1e-12  # 1 - 0.999 is a little less than 0.001


def result(
    check: Check, failing: int, observed: Any, rows: int, hidden: frozenset[str]
) -> dict[str, Any]:
    """Return the report's entry of one check, still without examples."""
    share = failing / rows if rows else float(failing > 0)
    if not check.observed:
        seen: Any = failing
    elif check.check != "type" and (check.column or "").lower() in hidden:
        seen = REDACTED
    else:
        seen = plain(observed)
    return {
        "check": check.check,
        "column": check.column,
        "status": _status(check, share),
        "severity": check.severity,
        "observed": seen,
        "expected": check.expected,
        "mostly": check.mostly,
        "failing": failing,
        "share": share,
        "message": _message(check, failing, seen, rows),
        "examples": [],
    }


def _status(check: Check, share: float) -> str:
    if share <= 1 - check.mostly + _ROUNDING:
        return "passed"
    return "failed" if check.severity == "error" else "warned"


def _message(check: Check, failing: int, seen: Any, rows: int) -> str:
    if failing == 0:
        return ""
    return check.said or check.template.format(
        column=check.column or ", ".join(check.shown),
        expected=check.expected,
        observed=seen,
        failing=f"{failing:,}",
        rows=f"{rows:,}",
    )


def example(
    record: dict[str, Any], shown: Sequence[str], keys: Sequence[str], hidden: frozenset[str]
) -> dict[str, Any]:
    """Return one failing row: its position, its key, and the value or values at fault."""
    given = {name.lower(): value for name, value in record.items()}

    def value(name: str) -> Any:
        return REDACTED if name.lower() in hidden else plain(given[name.lower()])

    values = {name: value(name) for name in shown}
    return {
        "row": record[ROW],
        "key": {name: value(name) for name in keys},
        "value": next(iter(values.values())) if len(values) == 1 else values,
    }


def warning(check: str, column: str, rows: int, message: str) -> dict[str, Any]:
    """Return the entry of something that nobody asked about and that is worth a warning."""
    return {
        "check": check,
        "column": column,
        "status": "warned",
        "severity": "warn",
        "observed": rows,
        "expected": None,
        "mostly": 1.0,
        "failing": rows,
        "share": 1.0,
        "message": f"{column} {message}",
        "examples": [],
    }


def extra_columns(spec: Validate, table: ir.Table) -> list[dict[str, Any]]:
    """Return a warning for each column that an exact schema does not name."""
    if spec.schema_ != "exact":
        return []
    known = {name.lower() for name in (*spec.columns, ROW, SCOPE)}
    extra = [name for name in table.columns if name.lower() not in known]
    return [warning("extra_column", each, 0, "is not among validate.columns") for each in extra]


def verdict(results: Iterable[dict[str, Any]]) -> str:
    """Return failed, warned or passed: the worst of all checks."""
    statuses = {each["status"] for each in results}
    return next(each for each in ("failed", "warned", "passed") if each in statuses | {"passed"})


def discreet(profile: list[dict[str, Any]], hidden: frozenset[str]) -> list[dict[str, Any]]:
    """Leave single values of sensitive columns out of the profile."""
    return [
        {**each, "min": None, "max": None} if each["column"].lower() in hidden else each
        for each in profile
    ]
