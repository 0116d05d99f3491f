"""What is measured of a column, by its kind: each aspect is one SQL number a row.

A number is its own aspect. A date has a weekday and an hour, its age at the time of the row, and
whether it lies before all others; as raw timestamps always drift, nothing else is looked at. A
text has lengths, shares of characters and of words that are not known. Categories and booleans
are counted by value instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlpipe.table.columns import RESERVED
from mlpipe.table.session import identifier, literal
from mlpipe.table.vocabulary import unknown_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    import ibis.expr.datatypes as dt
    import ibis.expr.types as ir

    from mlpipe.table.columns import Columns

__all__ = ["AGE", "CYCLIC", "SINCE", "UNKNOWN", "VALUE", "Aspect", "Measured", "measured", "period"]

VALUE = "value"
"""The aspect of a column that is measured as it is."""

AGE, SINCE = "age", "since"
"""Aspects of a date: days before the time of the row, and days since 1970-01-01."""

UNKNOWN = "unknown"
"""The aspect of a text that takes a vocabulary: the share of words that are not in it."""

# Whole runs are taken away at once, and only odd spaces are split by a pattern: both are several
# times as fast as the plain way, and give the same.
_LETTERS = "length(regexp_replace({x}, '[^{keep}]+', '', 'g')) / greatest(length({x}), 1)"
_TEXT = {
    "length": "length({x})",
    "tokens": (
        "CASE WHEN regexp_matches({x}, '  |[\\t\\n\\f\\r]') "
        "THEN len(string_split_regex(trim({x}), '\\s+')) "
        "ELSE len(string_split(trim({x}), ' ')) END"
    ),
    "digits": _LETTERS.replace("{keep}", "0-9"),
    "capitals": _LETTERS.replace("{keep}", "\\p{Lu}"),
    "symbols": _LETTERS.replace("[^{keep}]", "[\\p{L}\\p{N}\\s]"),
}
_DAYS = "epoch({x}::TIMESTAMP) / 86400"
_DATE = {"weekday": ("isodow({x})", range(1, 7)), "hour": ("hour({x})", range(23))}

CYCLIC = tuple(_DATE)
"""Aspects of a date that come round: their values have no order."""


@dataclass(frozen=True)
class Aspect:
    """A number that is taken of each row.

    Attributes
    ----------
    name : str
        Its name in the report.
    sql : str
        A DOUBLE; null and NaN count as missing.
    edges : tuple of float or None
        Right ends of its bins where they are known beforehand, else None: deciles.
    outer : bool
        Whether what lies below all of the reference has a bin of its own.
    """

    name: str
    sql: str
    edges: tuple[float, ...] | None = None
    outer: bool = False


@dataclass(frozen=True)
class Measured:
    """A column and how it is counted: by aspects, or by value where it has none."""

    column: str
    kind: str
    sql: str
    aspects: tuple[Aspect, ...]


def measured(
    table: ir.Table,
    columns: Columns,
    kinds: Mapping[str, str],
    frozen: Mapping[str, Any] | None = None,
) -> list[Measured]:
    """Return the columns worth counting, in the order of the table.

    Keys, entities, the time, the target, the weight and ignored columns are left out: ids and
    raw timestamps always drift, and the target is judged by its metric.

    Parameters
    ----------
    table : ibis table
    columns : Columns
    kinds : mapping
        column -> kind.
    frozen : mapping, optional
        column -> its bins, or as much of them as there is: ``vocabulary`` of a text. A column
        that has bins is measured as they were, whatever its type has become: what cannot be read
        as what it was is missing.
    """
    roles = {*columns.keys, columns.entity, columns.time, columns.target_name, columns.weight}
    schema, known = table.schema(), frozen or {}
    moment = _moment(schema, columns)
    return [
        _measured(name, kinds[name], schema[name], known.get(name, {}), columns, moment)
        for name in table.columns
        if name in kinds
        and name not in roles
        and name not in RESERVED
        and not columns.ignores(name)
        and (name in known or not schema[name].is_nested())
    ]


def _measured(
    name: str,
    kind: str,
    dtype: dt.DataType,
    bins: Mapping[str, Any],
    columns: Columns,
    moment: str | None,
) -> Measured:
    sql = identifier(name)
    found: dict[str, Aspect] = {}
    if "values" in bins:
        pass
    elif kind == "number" and (dtype.is_numeric() or "aspects" in bins):
        found = {VALUE: Aspect(VALUE, _number(sql, dtype))}
    elif kind == "date" and (_is_moment(dtype) or "aspects" in bins):
        found = {each.name: each for each in _date(_timestamp(sql, dtype, columns), moment)}
        if dtype.is_date() and "aspects" not in bins:
            del found["hour"]
    elif kind == "text" and (dtype.is_string() or "aspects" in bins):
        text = sql if dtype.is_string() else f"{sql}::VARCHAR"
        found = {each.name: each for each in _text(text, bins.get("vocabulary", ""))}
    wanted = bins.get("aspects", found)
    aspects = tuple(each for at, each in found.items() if at in wanted)
    if not aspects:
        return Measured(
            name, "boolean" if kind == "boolean" else "category", _value(sql, dtype), ()
        )
    return Measured(name, kind, sql, aspects)


def _number(sql: str, dtype: dt.DataType) -> str:
    if dtype.is_numeric() or dtype.is_boolean():
        return f"{sql}::DOUBLE"
    return f"TRY_CAST({sql}::VARCHAR AS DOUBLE)"


def _value(sql: str, dtype: dt.DataType) -> str:
    """Write 1 and 1.0 alike: a whole number is a float as soon as a value is missing."""
    if not dtype.is_floating():
        return f"{sql}::VARCHAR"
    whole = f"{sql} = trunc({sql}) AND abs({sql}) < 1e15"
    return f"CASE WHEN {whole} THEN {sql}::BIGINT::VARCHAR ELSE {sql}::VARCHAR END"


def _text(sql: str, vocabulary: str) -> Iterator[Aspect]:
    for name, template in _TEXT.items():
        yield Aspect(name, f"({template.replace('{x}', sql)})::DOUBLE")
    if vocabulary:
        yield Aspect(UNKNOWN, f"({unknown_words(sql, vocabulary)})::DOUBLE")


def _date(local: str, moment: str | None) -> Iterator[Aspect]:
    """Yield the aspects of a date; the last one decides which dates are missing."""
    days = _DAYS.replace("{x}", local)
    yield Aspect(SINCE, f"CASE WHEN isfinite({local}) THEN {days} END", (), outer=True)
    if moment:
        known = f"isfinite({local}) AND isfinite({moment})"
        then = _DAYS.replace("{x}", moment)
        yield Aspect(AGE, f"CASE WHEN {known} THEN {then} - {days} END", outer=True)
    for part in ("hour", "weekday"):
        template, edges = _DATE[part]
        sql = f"{template.replace('{x}', local)}::DOUBLE"
        yield Aspect(part, sql, tuple(float(edge) for edge in edges))


def _moment(schema: Mapping[str, dt.DataType], columns: Columns) -> str | None:
    """Return SQL for the time of a row, where there is one."""
    dtype = schema.get(columns.time) if columns.time else None
    if columns.time is None or dtype is None or not _is_moment(dtype):
        return None
    return _timestamp(identifier(columns.time), dtype, columns)


def _is_moment(dtype: dt.DataType) -> bool:
    return bool(dtype.is_date() or dtype.is_timestamp())


def _timestamp(sql: str, dtype: dt.DataType, columns: Columns) -> str:
    local = _local(sql, dtype, columns)
    return f"TRY_CAST({local}{'' if _is_moment(dtype) else '::VARCHAR'} AS TIMESTAMP)"


def period(table: ir.Table, columns: Columns, every: str) -> str | None:
    """Return SQL for the first day of a row's calendar period, a DATE; None without a time.

    Parameters
    ----------
    table : ibis table
        The rows.
    columns : Columns
        Its time column and time zone.
    every : {"day", "week", "month"}
        The length of a period; weeks begin on Monday.
    """
    dtype = table.schema().get(columns.time) if columns.time else None
    if columns.time is None or dtype is None or not _is_moment(dtype):
        return None
    local = _local(identifier(columns.time), dtype, columns)
    return f"date_trunc({literal(every)}, {local})::DATE"


def _local(sql: str, dtype: dt.DataType, columns: Columns) -> str:
    """Calendar parts are those of the declared zone, UTC by default."""
    if dtype.is_timestamp() and dtype.timezone is not None:
        return f"({sql} AT TIME ZONE {literal(columns.timezone or 'UTC')})"
    return sql
