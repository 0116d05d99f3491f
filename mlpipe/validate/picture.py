# ruff: noqa: S608 — the names in these queries are quoted, and the rows are ours.
"""The shape of each column, out of rows that fit into memory: what the page draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.table.plain import plain
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import ibis.expr.datatypes as dt

    from mlpipe.table.session import Session

__all__ = ["describe"]

BINS = 24
TOP = 8
MOST_VALUES = 50
MOST_CHARACTERS = 40
_SHARES = (0.005, 0.25, 0.5, 0.75, 0.995)

# A sum of floats depends on the order in which threads meet, and a report's bytes must not.
# A sum of whole multiples of 2^-24 is exact; a column with values beyond 5e11 has no mean here.
_BITS = 24


def describe(
    session: Session, picked: str, kinds: Mapping[str, dt.DataType]
) -> tuple[dict[str, dict[str, Any]], int]:
    """Return distinct values, mean, quantiles and picture of each column, and the rows seen.

    Parameters
    ----------
    session : Session
        Where the rows live.
    picked : str
        SQL of the rows; their order does not matter.
    kinds : mapping
        The type of each column.

    Returns
    -------
    dict
        column -> ``distinct``, ``mean``, ``quantiles`` and ``picture``: either ``histogram`` or
        ``lengths`` (of text) with ``edges`` and ``counts``, the first and last bin holding all
        beyond; or ``bars`` with ``labels``, ``counts`` and ``rest``.
    """
    if not kinds:
        return {}, 0
    name = "picked_rows"
    session.raw.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {picked}")
    try:
        return _described(session, name, kinds)
    finally:
        session.raw.execute(f"DROP TABLE {name}")


def _described(
    session: Session, rows: str, kinds: Mapping[str, dt.DataType]
) -> tuple[dict[str, dict[str, Any]], int]:
    measures = {name: _measure(name, kind) for name, kind in kinds.items()}
    measured = {name: sql for name, sql in measures.items() if sql}
    (total, *found), *_ = session.raw.execute(
        f"SELECT count(*){''.join(_summary(sql) for sql in measured.values())} FROM {rows}"
    ).fetchall()
    summaries = {name: found[4 * at : 4 * at + 4] for at, name in enumerate(measured)}
    edges = {name: _edges(each[0]) for name, each in summaries.items() if each[0]}
    histograms = _histograms(session, rows, {name: (measured[name], edges[name]) for name in edges})
    return {
        name: _one(session, rows, name, kind, summaries.get(name), histograms.get(name))
        for name, kind in kinds.items()
    }, int(total)


def _measure(name: str, kind: dt.DataType) -> str:
    """Return SQL of a number to draw a histogram of; empty where values are only counted."""
    quoted = identifier(name)
    if kind.is_string():
        return f"length({quoted})::DOUBLE"
    if kind.is_date() or kind.is_timestamp():
        return f"epoch({quoted})"
    return f"{quoted}::DOUBLE" if kind.is_numeric() and not kind.is_boolean() else ""


def _summary(sql: str) -> str:
    units = f"TRY_CAST({sql} * {2.0**_BITS!r}::DOUBLE AS BIGINT)"
    finite = f"FILTER (WHERE isfinite({sql}))"
    return (
        f", quantile_disc({sql}, {list(_SHARES)}) {finite}, "
        f"sum({units}), count({units}), count({sql})"
    )


def _edges(quantiles: Sequence[float]) -> list[float]:
    """Cut what lies between the first and the last quantile into bins of one width."""
    low, high = quantiles[0], quantiles[-1]
    width = (high - low) / BINS
    return [low + at * width for at in range(BINS)] + [high] if width > 0 else [low, low]


def _histograms(
    session: Session, rows: str, wanted: Mapping[str, tuple[str, list[float]]]
) -> dict[str, dict[str, Any]]:
    if not wanted:
        return {}
    asked = [f"histogram({_bin(sql, edges)})" for sql, edges in wanted.values()]
    (found,) = session.raw.execute(f"SELECT {', '.join(asked)} FROM {rows}").fetchall()
    return {
        name: {"edges": edges, "counts": [int(counts.get(at, 0)) for at in range(len(edges) - 1)]}
        for (name, (_, edges)), counts in zip(wanted.items(), found, strict=True)
    }


def _bin(sql: str, edges: list[float]) -> str:
    low, high, last = edges[0], edges[-1], len(edges) - 2
    if not high > low:
        return f"CASE WHEN isfinite({sql}) THEN 0 END"
    place = f"floor(({sql} - {low!r}::DOUBLE) / {(high - low) / BINS!r}::DOUBLE)"
    within = f"least(greatest({place}, 0), {last})::INTEGER"
    return f"CASE WHEN isfinite({sql}) THEN {within} END"


def _one(
    session: Session,
    rows: str,
    name: str,
    kind: dt.DataType,
    summary: Sequence[Any] | None,
    histogram: dict[str, Any] | None,
) -> dict[str, Any]:
    distinct, bars = _bars(session, rows, name, counted_only=not _is_listed(kind))
    found: dict[str, Any] = {"distinct": distinct, "picture": bars}
    if summary is None:
        return found
    if not kind.is_string():
        numeric = bool(kind.is_numeric())
        found["mean"] = _mean(summary) if numeric else None
        found["quantiles"] = _quantiles(summary[0], kind)
    if histogram and (not kind.is_string() or not _tells(distinct, bars)):
        found["picture"] = _drawn(histogram, kind)
    return found


def _is_listed(kind: dt.DataType) -> bool:
    return bool(kind.is_string() or kind.is_boolean())


def _bars(
    session: Session, rows: str, name: str, *, counted_only: bool
) -> tuple[int, dict[str, Any] | None]:
    """Count the values of a column, and the most frequent ones apart."""
    quoted = identifier(name)
    if counted_only:
        query = f"SELECT count(DISTINCT {quoted}) FROM {rows}"
        ((distinct,),) = session.raw.execute(query).fetchall()
        return int(distinct), None
    counted = (
        f"SELECT {quoted} AS v, count(*) AS n FROM {rows} WHERE {quoted} IS NOT NULL GROUP BY 1"
    )
    totals = "count(*) OVER (), sum(n) OVER ()"
    query = f"SELECT v, n, {totals} FROM ({counted}) ORDER BY n DESC, v LIMIT {TOP}"
    found = session.raw.execute(query).fetchall()
    if not found:
        return 0, None
    counts = [int(row[1]) for row in found]
    labels = [str(plain(row[0])).lower() if isinstance(row[0], bool) else row[0] for row in found]
    return int(found[0][2]), {
        "kind": "bars",
        "labels": [_short(label) for label in labels],
        "counts": counts,
        "rest": int(found[0][3]) - sum(counts),
    }


def _short(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def _tells(distinct: int, bars: dict[str, Any] | None) -> bool:
    """Whether the most frequent values say more of a text column than its lengths do."""
    if bars is None:
        return False
    return distinct <= MOST_VALUES or sum(bars["counts"]) >= bars["rest"]


def _drawn(histogram: dict[str, Any], kind: dt.DataType) -> dict[str, Any]:
    edges = histogram["edges"]
    if kind.is_date() or kind.is_timestamp():
        shown: list[Any] = [_moment(edge, kind) for edge in edges]
    else:
        shown = [float(f"{edge:.6g}") for edge in edges]
    what = "lengths" if kind.is_string() else "histogram"
    return {"kind": what, "edges": shown, "counts": histogram["counts"]}


def _moment(seconds: float, kind: dt.DataType) -> str:
    from datetime import UTC, datetime, timedelta

    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=round(seconds))
    return moment.strftime("%Y-%m-%d") if kind.is_date() else moment.strftime("%Y-%m-%d %H:%M:%S")


def _mean(summary: Sequence[Any]) -> float | None:
    _, total, summed, count = summary
    if not count or summed < count:
        return None
    return float(f"{int(total) / count / 2**_BITS:.10g}")


def _quantiles(found: Sequence[float] | None, kind: dt.DataType) -> dict[str, Any] | None:
    if not found:
        return None
    dates = kind.is_date() or kind.is_timestamp()
    shown = [_moment(each, kind) if dates else each for each in found[1:4]]
    return dict(zip(("0.25", "0.5", "0.75"), shown, strict=True))
