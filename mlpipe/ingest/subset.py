# ruff: noqa: S608 — every name in these queries is quoted by `identifier`.
"""Fewer rows than there are: a sample, the first ones, or one of several that are alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlpipe.errors import Problem, SpecError
from mlpipe.ingest.places import kept_breaks
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.columns import ROW, TAKEN, Columns
from mlpipe.table.identity import identity, salted
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.ingest.loaded import Loaded
    from mlpipe.ingest.source import Source
    from mlpipe.table.session import Session

__all__ = ["reshaped", "subset"]


def subset(
    session: Session, query: str, columns: Columns, sample: int | float | None, limit: int | None
) -> str:
    """Return SQL of the rows that are kept.

    A sample is of whole entities, else of keys, else of rows by their content, by the hash of
    what they are: the same ones each time, and most of the same ones when the data grows.

    Parameters
    ----------
    query : str
        SQL of the rows with their position.
    sample : int or float, optional
        The most rows to keep, or the share of entities below 1.
    limit : int, optional
        How many of the first rows to keep.
    """
    if sample is not None:
        names = [row[0] for row in session.raw.execute(f"DESCRIBE {query}").fetchall()]
        unit = salted(identity(columns, names), "sample")
        cut = (
            int(sample * 2**64) if isinstance(sample, float) else _cut(session, query, unit, sample)
        )
        query = f"SELECT * FROM ({query}) WHERE {unit} <= {cut}"
    if limit is not None:
        query = f"SELECT * FROM ({query}) ORDER BY {ROW} LIMIT {limit}"
    return query


def _cut(session: Session, query: str, unit: str, most: int) -> int:
    """Return the hash up to which units hold ``most`` rows together; one unit at least."""
    units = f"SELECT {unit} AS unit, count(*) AS rows FROM ({query}) GROUP BY 1"
    summed = f"SELECT unit, sum(rows) OVER (ORDER BY unit) AS together FROM ({units})"
    row = session.raw.execute(
        f"SELECT coalesce(max(unit) FILTER (together <= {most}), min(unit)) FROM ({summed})"
    ).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def reshaped(loaded: Loaded, source: Source, key: str, session: Session) -> Loaded:
    """Return a source without the rows that repeat another, its columns under their new names.

    Parameters
    ----------
    key : str
        The dotted key of the source, to name in an error.

    Raises
    ------
    SpecError
        For a column that is not there, or a new name that is taken.
    """
    if source.dedupe is None and not source.rename:
        return loaded
    _check(loaded, source, key)
    names = [source.rename.get(name, name) for name in loaded.columns]
    chosen = ", ".join(
        f"{identifier(old)} AS {identifier(new)}"
        for old, new in zip(loaded.columns, names, strict=True)
    )
    kept = loaded.positioned()
    if source.dedupe is not None:
        alike = ", ".join(map(identifier, source.dedupe.by or loaded.columns))
        order = f"{ROW} DESC" if source.dedupe.keep == "last" else ROW
        kept += f" QUALIFY row_number() OVER (PARTITION BY {alike} ORDER BY {order}) = 1"
    target = session.path("source")
    rows = session.copy(
        f"SELECT {chosen} FROM ({kept}) ORDER BY {ROW}", target, compression="snappy"
    )
    breaks = loaded.breaks
    if breaks is not None and rows < loaded.rows:
        breaks = kept_breaks(session, breaks, f"SELECT {ROW} AS row FROM ({kept})")
    return replace(
        loaded,
        paths=(target,),
        columns=tuple(names),
        rows=rows,
        repeated=loaded.rows - rows,
        breaks=breaks,
    )


def _check(loaded: Loaded, source: Source, key: str) -> None:
    named = [(f"{key}.rename.{name}", name) for name in source.rename]
    if source.dedupe is not None:
        named += [(f"{key}.dedupe.by", name) for name in source.dedupe.by]
    problems = [
        Problem(f"there is no column '{name}'", key=at, hint=did_you_mean(name, loaded.columns))
        for at, name in named
        if name not in loaded.columns
    ]
    problems += _taken([source.rename.get(name, name) for name in loaded.columns], key)
    if problems:
        raise SpecError(*problems)


def _taken(names: Sequence[str], key: str) -> list[Problem]:
    lowered = [name.lower() for name in names]
    return [
        Problem(f"the name '{name}' is reserved or stands twice", key=f"{key}.rename")
        for at, name in enumerate(names)
        if name.lower() in TAKEN or lowered.index(name.lower()) < at
    ]
