"""Choose the bins of a profile: deciles, or the most frequent values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mlpipe.table.aspects import UNKNOWN
from mlpipe.table.bins import distinct_edges
from mlpipe.table.columns import ROW
from mlpipe.table.plain import plain
from mlpipe.table.sample import picked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlpipe.table.aspects import Aspect, Measured
    from mlpipe.table.session import Session

__all__ = ["HASH", "freeze", "sampled_rows"]

TOP = 50
"""Most values that have a bin of their own."""

REMEMBERED = 10_000
"""Most values that are remembered, by hash, to tell an unseen one."""

HASH = "left(md5({x}), 6)"
"""24 bits of a value: one of 10,000 remembered hides an unseen one in 1,700 times."""

SAMPLE = 200_000
"""Deciles of longer tables are those of about as many rows, evenly spread."""

_LEAST_SCALE = -900  # 2^900 times a value is still a float

_DECILES = [tenth / 10 for tenth in range(1, 10)]


def freeze(session: Session, source: str, chosen: Sequence[Measured]) -> dict[str, Any]:
    """Return the bins of each column.

    Parameters
    ----------
    session : Session
        Runs two queries: one for all numbers, one for all values.
    source : str
        SQL of the reference table.
    chosen : sequence of Measured
        What is counted.

    Returns
    -------
    dict
        column -> ``kind`` and either ``aspects`` (each with edges, low, high, scale) or
        ``values`` with ``seen``: the number of distinct values, of singletons, the sum of the
        squared counts, and hashes of all values (None where there are too many).
    """
    numeric = [(each, aspect) for each in chosen for aspect in each.aspects]
    edges = _freeze_edges(session, source, [aspect for _, aspect in numeric])
    values = _freeze_values(session, source, [each for each in chosen if not each.aspects])
    bins: dict[str, Any] = {}
    for each in chosen:
        of_aspects = {
            aspect.name: found
            for (owner, aspect), found in zip(numeric, edges, strict=True)
            if owner is each
        }
        body = {"aspects": of_aspects} if each.aspects else values[each.column]
        bins[each.column] = {"kind": each.kind, **body}
    return bins


def _freeze_edges(session: Session, source: str, aspects: Sequence[Aspect]) -> list[dict[str, Any]]:
    if not aspects:
        return []
    measured = ", ".join(f"{aspect.sql} AS m{at}" for at, aspect in enumerate(aspects))
    names = [f"m{at}" for at in range(len(aspects))]
    deciles = [f"quantile_disc({x}, {_DECILES}) FILTER (isfinite({x}))" for x in names]
    bounds = [end for x, aspect in zip(names, aspects, strict=True) for end in _ends(x, aspect)]
    sampled = sampled_rows(session, source)
    # The deciles may come from a sample; the bounds never do.
    passes = (
        [(source, deciles + bounds)] if sampled is None else [(sampled, deciles), (source, bounds)]
    )
    found = [
        value
        for rows, wanted in passes
        for value in _one(
            session,
            f"SELECT {', '.join(wanted)} FROM (SELECT {measured} FROM ({rows}))",  # noqa: S608
        )
    ]
    ends = found[len(aspects) :]
    return [
        _edges(aspect, found[at] or [], ends[2 * at], ends[2 * at + 1])
        for at, aspect in enumerate(aspects)
    ]


def _ends(x: str, aspect: Aspect) -> list[str]:
    """Return SQL of the least and the greatest value; words cost too much to be looked up again."""
    if aspect.name == UNKNOWN:
        return ["0.0::DOUBLE", "1.0::DOUBLE"]
    return [f"{end}({x}) FILTER (isfinite({x}))" for end in ("min", "max")]


def _one(session: Session, query: str) -> tuple[Any, ...]:
    """Return the only row of an aggregate."""
    (row,) = session.raw.execute(query).fetchall()
    return tuple(row)


def _edges(
    aspect: Aspect, deciles: Sequence[float], low: float | None, high: float | None
) -> dict[str, Any]:
    largest = max(abs(low or 0.0), abs(high or 0.0))
    edges = distinct_edges(deciles) if aspect.edges is None else list(aspect.edges)
    if low is not None and (aspect.outer or (aspect.edges is None and edges[:1] == [low])):
        edges.insert(0, math.nextafter(low, -math.inf))  # what is below was never there
    return {
        "edges": edges,
        "low": plain(low),
        "high": plain(high),
        "scale": max(math.frexp(largest)[1], _LEAST_SCALE),
    }


def sampled_rows(session: Session, source: str) -> str | None:
    """Pick rows by their position, through a multiplier that follows no period; None: all."""
    (rows,) = _one(session, f"SELECT count(*) FROM ({source})")  # noqa: S608
    names = session.raw.sql(f"SELECT * FROM ({source})").columns  # noqa: S608
    if rows <= SAMPLE or ROW not in names:
        return None
    return f"SELECT * FROM ({source}) WHERE {picked(SAMPLE / rows)}"  # noqa: S608


def _freeze_values(session: Session, source: str, chosen: Sequence[Measured]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in chosen:
        counted = (
            f"SELECT {each.sql} AS v, count(*) AS n FROM ({source}) "  # noqa: S608
            f"WHERE {each.sql} IS NOT NULL GROUP BY 1"
        )
        distinct, singletons, squares, present, top = _one(
            session,
            f"SELECT count(*), count(*) FILTER (n = 1), coalesce(sum(n::HUGEINT * n), 0), "  # noqa: S608
            f"coalesce(sum(n), 0)::BIGINT, "
            f"coalesce(max({{n: n, v: v}}, {TOP}), []) FROM ({counted})",
        )
        hashes = list(_hashes(session, counted)) if TOP < distinct <= REMEMBERED else None
        found[each.column] = {
            "values": [entry["v"] for entry in sorted(top, key=lambda e: (-e["n"], e["v"]))],
            "seen": {
                "present": present,
                "distinct": distinct,
                "singletons": singletons,
                "squares": int(squares),
                "hashes": None if hashes is None else "".join(hashes),
            },
        }
    return found


def _hashes(session: Session, counted: str) -> Iterator[str]:
    query = f"SELECT DISTINCT {HASH.replace('{x}', 'v')} AS h FROM ({counted}) ORDER BY h"  # noqa: S608
    for (digest,) in session.raw.execute(query).fetchall():
        yield digest
