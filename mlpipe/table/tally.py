"""Count a table on frozen bins, whole or by period, in one query a kind of column."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mlpipe.table.freeze import HASH
from mlpipe.table.numbers import SQUARE_BITS, SUM_BITS, counted
from mlpipe.table.session import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from mlpipe.table.aspects import Measured
    from mlpipe.table.numbers import Counts
    from mlpipe.table.session import Session

__all__ = ["moments", "one_value", "tally"]

Tally = dict[str, Any]


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
        SQL of the period of a row, whose text names it; without it the whole table is the period
        None.

    Returns
    -------
    dict
        period -> ``rows`` and ``columns``: ``nulls``, ``counts`` by aspect, and ``moments``,
        ``[number, sum, number of squares, squares]`` in the integer units of the bins' scale.
    """
    known, rows = _rows(session, source, period)
    numbers = [
        (aspect.sql, bins[each.column]["aspects"][aspect.name])
        for each in chosen
        for aspect in each.aspects
    ]
    found = counted(session, source, numbers, period, known)
    tallies: dict[str | None, Tally] = {}
    for at, (key, number) in enumerate(rows.items()):
        answer = iter(found)
        columns = {each.column: _column(each, bins[each.column], at, answer) for each in chosen}
        tallies[key] = {"rows": number, "columns": columns}
    for each, key, value, count, unseen in _values(session, source, chosen, bins, period):
        counts = tallies[key]["columns"][each.column]["counts"]["value"]
        listed = bins[each.column]["values"]
        counts[-2 if value is None else listed.index(value)] += count - unseen
        counts[-1] += unseen
    for one in tallies.values():
        for each in one["columns"].values():
            each["nulls"] = one["rows"] - sum(next(iter(each["counts"].values())))
    return tallies


def moments(bins: dict[str, Any], found: Sequence[int]) -> tuple[float | None, float | None]:
    """Return mean and standard deviation; None where values do not fit, or there are none."""
    number, total, squared, squares = found
    if not number:
        return None, None
    # In units of 2^scale, so that squares of the largest floats are still floats.
    mean = total / number * 2.0**-SUM_BITS
    if squared < number:
        return math.ldexp(mean, bins["scale"]), None
    variance = squares / squared * 2.0**-SQUARE_BITS - mean**2
    deviation = max(variance, 0.0) ** 0.5
    return math.ldexp(mean, bins["scale"]), math.ldexp(deviation, bins["scale"])


def one_value(bins: dict[str, Any], counted: Tally) -> bool:
    """Return whether all values of a column are the same, as far as its counts can tell."""
    for aspect, counts in counted["counts"].items():
        if sum(each > 0 for each in counts) != 1:
            return False
        if "aspects" in bins:
            own = bins["aspects"][aspect]
            _, deviation = moments(own, counted["moments"][aspect])
            if deviation is None or deviation > math.ldexp(1e-4, own["scale"]):
                return False
    return True


def _rows(
    session: Session, source: str, period: str | None
) -> tuple[pa.Array, dict[str | None, int]]:
    """Return the periods, and the rows of each by name; an empty table has none."""
    counted = f"SELECT {period or 'NULL'} AS p, count(*) AS n FROM ({source}) GROUP BY p"  # noqa: S608
    query = f"SELECT p, p::VARCHAR, n FROM ({counted}) ORDER BY p::VARCHAR"  # noqa: S608
    found = session.raw.execute(query).to_arrow_table()
    names, numbers = found.column(1).to_pylist(), found.column(2).to_pylist()
    known = found.column(0).combine_chunks()
    return known, dict(zip(names, numbers, strict=True))


def _column(each: Measured, bins: dict[str, Any], at: int, answer: Iterator[Counts]) -> Tally:
    """Return the counts of a column in the period at a place; its nulls are what is left."""
    if not each.aspects:
        empty = [0] * (len(bins["values"]) + 2)
        return {"nulls": 0, "counts": {"value": empty}, "moments": {}}
    counts, sums = {}, {}
    for aspect in each.aspects:
        found = next(answer)
        counts[aspect.name] = found.counts[at].tolist()
        sums[aspect.name] = found.moments[at].tolist()
    return {"nulls": 0, "counts": counts, "moments": sums}


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
        f"SELECT {period or 'NULL'} AS p, {each.sql} AS v, count(*) AS n "  # noqa: S608
        f"FROM ({source}) WHERE {each.sql} IS NOT NULL GROUP BY ALL"
    )
    return (
        f"SELECT {at}, p::VARCHAR AS p, CASE WHEN {listed} THEN v END AS v, sum(n)::BIGINT, "  # noqa: S608
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
