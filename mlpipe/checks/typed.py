"""Values of the spec as SQL of a column's type, and the types that columns are asked to have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError

from mlpipe.table.session import literal

if TYPE_CHECKING:
    import ibis.expr.datatypes as dt

__all__ = ["category", "is_a", "misfit", "type_name", "typed"]

_NAMES = ("integer", "number", "string", "boolean", "date", "timestamp")
_HINT = "quote the value, or declare the type under ingest.sources.SOURCE.types"


def is_a(kind: dt.DataType, wanted: str) -> bool:
    """Whether a column type is what the spec calls by that word."""
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


def type_name(kind: dt.DataType) -> str:
    """Return the spec's word for a column type."""
    return next((name for name in _NAMES if is_a(kind, name)), str(kind))


def typed(kind: dt.DataType, value: Any, check: str) -> str:
    """Write a value of the spec as SQL of the column's type; never bend one into the other.

    Raises
    ------
    PydanticCustomError
        The value is of another type than the column.
    """
    if isinstance(value, bool):
        fits, written = kind.is_boolean(), str(value).lower()
    elif isinstance(value, str):
        fits = kind.is_string() or ((kind.is_date() or kind.is_timestamp()) and _is_date(value))
        cast = "" if kind.is_string() else "DATE " if kind.is_date() else "TIMESTAMP "
        written = cast + literal(value)
    else:
        fits, written = is_a(kind, "number"), repr(value)
        if kind.is_floating():  # a bare literal would be a decimal, and lose digits on its way
            written = f"{literal(written)}::{'FLOAT' if kind.is_float32() else 'DOUBLE'}"
    if not fits:
        raise misfit(check, kind, repr(value))
    return written


def category(kind: dt.DataType, key: str, check: str) -> str:
    """Write a key of the spec, which is text there, as SQL of the column's type."""
    if kind.is_integer() and key.removeprefix("-").isdecimal():
        return typed(kind, int(key), check)
    if kind.is_boolean() and key in ("true", "false"):
        return key
    return typed(kind, key, check)


def _is_date(text: str) -> bool:
    from datetime import datetime

    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def misfit(check: str, kind: dt.DataType, what: str) -> PydanticCustomError:
    """Return the error of a check that a column of this type cannot be asked."""
    return PydanticCustomError(
        "check_misfit",
        "the check {check} asks for {what}, and the column is of type {kind}",
        {"check": check, "what": what, "kind": type_name(kind), "hint": _HINT},
    )
