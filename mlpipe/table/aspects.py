"""What is measured of a column, by its kind: each aspect is one SQL number a row.

A number is its own aspect; a date has a weekday and an hour; a text has lengths and shares of
characters. Categories and booleans are counted by value instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlpipe.table.columns import RESERVED
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.datatypes as dt
    import ibis.expr.types as ir

    from mlpipe.table.columns import Columns

__all__ = ["VALUE", "Aspect", "Measured", "measured", "period"]

VALUE = "value"
"""The aspect of a column that is measured as it is."""

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
_DATE = {"weekday": ("isodow({x})", range(1, 7)), "hour": ("hour({x})", range(23))}


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
    """

    name: str
    sql: str
    edges: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Measured:
    """A column and how it is counted: by aspects, or by value where it has none."""

    column: str
    kind: str
    sql: str
    aspects: tuple[Aspect, ...]


def measured(table: ir.Table, columns: Columns, kinds: Mapping[str, str]) -> list[Measured]:
    """Return the columns worth counting, in the order of the table.

    Keys, entities, the time, the target, the weight and ignored columns are left out: ids and
    raw timestamps always drift, and the target is judged by its metric.
    """
    roles = {*columns.keys, columns.entity, columns.time, columns.target_name, columns.weight}
    schema = table.schema()
    return [
        _measured(name, kinds[name], schema[name], columns)
        for name in table.columns
        if name in kinds
        and name not in roles
        and name not in RESERVED
        and not columns.ignores(name)
        and not schema[name].is_nested()
    ]


def _measured(name: str, kind: str, dtype: dt.DataType, columns: Columns) -> Measured:
    sql = identifier(name)
    if kind == "number" and dtype.is_numeric():
        return Measured(name, kind, sql, (Aspect(VALUE, f"{sql}::DOUBLE"),))
    if kind == "date" and (dtype.is_date() or dtype.is_timestamp()):
        local = _local(sql, dtype, columns)
        parts = ("weekday",) if dtype.is_date() else ("weekday", "hour")
        return Measured(name, kind, sql, tuple(_date_part(part, local) for part in parts))
    if kind == "text" and dtype.is_string():
        aspects = (
            Aspect(aspect, f"({template.replace('{x}', sql)})::DOUBLE")
            for aspect, template in _TEXT.items()
        )
        return Measured(name, kind, sql, tuple(aspects))
    return Measured(name, "boolean" if kind == "boolean" else "category", f"{sql}::VARCHAR", ())


def _date_part(part: str, local: str) -> Aspect:
    template, edges = _DATE[part]
    sql = f"{template.replace('{x}', local)}::DOUBLE"
    return Aspect(part, sql, tuple(float(edge) for edge in edges))


def period(table: ir.Table, columns: Columns, every: str) -> str | None:
    """Return SQL for the first day of a row's calendar period, as text; None without a time.

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
    if columns.time is None or dtype is None or not (dtype.is_date() or dtype.is_timestamp()):
        return None
    local = _local(identifier(columns.time), dtype, columns)
    return f"date_trunc({literal(every)}, {local})::DATE::VARCHAR"


def _local(sql: str, dtype: dt.DataType, columns: Columns) -> str:
    """Calendar parts are those of the declared zone, UTC by default."""
    if dtype.is_timestamp() and dtype.timezone is not None:
        return f"({sql} AT TIME ZONE {literal(columns.timezone or 'UTC')})"
    return sql
