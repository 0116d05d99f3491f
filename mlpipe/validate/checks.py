"""The checks: each says which rows fail, as SQL, and what to tell about them.

A check computes nothing. All of them are counted by one query over the table, see `scan`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError

from mlpipe.table.session import identifier, literal
from mlpipe.validate.expression import parse
from mlpipe.validate.table_checks import Expression, Rows, Unique

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import ibis.expr.datatypes as dt

    from mlpipe.validate.spec import ColumnChecks

__all__ = ["COLUMN_CHECKS", "Check", "of_column", "of_table"]


@dataclass(frozen=True)
class Check:
    """One check, ready to be counted.

    Attributes
    ----------
    check : str
        Its name in the spec.
    column : str or None
        The column it is about; None for the table.
    shown : tuple of str
        Columns whose values are shown as examples.
    expected : object
        What the spec asks for; JSON-safe.
    failing : str
        SQL aggregate: the number of failing rows.
    condition : str
        SQL condition of a row that may be failing; empty where no single row is at fault.
    template : str
        Message with the fields column, expected, observed, failing, rows.
    expression : str
        What the user wrote, as SQL; expressions only.
    said : str or None
        The user's own message, which is used as it is.
    observed : str
        SQL aggregate that is reported beside `expected`; empty: the failing rows.
    repeats : bool
        Whether a row fails only if another has the same values in `shown`.
    """

    check: str
    column: str | None
    shown: tuple[str, ...]
    expected: Any
    failing: str
    condition: str
    template: str
    said: str | None = None
    observed: str = ""
    repeats: bool = False
    mostly: float = 1.0
    severity: str = "error"
    expression: str = ""


def of_column(column: str, kind: dt.DataType, spec: ColumnChecks) -> Iterator[Check]:
    """Yield the checks of one column, in the order of `COLUMN_CHECKS`.

    Where the type is not the one asked for, that is all there is to say about the values.

    Raises
    ------
    PydanticCustomError
        A check cannot be asked of a column of this type.
    """
    names = tuple(COLUMN_CHECKS)
    if spec.type is not None and not _is(kind, spec.type):
        names = ("type", "nullable", "unique")
    for name in names:
        wanted = getattr(spec, "in_" if name == "in" else name)
        if wanted is not None and wanted is not _NOTHING_ASKED.get(name):
            yield COLUMN_CHECKS[name](column, kind, wanted, spec)


_NOTHING_ASKED = {"nullable": True, "unique": False}


def of_table(word: Rows | Unique | Expression) -> Check:
    """Return a check of the table as a whole; its columns are those that `shown` names."""
    if isinstance(word, Rows):
        return _rows(word)
    if isinstance(word, Unique):
        return _unique(word.columns, "unique", None, word)
    condition = parse(word.sql)
    fails = f"NOT ({condition.sql})"
    return Check(
        "expression",
        None,
        condition.columns,
        word.sql,
        f"count_if({fails})",
        fails,
        "{failing} of {rows} rows do not meet '{expected}'",
        word.message,
        mostly=word.mostly,
        severity=word.severity,
        expression=condition.sql,
    )


def _rows(word: Rows) -> Check:
    short = f"count(*) < {word.min}" if word.min is not None else "false"
    long = f"count(*) > {word.max}" if word.max is not None else "false"
    expected = {"min": word.min, "max": word.max}
    bounds = " and ".join(
        f"at {'least' if name == 'min' else 'most'} {bound:,}"
        for name, bound in expected.items()
        if bound is not None
    )
    return Check(
        "rows",
        None,
        (),
        expected,
        f"CASE WHEN {short} OR {long} THEN greatest(count(*), 1) ELSE 0 END",
        "",
        f"the table has {{rows}} rows; expected {bounds}",
        word.message,
        observed="count(*)",
        severity=word.severity,
    )


def _unique(
    columns: tuple[str, ...], name: str, column: str | None, spec: Unique | ColumnChecks
) -> Check:
    """Count the rows beyond the first of each value; a null is like no other."""
    quoted = [identifier(each) for each in columns]
    there = " AND ".join(f"{each} IS NOT NULL" for each in quoted)
    # A 64-bit hash of several columns takes less memory; a collision can only make the check
    # fail, and `scan.examples` counts what failed again, exactly.
    value = quoted[0] if len(quoted) == 1 else f"hash({', '.join(quoted)})"
    return Check(
        name,
        column,
        columns,
        True if column else list(columns),
        f"count(*) FILTER ({there}) - count(DISTINCT {value}) FILTER ({there})",
        there,
        "{column}: {failing} of {rows} rows repeat a value of another",
        spec.message,
        repeats=True,
        mostly=spec.mostly,
        severity=spec.severity,
    )


def _value_check(
    name: str, column: str, spec: ColumnChecks, *, fails: str, says: str, observed: str = ""
) -> Check:
    expected = getattr(spec, "in_" if name == "in" else name)
    return Check(
        name,
        column,
        (column,),
        list(expected) if isinstance(expected, tuple) else expected,
        f"count_if({fails})",
        fails,
        "{column}: {failing} of {rows} values " + says,
        spec.message,
        observed,
        mostly=spec.mostly,
        severity=spec.severity,
    )


def _type(column: str, kind: dt.DataType, wanted: str, spec: ColumnChecks) -> Check:
    return Check(
        "type",
        column,
        (column,),
        wanted,
        "0" if _is(kind, wanted) else "count(*)",
        "",
        "{column} is of type {observed}; expected {expected}",
        spec.message,
        observed=literal(_type_name(kind)),
        severity=spec.severity,
    )


def _nullable(column: str, _kind: dt.DataType, _wanted: bool, spec: ColumnChecks) -> Check:
    fails = f"{identifier(column)} IS NULL"
    return _value_check("nullable", column, spec, fails=fails, says="are missing")


def _column_unique(column: str, _kind: dt.DataType, _wanted: bool, spec: ColumnChecks) -> Check:
    return _unique((column,), "unique", column, spec)


def _min(column: str, kind: dt.DataType, wanted: Any, spec: ColumnChecks) -> Check:
    name = identifier(column)
    fails = f"{name} < {_typed(kind, wanted, 'min')}"
    if kind.is_floating():
        fails = f"({fails} OR isnan({name}))"  # NaN is above every number in the engine
    says = "are below {expected}"
    return _value_check("min", column, spec, fails=fails, says=says, observed=f"min({name})")


def _max(column: str, kind: dt.DataType, wanted: Any, spec: ColumnChecks) -> Check:
    name = identifier(column)
    fails = f"{name} > {_typed(kind, wanted, 'max')}"
    says = "are above {expected}"
    return _value_check("max", column, spec, fails=fails, says=says, observed=f"max({name})")


def _in(column: str, kind: dt.DataType, wanted: Any, spec: ColumnChecks) -> Check:
    values = ", ".join(_typed(kind, value, "in") for value in wanted)
    fails = f"{identifier(column)} NOT IN ({values})"
    listed = ", ".join(str(value) for value in wanted[:10]) + (", …" if len(wanted) > 10 else "")
    says = "are none of: " + listed.replace("{", "{{").replace("}", "}}")
    return _value_check("in", column, spec, fails=fails, says=says)


def _matches(column: str, kind: dt.DataType, wanted: str, spec: ColumnChecks) -> Check:
    _needs_text(kind, "matches")
    fails = f"NOT regexp_full_match({identifier(column)}, {literal(wanted)})"
    says = "do not match '{expected}'"
    return _value_check("matches", column, spec, fails=fails, says=says)


def _min_length(column: str, kind: dt.DataType, wanted: int, spec: ColumnChecks) -> Check:
    _needs_text(kind, "min_length")
    length = f"length({identifier(column)})"
    says, fails = "have fewer than {expected} characters", f"{length} < {wanted}"
    seen = f"min({length})"
    return _value_check("min_length", column, spec, fails=fails, says=says, observed=seen)


def _max_length(column: str, kind: dt.DataType, wanted: int, spec: ColumnChecks) -> Check:
    _needs_text(kind, "max_length")
    length = f"length({identifier(column)})"
    says, fails = "have more than {expected} characters", f"{length} > {wanted}"
    seen = f"max({length})"
    return _value_check("max_length", column, spec, fails=fails, says=says, observed=seen)


COLUMN_CHECKS: dict[str, Callable[[str, Any, Any, Any], Check]] = {
    "type": _type,
    "nullable": _nullable,
    "unique": _column_unique,
    "min": _min,
    "max": _max,
    "in": _in,
    "matches": _matches,
    "min_length": _min_length,
    "max_length": _max_length,
}
"""The checks of a column by their name in the spec."""


def _is(kind: dt.DataType, wanted: str) -> bool:
    return bool(
        {
            "integer": kind.is_integer(),
            "number": kind.is_numeric() and not kind.is_boolean(),
            "string": kind.is_string(),
            "boolean": kind.is_boolean(),
            "date": kind.is_date(),
            "timestamp": kind.is_timestamp(),
        }[wanted]
    )


def _type_name(kind: dt.DataType) -> str:
    names = ("integer", "number", "string", "boolean", "date", "timestamp")
    return next((name for name in names if _is(kind, name)), str(kind))


def _typed(kind: dt.DataType, value: Any, check: str) -> str:
    """Write a value of the spec as SQL of the column's type; never bend one into the other."""
    if isinstance(value, bool):
        fits, written = kind.is_boolean(), str(value).lower()
    elif isinstance(value, str):
        fits = kind.is_string() or ((kind.is_date() or kind.is_timestamp()) and _is_date(value))
        cast = "" if kind.is_string() else "DATE " if kind.is_date() else "TIMESTAMP "
        written = cast + literal(value)
    else:
        fits, written = _is(kind, "number"), repr(value)
        if kind.is_floating():  # a bare literal would be a decimal, and lose digits on its way
            written = f"{literal(written)}::{'FLOAT' if kind.is_float32() else 'DOUBLE'}"
    if not fits:
        raise _misfit(check, kind, repr(value))
    return written


def _is_date(text: str) -> bool:
    from datetime import datetime

    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _needs_text(kind: dt.DataType, check: str) -> None:
    if not kind.is_string():
        raise _misfit(check, kind, "text")


def _misfit(check: str, kind: dt.DataType, what: str) -> PydanticCustomError:
    return PydanticCustomError(
        "check_misfit",
        "the check {check} asks for {what}, and the column is of type {kind}",
        {"check": check, "what": what, "kind": _type_name(kind), "hint": _HINT},
    )


_HINT = "quote the value, or declare the type under ingest.sources.SOURCE.types"
