# ruff: noqa: S608 — the SQL of a side is ours, and every name in it is quoted by `identifier`.
"""Rows matched by their key: one full outer join, of which only the differences are kept.

The join writes a file of our own with a row for each row that differs: ``k0``, ``k1``, … (the
key), ``change``, and for each compared column ``d0`` (whether the cell differs) with ``a0`` and
``b0`` (both values as text, null where it does not). Everything else is read from that file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from mlpipe.table.diff.schema import Side
    from mlpipe.table.diff.types import Pair
    from mlpipe.table.session import Session

__all__ = ["check_keys", "write_differences"]

MOST_SAMPLES = 5


def check_keys(
    session: Session, sides: tuple[Side, Side], keys: Sequence[Pair], hidden: Collection[str]
) -> None:
    """Refuse a key whose types do not meet, that is missing in a row, or stands in several.

    Raises
    ------
    SpecError
        Types that have no values in common.
    DataError
        With the side, how many, and up to five of them; values of hidden columns are not said.
    """
    for key in keys:
        if not key.comparable:
            what = f"is {key.a.lower()} in {sides[0].name} and {key.b.lower()} in {sides[1].name}"
            hint = "choose another with --key"
            raise SpecError(Problem(f"the key {what}", key=key.name, hint=hint))
    redacted = any(key.name in hidden for key in keys)
    for at, each in enumerate(sides):
        _check_side(session, each, [key.values()[at] for key in keys], keys, redacted=redacted)


def _check_side(
    session: Session, side: Side, values: Sequence[str], keys: Sequence[Pair], *, redacted: bool
) -> None:
    named = ", ".join(key.name for key in keys)
    listed = ", ".join(values)
    missing = " OR ".join(f"{value} IS NULL" for value in values)
    row = session.raw.execute(f"SELECT count(*) FROM ({side.sql}) WHERE {missing}").fetchone()
    if row and row[0]:
        hint = "choose another with --key, or none with --no-key"
        message = f"the key is missing in {row[0]:,} rows of {side.name}"
        raise DataError(Problem(message, key=named, hint=hint))
    shown = ", ".join(f"{value}::VARCHAR" for value in values)
    doubled = session.raw.execute(
        f"SELECT {shown}, count(*), count(*) OVER () FROM ({side.sql}) "
        f"GROUP BY {listed} HAVING count(*) > 1 ORDER BY {listed} LIMIT {MOST_SAMPLES}"
    ).fetchall()
    if doubled:
        samples = "; ".join(f"{', '.join(row[:-2])} ({row[-2]} rows)" for row in doubled)
        such = "" if redacted else f", such as {samples}"
        message = f"the key is not unique in {side.name}: {doubled[0][-1]:,} keys stand in several"
        hint = "name more columns, as --key id,month, or compare whole rows with --no-key"
        raise DataError(Problem(f"{message} rows{such}", key=named, hint=hint))


def write_differences(
    session: Session,
    sides: tuple[Side, Side],
    keys: Sequence[Pair],
    pairs: Sequence[Pair],
    tolerance: float,
) -> Path:
    """Join both sides on the key and write the rows that differ.

    Parameters
    ----------
    keys : sequence of Pair
        Checked by `check_keys`; at least one.
    pairs : sequence of Pair
        The other columns to compare.
    tolerance : float
        How far floats may be apart, absolutely or as a share of the larger; 0 is exact.

    Returns
    -------
    Path
        The file, in the session's scratch; its order is not that of anything.
    """
    left, right = (_inner(each, at, keys, pairs) for at, each in enumerate(sides))
    on = " AND ".join(f"a.k{at} = b.k{at}" for at in range(len(keys)))
    wanted = [f"coalesce(a.k{at}, b.k{at}) AS k{at}" for at in range(len(keys))]
    wanted.append(
        "CASE WHEN b.here IS NULL THEN 'removed' WHEN a.here IS NULL THEN 'added' "
        "ELSE 'changed' END AS change"
    )
    for at, pair in enumerate(pairs):
        wanted += [
            f"a.here AND b.here AND NOT ({_same(pair, at, tolerance)}) AS d{at}",
            f"a.v{at} AS a{at}",
            f"b.v{at} AS b{at}",
        ]
    differs = " OR ".join(["change <> 'changed'", *(f"d{at}" for at in range(len(pairs)))])
    kept = [f"k{at}" for at in range(len(keys))] + ["change"]
    for at in range(len(pairs)):
        kept.append(f"coalesce(d{at}, false) AS d{at}")
        kept += [f"CASE WHEN d{at} THEN {x}{at}::VARCHAR END AS {x}{at}" for x in "ab"]
    path = session.path("differences")
    joined = f"SELECT {', '.join(wanted)} FROM ({left}) a FULL JOIN ({right}) b ON {on}"
    session.copy(
        f"SELECT {', '.join(kept)} FROM ({joined}) WHERE {differs}", path, compression="lz4"
    )
    return path


def _inner(side: Side, at: int, keys: Sequence[Pair], pairs: Sequence[Pair]) -> str:
    named = [f"{key.values()[at]} AS k{number}" for number, key in enumerate(keys)]
    named += [f"{identifier(pair.name)} AS v{number}" for number, pair in enumerate(pairs)]
    return f"SELECT true AS here, {', '.join(named)} FROM ({side.sql})"


def _same(pair: Pair, at: int, tolerance: float) -> str:
    """Return SQL for two cells being the same, missing ones too; never null."""
    x, y = pair.values(f"a.v{at}", f"b.v{at}")
    same = f"{x} IS NOT DISTINCT FROM {y}"
    if not (pair.inexact and tolerance):
        return same
    x, y = f"a.v{at}::DOUBLE", f"b.v{at}::DOUBLE"
    allowed = f"{tolerance!r}::DOUBLE * greatest(1, abs({x}), abs({y}))"
    near = f"isfinite({x}) AND isfinite({y}) AND abs({x} - {y}) <= {allowed}"
    return f"{same} OR coalesce({near}, false)"
