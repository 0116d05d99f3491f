"""What a report says of each check, and the verdict over all of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mlpipe.table.columns import ROW
from mlpipe.table.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlpipe.checks.check import Check
    from mlpipe.checks.scan import Count

__all__ = ["REDACTED", "example", "result", "told", "verdict", "warning"]

REDACTED = "(redacted)"
"""Stands for the value of a sensitive column."""

_ROUNDING = 1e-12  # 1 - 0.999 is a little less than 0.001
_OF_MANY = ("type", "mean", "quantiles", "distinct", "shares", "freshness")


def result(check: Check, count: Count, hidden: frozenset[str]) -> dict[str, Any]:
    """Return the report's entry of one check, still without examples."""
    share = count.failing / count.rows if count.rows else float(count.failing > 0)
    if not check.observed:
        seen: Any = count.failing
    elif check.check not in _OF_MANY and (check.column or "").lower() in hidden:
        seen = REDACTED
    else:
        seen = plain(count.observed)
    return {
        "check": check.check,
        "column": check.column,
        "key": check.key,
        "status": _status(check, share),
        "severity": check.severity,
        "observed": seen,
        "expected": check.expected,
        "mostly": check.mostly,
        "failing": count.failing,
        "rows": count.rows,
        "share": share,
        "message": _message(check, count, seen, share),
        "said": check.said,
        "examples": [],
    }


def _status(check: Check, share: float) -> str:
    if share <= 1 - check.mostly + _ROUNDING:
        return "passed"
    return "failed" if check.severity == "error" else "warned"


def _message(check: Check, count: Count, seen: Any, share: float) -> str:
    if count.failing == 0:
        return ""
    fields = {
        "column": check.column or ", ".join(check.shown),
        "expected": _in_words(check.expected),
        "observed": _in_words(seen),
        "failing": f"{count.failing:,}",
        "rows": f"{count.rows:,}",
        "share": f"{share:.3%}",
    }
    return check.template.format(**fields) if check.said is None else told(check.said, fields)


def told(said: str, fields: Mapping[str, str]) -> str:
    """Fill in the fields of a user's message; braces that name none are the user's own.

    >>> told("{failing} rows, see {wiki}", {"failing": "3"})
    '3 rows, see {wiki}'
    """
    names = "|".join(fields)
    return re.sub(rf"\{{({names})\}}", lambda found: fields[found[1]], said)


def _in_words(value: Any) -> str:
    """Write a value in a sentence: a share with six digits, a mapping as words."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_in_words(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(_in_words, value))
    return "unknown" if value is None else str(value)


def example(
    record: Mapping[str, Any],
    shown: Sequence[str],
    keys: Sequence[str],
    hidden: frozenset[str],
    place: tuple[str, int] | None = None,
) -> dict[str, Any]:
    """Return one failing row: position, key, the value or values at fault, file and line."""
    given = {name.lower(): value for name, value in record.items()}

    def value(name: str) -> Any:
        return REDACTED if name.lower() in hidden else plain(given[name.lower()])

    values = {name: value(name) for name in shown}
    return {
        "row": record[ROW],
        "key": {name: value(name) for name in keys},
        "value": next(iter(values.values())) if len(values) == 1 else values,
        **({"file": place[0], "line": place[1]} if place else {}),
    }


def warning(
    check: str, column: str, rows: int, message: str, *, severity: str = "warn", key: str = ""
) -> dict[str, Any]:
    """Return the entry of something that is told of a column, whatever was asked of its values."""
    return {
        "check": check,
        "column": column,
        "key": key,
        "status": "failed" if severity == "error" else "warned",
        "severity": severity,
        "observed": rows,
        "expected": None,
        "mostly": 1.0,
        "failing": rows,
        "rows": rows,
        "share": 1.0,
        "message": f"{column} {message}",
        "examples": [],
    }


def verdict(results: Iterable[dict[str, Any]]) -> str:
    """Return failed, warned or passed: the worst of all checks."""
    statuses = {each["status"] for each in results}
    return next(each for each in ("failed", "warned", "passed") if each in statuses | {"passed"})
