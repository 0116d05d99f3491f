# ruff: noqa: S608 — every name in these queries is quoted by `identifier`.
"""The key of a table: in every row, in one only, and of one type in what is joined to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.table.session import Session

__all__ = ["check_key", "check_key_types", "types_of"]


def check_key(session: Session, query: str, keys: Sequence[str], where: str) -> None:
    """Refuse a key that is missing in a row or stands in several."""
    if not keys:
        return
    listed = ", ".join(identifier(key) for key in keys)
    missing = " OR ".join(f"{identifier(key)} IS NULL" for key in keys)
    row = session.raw.execute(f"SELECT count(*) FROM ({query}) WHERE {missing}").fetchone()
    if row and row[0]:
        raise DataError(
            Problem(f"the key is missing in {row[0]:,} rows of {where}", key=", ".join(keys))
        )
    doubled = session.raw.execute(
        f"SELECT {listed}, count(*) AS times, count(*) OVER () AS keys FROM ({query}) "
        f"GROUP BY {listed} HAVING count(*) > 1 ORDER BY {listed} LIMIT 5"
    ).fetchall()
    if doubled:
        samples = "; ".join(
            f"{', '.join(str(part) for part in row[:-2])} ({row[-2]} rows)" for row in doubled
        )
        raise DataError(
            Problem(
                f"the key is not unique in {where}: {doubled[0][-1]:,} keys stand in several "
                f"rows, such as {samples}",
                key=", ".join(keys),
                hint="declare more columns as the key, or make rows distinct in ingest.sql",
            )
        )


def check_key_types(
    keys: Sequence[str], ours: Mapping[str, str], theirs: Mapping[str, str], what: str
) -> None:
    """Refuse keys of different types in the table and in what is joined to it.

    Raises
    ------
    DataError
        For text on one side and numbers or times on the other.
    """
    problems = [
        Problem(
            f"is {ours[key].lower()} in the table and {theirs[key].lower()} in {what}",
            key=key,
            hint=f"declare `types: {{{key}: …}}` alike in both",
        )
        for key in keys
        if _family(ours[key]) != _family(theirs[key])
    ]
    if problems:
        raise DataError(*problems)


def _family(engine: str) -> str:
    if engine.startswith("TIMESTAMP") or engine == "DATE":
        return "time with zone" if "TIME ZONE" in engine else "time"
    numbers = ("INT", "BIGINT", "SMALLINT", "TINYINT", "DOUBLE", "FLOAT", "DECIMAL", "HUGEINT")
    return "number" if engine.removeprefix("U").startswith(numbers) else engine


def types_of(session: Session, query: str) -> dict[str, str]:
    """Return the engine's type of each column of a query."""
    rows = session.raw.execute(f"DESCRIBE {query}").fetchall()
    return {row[0]: row[1] for row in rows}
