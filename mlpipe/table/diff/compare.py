# ruff: noqa: S608 — the SQL of a side is ours, and every name in it is quoted by `identifier`.
"""The diff of two tables: their columns, their rows, and how each column has moved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.table.diff.bags import write_surplus
from mlpipe.table.diff.found import Differences
from mlpipe.table.diff.keyed import check_keys, write_differences
from mlpipe.table.diff.schema import pairs_of, require, schema_diff
from mlpipe.table.diff.shift import means, shift

if TYPE_CHECKING:
    from mlpipe.table.diff.schema import Side
    from mlpipe.table.diff.shift import Effect
    from mlpipe.table.diff.types import Pair
    from mlpipe.table.session import Session

__all__ = ["Asked", "compare"]


@dataclass(frozen=True)
class Asked:
    """What a diff is to do.

    Attributes
    ----------
    keys : tuple of str
        The columns that tell which row is which; empty: rows are compared whole.
    tolerance : float
        How far floats may be apart, absolutely or as a share of the larger; 0 is exact.
    hidden : frozenset of str
        Columns whose values are redacted in examples and shifts.
    rows : Path or None
        Where every differing row is written as Parquet.
    """

    keys: tuple[str, ...] = ()
    tolerance: float = 0.0
    hidden: frozenset[str] = frozenset()
    rows: Path | None = None


def compare(session: Session, a: Side, b: Side, asked: Asked, effect: Effect) -> dict[str, Any]:
    """Return how two tables differ; the order of rows is not compared.

    Parameters
    ----------
    session : Session
        Of both sides; what does not fit in its memory goes to its scratch.
    a, b : Side
        Before and after.
    asked : Asked
    effect : callable
        Cohen's w of two lists of counts over the same bins.

    Returns
    -------
    dict
        JSON-safe: ``equal``, ``a``, ``b`` (name and rows), ``key``, ``tolerance``, ``schema``,
        ``rows`` (added, removed, changed, same, examples), ``columns`` (those that moved, by
        their effect), ``unchanged`` (names of the others).

    Raises
    ------
    SpecError
        For key columns that a side does not have, a tolerance without a key, or nothing to
        compare.
    DataError
        For a key that is missing in a row, or stands in several.
    """
    sides = (a, b)
    require(asked.keys, sides, "--key")
    if asked.tolerance and not asked.keys:
        raise SpecError(Problem("needs a key: rows are compared whole without", "--tolerance"))
    differences = _differences(session, sides, asked)
    if asked.rows is not None:
        differences.write(asked.rows)
    counts = [_count(session, each) for each in sides]
    rows, schema = differences.rows(), schema_diff(a, b)
    cells = differences.cells()
    moved = _columns(session, sides, differences, rows, effect, asked)
    told = {column["column"] for column in moved}
    return {
        "equal": not any(rows.values()) and not any(schema.values()),
        "a": {"name": a.name, "rows": counts[0]},
        "b": {"name": b.name, "rows": counts[1]},
        "key": list(asked.keys),
        "tolerance": asked.tolerance,
        "schema": schema,
        "rows": {
            **rows,
            "same": counts[0] - rows["removed"] - rows["changed"],
            "examples": differences.examples(asked.hidden),
        },
        "columns": moved,
        "unchanged": [name for name in cells if name not in told],
    }


def _differences(session: Session, sides: tuple[Side, Side], asked: Asked) -> Differences:
    pairs = pairs_of(*sides)
    keys = [pair for name in asked.keys for pair in pairs if pair.name == name]
    if keys:
        rest = [pair for pair in pairs if pair not in keys and pair.comparable]
        check_keys(session, sides, keys, asked.hidden)
        path = write_differences(session, sides, keys, rest, asked.tolerance)
        return Differences(session, path, keys, rest, keyed=True)
    whole = [pair for pair in pairs if pair.comparable]
    if not whole:
        hint = f"one has: {_listed(sides[0])}; the other: {_listed(sides[1])}"
        raise SpecError(Problem("there is no column that both sides have", hint=hint))
    return Differences(session, write_surplus(session, sides, whole), whole, (), keyed=False)


def _listed(side: Side) -> str:
    """Return the first names of the columns of a side."""
    names = list(side.types)
    return ", ".join(names[:10]) + (", …" if len(names) > 10 else "")


def _count(session: Session, side: Side) -> int:
    row = session.raw.execute(f"SELECT count(*) FROM ({side.sql})").fetchone()
    return int(row[0]) if row else 0


def _columns(
    session: Session,
    sides: tuple[Side, Side],
    differences: Differences,
    rows: dict[str, int],
    effect: Effect,
    asked: Asked,
) -> list[dict[str, Any]]:
    """Return what is said of each column that may have moved, those that moved most first."""
    cells = differences.cells()
    touched = _touched(differences, rows, cells)
    both = means(session, sides, touched)
    told = [
        {
            "column": pair.name,
            "changed": cells.get(pair.name),
            **shift(
                session,
                sides,
                pair,
                both.get(pair.name, (None, None)),
                effect,
                hidden=pair.name in asked.hidden,
            ),
        }
        for pair in touched
    ]
    return sorted(told, key=lambda column: -column["effect"])


def _touched(differences: Differences, rows: dict[str, int], cells: dict[str, int]) -> list[Pair]:
    """Return the columns whose values can differ: all of them where a row came or went.

    Of a key only dates are told: they say which days came or went.
    """
    if not any(rows.values()):
        return []
    if not differences.keyed:
        return list(differences.keys)
    if not rows["added"] and not rows["removed"]:
        return [pair for pair in differences.pairs if cells[pair.name]]
    dates = [key for key in differences.keys if key.kind == "date"]
    return [*dates, *differences.pairs]
