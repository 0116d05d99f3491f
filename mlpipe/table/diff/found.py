# ruff: noqa: S608 — the file is ours, and the names of users' columns are quoted.
"""What the file of differences says: counts, a few examples, and every row for a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.table.diff.types import FLOATS, INTEGERS
from mlpipe.table.plain import plain
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from mlpipe.table.diff.types import Pair
    from mlpipe.table.session import Session

__all__ = ["REDACTED", "Differences"]

EXAMPLES = 5
REDACTED = "(redacted)"
PLAIN = {*INTEGERS, *FLOATS, "BOOLEAN"}
"""Types whose values JSON can say; others are said as text."""

CHANGES = ("added", "removed", "changed")


class Differences:
    """The rows that differ, in a file of `keyed.write_differences` or `bags.write_surplus`.

    Parameters
    ----------
    session : Session
        Of the file.
    path : Path
    keys : sequence of Pair
        What ``k0``, ``k1``, … are; all compared columns where there is no key.
    pairs : sequence of Pair
        What ``d0``, ``a0``, ``b0``, … are; empty where there is no key.
    keyed : bool
        Whether a row stands for one row, and not for ``times``.
    """

    def __init__(
        self,
        session: Session,
        path: Path,
        keys: Sequence[Pair],
        pairs: Sequence[Pair],
        *,
        keyed: bool,
    ) -> None:
        self.session = session
        self.source = f"read_parquet({literal(str(path))})"
        self.keys, self.pairs = keys, pairs
        self.keyed = keyed
        self.times = "1" if keyed else "times"
        self.listed = ", ".join(f"k{at}" for at in range(len(keys)))

    def rows(self) -> dict[str, int]:
        """Return how many rows were added, removed and changed."""
        found = self._all(
            f"SELECT change, sum({self.times})::BIGINT FROM {self.source} GROUP BY change"
        )
        return {**dict.fromkeys(CHANGES, 0), **dict(found)}

    def cells(self) -> dict[str, int]:
        """Return how many cells of each column changed, in rows that both sides have."""
        if not self.pairs:
            return {}
        counts = ", ".join(f"count_if(d{at})" for at in range(len(self.pairs)))
        (found,) = self._all(f"SELECT {counts} FROM {self.source}")
        return {pair.name: count for pair, count in zip(self.pairs, found, strict=True)}

    def examples(self, hidden: Collection[str]) -> dict[str, list[dict[str, Any]]]:
        """Return up to five rows of each change, first by key; hidden columns redacted."""
        return {change: self._examples(change, hidden) for change in CHANGES}

    def _examples(self, change: str, hidden: Collection[str]) -> list[dict[str, Any]]:
        cells = "".join(f", d{at}, a{at}, b{at}" for at in range(len(self.pairs)))
        shown = ", ".join(
            f"k{at}" if {pair.a, pair.b} <= PLAIN else f"k{at}::VARCHAR"
            for at, pair in enumerate(self.keys)
        )
        found = self._all(
            f"SELECT {shown}{cells} FROM {self.source} WHERE change = {literal(change)} "
            f"ORDER BY {self.listed} LIMIT {EXAMPLES}"
        )
        return [self._example(row, change, hidden) for row in found]

    def _example(self, row: Sequence[Any], change: str, hidden: Collection[str]) -> dict[str, Any]:
        key = {
            pair.name: REDACTED if pair.name in hidden else plain(value)
            for pair, value in zip(self.keys, row, strict=False)
        }
        if change != "changed":
            return {"key": key}
        cells, rest = [], row[len(self.keys) :]
        for at, pair in enumerate(self.pairs):
            differs, a, b = rest[3 * at : 3 * at + 3]
            if differs:
                a, b = (REDACTED, REDACTED) if pair.name in hidden else (a, b)
                cells.append({"column": pair.name, "a": a, "b": b})
        return {"key": key, "cells": cells}

    def write(self, path: Path) -> int:
        """Write every difference to Parquet, ordered by key; return the lines.

        ``key_NAME`` (a column for each of the key; all compared ones where there is no key),
        ``change``, then ``column``, ``a`` and ``b`` as text, a line for each changed cell and
        one with nulls for a row that was added or removed; without a key, ``times``.
        """
        key = ", ".join(
            f"k{at} AS {identifier(f'key_{pair.name}')}" for at, pair in enumerate(self.keys)
        )
        whole = (
            f'SELECT {key}, change, NULL::VARCHAR AS "column", NULL::VARCHAR AS a, '
            f"NULL::VARCHAR AS b, {self.times} AS times, -1 AS place "
            f"FROM {self.source} WHERE change <> 'changed'"
        )
        cells = [
            f"SELECT {key}, change, {literal(pair.name)}, a{at}, b{at}, 1, {at} "
            f"FROM {self.source} WHERE d{at}"
            for at, pair in enumerate(self.pairs)
        ]
        order = ", ".join(str(at + 1) for at in range(len(self.keys) + 1))
        left_out = "times" if self.keyed else '"column", a, b'
        lines = " UNION ALL ".join([whole, *cells])
        return self.session.copy(
            f"SELECT * EXCLUDE (place, {left_out}) FROM ({lines}) ORDER BY {order}, place", path
        )

    def _all(self, query: str) -> list[tuple[Any, ...]]:
        return self.session.raw.execute(query).fetchall()
