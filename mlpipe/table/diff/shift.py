# ruff: noqa: S608 — the SQL of a side is ours, and every name in it is quoted by `identifier`.
"""How far a column has moved between two tables, a column at a time.

Numbers and dates are counted between the deciles of the first table, categories by their most
frequent values in it; missing values are a bin of their own. The counts give the effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.table.diff.found import REDACTED
from mlpipe.table.diff.types import MOMENTS
from mlpipe.table.plain import plain
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlpipe.table.diff.schema import Side
    from mlpipe.table.diff.types import Pair
    from mlpipe.table.session import Session

    Effect = Callable[[Sequence[int], Sequence[int]], float]

__all__ = ["means", "shift"]

DECILES = [tenth / 10 for tenth in range(1, 10)]
QUARTILES = [0.25, 0.5, 0.75]
TOP = 20
"""How many of the most frequent values have a bin of their own."""

SHOWN = 5
LEAST_SHARE = 0.001
"""Smallest change of a value's share that is shown."""

Means = tuple[float | None, float | None]


def means(session: Session, sides: tuple[Side, Side], pairs: Sequence[Pair]) -> dict[str, Means]:
    """Return both means of each column of numbers; infinite values and NaN are left out.

    One thread: sums of floats depend on the order of addition.
    """
    numbers = [pair for pair in pairs if pair.kind == "number"]
    if not numbers:
        return {}
    (threads,) = _row(session, "SELECT current_setting('threads')")
    session.raw.execute("SET threads = 1")
    try:
        wanted = ", ".join(_mean(pair.name) for pair in numbers)
        found = [_row(session, f"SELECT {wanted} FROM ({side.sql})") for side in sides]
    finally:
        session.raw.execute(f"SET threads = {int(threads)}")
    return {pair.name: (a, b) for pair, a, b in zip(numbers, *found, strict=True)}


def _mean(name: str) -> str:
    x = f"{identifier(name)}::DOUBLE"
    return f"favg({x}) FILTER (isfinite({x}))"


def shift(
    session: Session,
    sides: tuple[Side, Side],
    pair: Pair,
    mean: Means,
    effect: Effect,
    *,
    hidden: bool,
) -> dict[str, Any]:
    """Return what there is to say of a column on both sides.

    Parameters
    ----------
    pair : Pair
        A comparable column.
    mean : tuple of float or None
        Both means, of a column of numbers.
    effect : callable
        Cohen's w of two lists of counts over the same bins.
    hidden : bool
        Whether values are redacted; counts and shares are not.

    Returns
    -------
    dict
        ``kind``, ``effect``, ``nulls`` and ``distinct`` (each of a and b), and ``shift``: of
        numbers the means, medians, their difference in interquartile ranges of a, and both
        ranges; of dates the ranges; of categories how many values are gone and new, the most
        frequent of these, and the shares that moved most.
    """
    if pair.kind == "category":
        return {"kind": "category", **_categories(session, sides, pair, effect, hidden=hidden)}
    a, b = _ordered(session, sides, pair)
    return {
        "kind": pair.kind,
        "effect": effect(_between(a), _between(b)),
        "nulls": {"a": a["nulls"], "b": b["nulls"]},
        "distinct": {"a": a["distinct"], "b": b["distinct"]},
        "shift": {
            "low": _both(a["low"], b["low"], hidden=hidden),
            "high": _both(a["high"], b["high"], hidden=hidden),
            **(_moved(mean, a, b) if pair.kind == "number" else {}),
        },
    }


def _ordered(
    session: Session, sides: tuple[Side, Side], pair: Pair
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the facts of each side, counted below the deciles of the first."""
    kind = _order_type(pair)
    x = f"{identifier(pair.name)}::{kind}"
    (edges,) = _row(
        session,
        f"SELECT CAST(quantile_disc({x}, {DECILES}) FILTER (isfinite({x})) AS VARCHAR[]) "
        f"FROM ({sides[0].sql})",
    )
    written = [f"{literal(edge)}::{kind}" for edge in edges or ()]
    a, b = (_facts(session, side, x, written, number=kind == "DOUBLE") for side in sides)
    return a, b


def _order_type(pair: Pair) -> str:
    """Return the engine's type in which both sides of a column have one order."""
    if pair.kind == "number":
        return "DOUBLE"
    return "TIMESTAMP" if {pair.a, pair.b} & MOMENTS else pair.a


def _facts(
    session: Session, side: Side, x: str, edges: Sequence[str], *, number: bool
) -> dict[str, Any]:
    """Return ``nulls``, ``present``, ``low``, ``high``, ``below``, ``distinct``, ``quartiles``.

    A query each for what takes memory: together they would need it all at once.
    """
    text = "" if number else "::VARCHAR"
    below = ", ".join(f"count(*) FILTER ({x} <= {edge})" for edge in edges)
    nulls, present, low, high, counts = _row(
        session,
        f"SELECT count(*) - count({x}), count({x}), min({x}){text}, max({x}){text}, [{below}] "
        f"FROM ({side.sql})",
    )
    (distinct,) = _row(
        session,
        f"SELECT count(*) FROM (SELECT {x} FROM ({side.sql}) WHERE {x} IS NOT NULL GROUP BY 1)",
    )
    quartiles = None
    if number:  # dates have no mean of two
        query = f"SELECT quantile_cont({x}, {QUARTILES}) FILTER (isfinite({x})) FROM ({side.sql})"
        (quartiles,) = _row(session, query)
    return {
        "nulls": nulls,
        "present": present,
        "low": low,
        "high": high,
        "below": counts,
        "distinct": distinct,
        "quartiles": quartiles,
    }


def _row(session: Session, query: str) -> tuple[Any, ...]:
    """Return the only row of an aggregate."""
    (row,) = session.raw.execute(query).fetchall()
    return tuple(row)


def _between(facts: dict[str, Any]) -> list[int]:
    """Return the counts between the edges, above the last one, and the missing values."""
    below = [*facts["below"], facts["present"]]
    inner = [high - low for low, high in zip([0, *below], below, strict=False)]
    return [*inner, facts["nulls"]]


def _moved(mean: Means, a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    quarter, median, three = a["quartiles"] or (None, None, None)
    other = (b["quartiles"] or (None, None, None))[1]
    width = three - quarter if three is not None else None
    return {
        "mean": _both(*mean),
        "median": _both(median, other),
        "mean_in_iqr": _in_units(*mean, width),
        "median_in_iqr": _in_units(median, other, width),
    }


def _in_units(a: float | None, b: float | None, width: float | None) -> float | None:
    return plain((b - a) / width) if a is not None and b is not None and width else None


def _both(a: Any, b: Any, *, hidden: bool = False) -> dict[str, Any]:
    return {"a": REDACTED, "b": REDACTED} if hidden else {"a": plain(a), "b": plain(b)}


def _categories(
    session: Session, sides: tuple[Side, Side], pair: Pair, effect: Effect, *, hidden: bool
) -> dict[str, Any]:
    counted = ", ".join(
        f"{name} AS (SELECT {value}::VARCHAR AS x, count(*) AS n FROM ({each.sql}) GROUP BY 1)"
        for name, each, value in zip(("one", "two"), sides, pair.values(), strict=True)
    )
    both = (
        "SELECT coalesce(one.x, two.x) AS x, coalesce(one.n, 0) AS a, coalesce(two.n, 0) AS b "
        "FROM one FULL JOIN two ON one.x IS NOT DISTINCT FROM two.x"
    )
    share = "b / nullif((SELECT sum(n) FROM two), 0) - a / nullif((SELECT sum(n) FROM one), 0)"
    present = "FILTER (x IS NOT NULL)"
    query = (
        f"WITH {counted}, joined AS ({both}) SELECT "
        f"coalesce(sum(a) FILTER (x IS NULL), 0)::BIGINT, "
        f"coalesce(sum(b) FILTER (x IS NULL), 0)::BIGINT, "
        f"count(x) FILTER (a > 0), count(x) FILTER (b > 0), "
        f"count(x) FILTER (b = 0), count(x) FILTER (a = 0), "
        f"coalesce(sum(a) {present}, 0)::BIGINT, "
        f"coalesce(sum(b) FILTER (x IS NOT NULL AND a > 0), 0)::BIGINT, "
        f"coalesce(sum(b) FILTER (x IS NOT NULL AND a = 0), 0)::BIGINT, "
        f"max({{a: a, x: x, b: b}}, {TOP}) FILTER (x IS NOT NULL AND a > 0), "
        f"max({{n: a, x: x}}, {SHOWN}) FILTER (x IS NOT NULL AND b = 0), "
        f"max({{n: b, x: x}}, {SHOWN}) FILTER (x IS NOT NULL AND a = 0), "
        f"max({{d: abs({share}), x: x, a: a, b: b}}, {SHOWN}) {present} FROM joined"
    )
    return _told(_row(session, query), effect, hidden=hidden)


def _told(row: Sequence[Any], effect: Effect, *, hidden: bool) -> dict[str, Any]:
    null_a, null_b, kinds_a, kinds_b, gone, new, all_a, seen_b, unseen_b, *lists = row
    top, lost, fresh, moved = (each or [] for each in lists)
    counts_a, counts_b = [each["a"] for each in top], [each["b"] for each in top]
    rows_a, rows_b = all_a + null_a, seen_b + unseen_b + null_b
    shares = [
        {"value": each["x"], "a": each["a"] / max(rows_a, 1), "b": each["b"] / max(rows_b, 1)}
        for each in moved
        if (each["d"] or 0) >= LEAST_SHARE
    ]
    return {
        "effect": effect(
            [*counts_a, all_a - sum(counts_a), 0, null_a],
            [*counts_b, seen_b - sum(counts_b), unseen_b, null_b],
        ),
        "nulls": {"a": null_a, "b": null_b},
        "distinct": {"a": kinds_a, "b": kinds_b},
        "shift": {
            "gone": gone,
            "new": new,
            "gone_values": [] if hidden else [each["x"] for each in lost],
            "new_values": [] if hidden else [each["x"] for each in fresh],
            "shares": [] if hidden else shares,
        },
    }
