"""Count a table on frozen bins, whole or by period, in two queries for all columns."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

from mlpipe.table.freeze import HASH
from mlpipe.table.session import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlpipe.table.aspects import Measured
    from mlpipe.table.session import Session

__all__ = ["moments", "one_value", "tally"]

Tally = dict[str, Any]

# Sums of floats depend on the order of addition. These are sums of integers: values in units
# of 2^(scale - 30), their squares in units of 2^(2 scale - 40), where 2^scale holds the
# reference's largest value. Values that do not fit are left out, and seen by their number.
_SUM_BITS, _SQUARE_BITS = 30, 40


def tally(
    session: Session,
    source: str,
    chosen: Sequence[Measured],
    bins: dict[str, Any],
    period: str | None = None,
) -> dict[str | None, Tally]:
    """Count rows, missing values and every bin.

    Parameters
    ----------
    session : Session
        Runs the queries.
    source : str
        SQL of the table.
    chosen : sequence of Measured
        The columns, as `bins` has them.
    bins : dict
        Frozen bins.
    period : str or None
        SQL that names the period of a row; without it the whole table is the period None.

    Returns
    -------
    dict
        period -> ``rows`` and ``columns``: ``nulls``, ``counts`` by aspect, and ``moments``,
        ``[number, sum, number of squares, squares]`` in the integer units of the bins' scale.
    """
    tallies = _scan(session, source, chosen, bins, period)
    for each, key, value, count, unseen in _values(session, source, chosen, bins, period):
        counts = tallies[key]["columns"][each.column]["counts"]["value"]
        listed = bins[each.column]["values"]
        counts[-2 if value is None else listed.index(value)] += count - unseen
        counts[-1] += unseen
    return tallies


def moments(bins: dict[str, Any], found: Sequence[int]) -> tuple[float | None, float | None]:
    """Return mean and standard deviation; None where values do not fit, or there are none."""
    number, total, squared, squares = found
    mean = total / number * 2.0 ** (bins["scale"] - _SUM_BITS) if number else None
    if mean is None or squared < number:
        return mean, None
    variance = squares / squared * 2.0 ** (2 * bins["scale"] - _SQUARE_BITS) - mean**2
    return mean, max(variance, 0.0) ** 0.5


def one_value(bins: dict[str, Any], counted: Tally) -> bool:
    """Return whether all values of a column are the same, as far as its counts can tell."""
    for aspect, counts in counted["counts"].items():
        if sum(each > 0 for each in counts) != 1:
            return False
        if "aspects" in bins:
            own = bins["aspects"][aspect]
            _, deviation = moments(own, counted["moments"][aspect])
            if deviation is None or deviation > 1e-4 * 2.0 ** own["scale"]:
                return False
    return True


def _scan(
    session: Session,
    source: str,
    chosen: Sequence[Measured],
    bins: dict[str, Any],
    period: str | None,
) -> dict[str | None, Tally]:
    """Count rows and missing values of all columns, and the bins of all aspects."""
    measured, wanted = [f"{period or 'NULL::VARCHAR'} AS period"], ["period", "count(*)"]
    for each in chosen:
        if not each.aspects:
            measured.append(f"{each.sql} AS m{len(measured)}")
            wanted.append(f"count(*) - count(m{len(measured) - 1})")
        for aspect in each.aspects:
            # The histogram of the engine has no place of its own for NaN: it is missing.
            measured.append(f"nullif({aspect.sql}, 'nan'::DOUBLE) AS m{len(measured)}")
            own = bins[each.column]["aspects"][aspect.name]
            wanted += _counted(f"m{len(measured) - 1}", own)
    inner = f"SELECT {', '.join(measured)} FROM ({source})"  # noqa: S608
    query = f"SELECT {', '.join(wanted)} FROM ({inner}) GROUP BY period ORDER BY period"  # noqa: S608
    tallies: dict[str | None, Tally] = {}
    for key, rows, *found in session.raw.execute(query).fetchall():
        answer = iter(found)
        columns = {each.column: _column(each, bins[each.column], rows, answer) for each in chosen}
        tallies[key] = {"rows": rows, "columns": columns}
    return tallies


def _counted(x: str, bins: dict[str, Any]) -> list[str]:
    """Count in one pass over the value: its first bin holds -inf, its last one inf."""
    unit = f"TRY_CAST({x} * {_double(2.0 ** (_SUM_BITS - bins['scale']))} AS BIGINT)"
    root = f"({x} * {_double(2.0 ** (_SQUARE_BITS // 2 - bins['scale']))})"
    square = f"TRY_CAST({root} * {root} AS BIGINT)"
    edges = ", ".join(_double(edge) for edge in _all_edges(bins))
    return [
        f"histogram({x}, [{edges}])",
        f"[count({unit}), sum({unit}), count({square}), sum({square})]",
    ]


def _all_edges(bins: dict[str, Any]) -> list[float]:
    return [-math.inf, *bins["edges"], sys.float_info.max]


def _double(value: float) -> str:
    """Write a float as SQL; a bare literal would be a decimal, and lose digits on its way."""
    return f"{literal(repr(value))}::DOUBLE"


def _column(each: Measured, bins: dict[str, Any], rows: int, answer: Iterator[Any]) -> Tally:
    if not each.aspects:
        empty = [0] * (len(bins["values"]) + 2)
        return {"nulls": next(answer), "counts": {"value": empty}, "moments": {}}
    nulls, counts, sums = 0, {}, {}
    for aspect in each.aspects:
        by_edge, found = next(answer) or {}, next(answer)
        ends = [*_all_edges(bins["aspects"][aspect.name]), math.inf]
        inner = [by_edge.get(edge, 0) for edge in ends]
        counts[aspect.name] = inner
        sums[aspect.name] = [int(number or 0) for number in found]
        nulls = rows - sum(inner)
    return {"nulls": nulls, "counts": counts, "moments": sums}


def _values(
    session: Session,
    source: str,
    chosen: Sequence[Measured],
    bins: dict[str, Any],
    period: str | None,
) -> Iterator[tuple[Measured, str | None, str | None, int, int]]:
    """Yield column, period, value (None: any other), rows, and how many of these are unseen."""
    by_value = [each for each in chosen if not each.aspects]
    if not by_value:
        return
    queries = [
        _value_query(at, each, bins[each.column], source, period)
        for at, each in enumerate(by_value)
    ]
    for at, key, value, count, unseen in session.raw.execute(
        " UNION ALL ".join(queries)
    ).fetchall():
        yield by_value[at], key, value, count, unseen


def _value_query(
    at: int, each: Measured, bins: dict[str, Any], source: str, period: str | None
) -> str:
    values = ", ".join(literal(value) for value in bins["values"]) or "NULL"
    listed = f"coalesce(v IN ({values}), false)"
    unseen = f"NOT {listed} AND {_never_seen(bins)}"
    grouped = (
        f"SELECT {period or 'NULL::VARCHAR'} AS p, {each.sql} AS v, count(*) AS n "  # noqa: S608
        f"FROM ({source}) WHERE {each.sql} IS NOT NULL GROUP BY ALL"
    )
    return (
        f"SELECT {at}, p, CASE WHEN {listed} THEN v END AS v, sum(n)::BIGINT, "  # noqa: S608
        f"coalesce(sum(n) FILTER ({unseen}), 0)::BIGINT FROM ({grouped}) GROUP BY ALL"
    )


def _never_seen(bins: dict[str, Any]) -> str:
    """Return SQL for a value that is not among the reference's; too many to remember: never."""
    seen = bins["seen"]
    if seen["distinct"] <= len(bins["values"]):
        return "true"
    if seen["hashes"] is None:
        return "false"
    digests = (seen["hashes"][at : at + 6] for at in range(0, len(seen["hashes"]), 6))
    return f"{HASH.replace('{x}', 'v')} NOT IN ({', '.join(map(literal, digests))})"
