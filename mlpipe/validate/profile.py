"""What is known of each column after the scan, and which columns say nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.table.columns import ROW, SCOPE
from mlpipe.table.plain import plain
from mlpipe.table.session import identifier
from mlpipe.validate.result import warning

if TYPE_CHECKING:
    from collections.abc import Callable

    import ibis.expr.types as ir

    from mlpipe.validate.scan import Scan

__all__ = ["ask_profiles", "degenerate"]

# A sum of floats depends on the order in which threads meet, and a report's bytes must not.
# A sum of whole multiples of 2^-24 is exact; a column with values beyond 5e11 has no mean here.
_BITS = 24


def ask_profiles(
    scan: Scan, table: ir.Table
) -> Callable[[tuple[Any, ...], int], list[dict[str, Any]]]:
    """Ask the scan for a profile of every column.

    Returns
    -------
    callable
        Takes the answer of the scan and the number of rows; returns a profile a column.
    """
    schema = table.schema()
    names = [name for name in table.columns if name not in (ROW, SCOPE)]
    places = {name: _ask(scan, identifier(name), schema[name]) for name in names}

    def read(found: tuple[Any, ...], rows: int) -> list[dict[str, Any]]:
        values = {name: {key: found[at] for key, at in places[name].items()} for name in names}
        return [_profile(name, schema[name], values[name], rows) for name in names]

    return read


def degenerate(profile: list[dict[str, Any]], rows: int) -> list[dict[str, Any]]:
    """Return a warning for each column that is empty or holds one value only."""
    empty = [each["column"] for each in profile if rows and each["nulls"] == rows]
    constant = [
        each["column"]
        for each in profile
        if rows > 1 and each["distinct"] == 1 and each["nulls"] == 0
    ]
    return [
        *(warning("all_null", column, rows, "has no value at all") for column in empty),
        *(
            warning("constant", column, rows, "has the same value in each row")
            for column in constant
        ),
    ]


def _ask(scan: Scan, name: str, kind: Any) -> dict[str, int]:
    asked = {"count": scan.add(f"count({name})")}
    if kind.is_nested() or kind.is_binary():
        return asked
    asked |= {"min": scan.add(f"min({name})"), "max": scan.add(f"max({name})")}
    if kind.is_string() or kind.is_integer():  # the dearest of all: not for measurements
        asked["distinct"] = scan.add(f"approx_count_distinct({name})")
    if kind.is_integer():
        asked["sum"] = scan.add(f"sum({name})")
    elif kind.is_numeric() and not kind.is_boolean():
        units = f"TRY_CAST({name}::DOUBLE * {2**_BITS}::DOUBLE AS BIGINT)"
        asked |= {"sum": scan.add(f"sum({units})"), "summed": scan.add(f"count({units})")}
    return asked


def _profile(column: str, kind: Any, found: dict[str, Any], rows: int) -> dict[str, Any]:
    described = kind.is_numeric() or kind.is_temporal()
    return {
        "column": column,
        "type": str(kind).removesuffix("!"),
        "nulls": rows - found["count"],
        "distinct": _distinct(found),
        "min": plain(found.get("min")) if described else None,
        "max": plain(found.get("max")) if described else None,
        "mean": _mean(found, kind),
    }


def _distinct(found: dict[str, Any]) -> int | None:
    """Return about how many values there are; none and one are told exactly."""
    if "min" not in found:
        return None
    if found["count"] == 0 or found["min"] == found["max"]:
        return min(int(found["count"]), 1)
    if isinstance(found["min"], bool):
        return 2
    return min(max(int(found["distinct"]), 2), int(found["count"])) if "distinct" in found else None


def _mean(found: dict[str, Any], kind: Any) -> float | None:
    if "sum" not in found or found["count"] == 0:
        return None
    if kind.is_integer():
        return float(int(found["sum"]) / found["count"])
    if found["summed"] < found["count"]:
        return None
    return float(f"{int(found['sum']) / found['count'] / 2**_BITS:.10g}")
