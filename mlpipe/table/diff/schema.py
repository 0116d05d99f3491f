# ruff: noqa: S608 — the SQL of a side is ours, and every name in it is quoted by `identifier`.
"""The two sides of a diff, and how their columns differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.columns import RESERVED
from mlpipe.table.diff.types import Pair, word_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.table.session import Session

__all__ = ["Side", "pairs_of", "require", "schema_diff", "side"]


@dataclass(frozen=True)
class Side:
    """One of the two tables.

    Attributes
    ----------
    name : str
        As the user wrote it.
    sql : str
        Trusted SQL of its rows, in a session.
    types : mapping
        column -> engine type, in the order of the table; our own columns are left out.
    """

    name: str
    sql: str
    types: Mapping[str, str]


def side(session: Session, name: str, sql: str, ignore: Sequence[str] = ()) -> Side:
    """Return a side without our own columns (``_row``, ``_scope``) and those to ignore."""
    rows = session.raw.execute(f"DESCRIBE SELECT * FROM ({sql})").fetchall()
    left_out = {*RESERVED, *ignore}
    return Side(name, sql, {row[0]: row[1] for row in rows if row[0] not in left_out})


def require(names: Sequence[str], sides: Sequence[Side], option: str) -> None:
    """Raise for a name that a side does not have.

    Raises
    ------
    SpecError
        With the side, and a name that is near.
    """
    problems = [
        Problem(
            f"{each.name} has no column '{name}'",
            option,
            hint=did_you_mean(name, each.types) or f"columns: {', '.join(list(each.types)[:30])}",
        )
        for name in names
        for each in sides
        if name not in each.types
    ]
    if problems:
        raise SpecError(*problems)


def pairs_of(a: Side, b: Side) -> list[Pair]:
    """Return the columns that both sides have, in the order of the first."""
    return [Pair(name, kind, b.types[name]) for name, kind in a.types.items() if name in b.types]


def schema_diff(a: Side, b: Side) -> dict[str, Any]:
    """Return the columns added, removed and retyped, and whether their order differs.

    Returns
    -------
    dict
        ``added`` and ``removed`` (column and type), ``retyped`` (column, both types and
        whether it could be compared by value), ``reordered``.
    """
    shared = pairs_of(a, b)
    return {
        "added": _only(b, a),
        "removed": _only(a, b),
        "retyped": [
            {"column": p.name, "a": word_of(p.a), "b": word_of(p.b), "compared": p.comparable}
            for p in shared
            if word_of(p.a) != word_of(p.b)
        ],
        "reordered": [p.name for p in shared] != [name for name in b.types if name in a.types],
    }


def _only(one: Side, other: Side) -> list[dict[str, str]]:
    return [
        {"column": name, "type": word_of(kind)}
        for name, kind in one.types.items()
        if name not in other.types
    ]
