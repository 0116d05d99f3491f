# ruff: noqa: S608 — columns are quoted by `identifier`.
"""The events of sources that aggregates of `featurize` are over, kept beside the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.ingest.assemble import zoned
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.columns import ROW
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlpipe.ingest.loaded import Loaded
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["keep_events"]


def keep_events(
    wanted: Mapping[str, Mapping[str, str]],
    sources: Sequence[Loaded],
    columns: Columns,
    session: Session,
) -> dict[str, Any]:
    """Return the columns that are read of each source, all its rows in their order.

    Times without a zone are read in the declared one, as those of the table are.

    Parameters
    ----------
    wanted : mapping of str to {column: key}
        By source; ``key`` is where the spec names the column.
    sources : sequence of Loaded
        What was read.
    columns : Columns
        Says the time zone.
    session : Session
        Where they are written.

    Raises
    ------
    SpecError
        If a source has no such column.
    DataError
        If a time is there twice or not at all in the declared zone.
    """
    by_name = {source.name: source for source in sources}
    problems = [
        problem
        for name, keys in wanted.items()
        for problem in _unknown(name, keys, by_name[name].columns)
    ]
    if problems:
        raise SpecError(*problems)
    return {
        f"events_{name}": _kept(by_name[name], sorted(keys), columns, session)
        for name, keys in wanted.items()
    }


def _unknown(name: str, keys: Mapping[str, str], there: Sequence[str]) -> Iterator[Problem]:
    for column, key in keys.items():
        if column not in there:
            hint = did_you_mean(column, there) or f"it has {', '.join(there)}"
            yield Problem(f"the source {name} has no column '{column}'", key=key, hint=hint)


def _kept(source: Loaded, names: Sequence[str], columns: Columns, session: Session) -> Any:
    listed = ", ".join(map(identifier, names))
    narrow = f"SELECT {ROW}, {listed} FROM ({source.positioned()})"
    described = session.raw.execute(f"DESCRIBE {narrow}").fetchall()
    query = zoned(session, narrow, {row[0]: row[1] for row in described}, columns)
    path = session.path(f"events-{source.name}")
    session.copy(f"SELECT {listed} FROM ({query}) ORDER BY {ROW}", path)
    return session.read(path)
