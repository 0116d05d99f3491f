"""One source: read, without the rows that repeat another, its columns under their new names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.ingest.formats import load_files
from mlpipe.ingest.subset import reshaped
from mlpipe.table.columns import TAKEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from mlpipe.ingest.loaded import BadRow, Loaded
    from mlpipe.ingest.source import Source
    from mlpipe.table.session import Session

__all__ = ["load_source", "quarantine"]


def load_source(name: str, source: Source, key: str, most: int | float, session: Session) -> Loaded:
    """Read a source from local files.

    Parameters
    ----------
    name : str
        For messages.
    source : Source
    key : str
        The dotted key of the source, for messages.
    most : int or float
        ``max_bad_rows``.
    session : Session

    Raises
    ------
    SpecError
        If there are no such files, or the source is remote.
    DataError
        If they cannot be read exactly, or hold a column of a name that is reserved.
    """
    if source.is_remote:
        what = "comes from a URL or a database, which is not fetched here"
        hint = f"give a file in its place: --source {name}=PATH"
        raise SpecError(Problem(what, key=key, hint=hint))
    loaded = load_files(name, source, key, most, session)
    taken = [column for column in loaded.columns if column.lower() in TAKEN]
    if taken:
        hint = "give it another name in the files, or where the spec adds it"
        raise DataError(
            Problem(f"has a column '{taken[0]}', which is reserved", key=key, hint=hint)
        )
    return reshaped(loaded, source, key, session)


def quarantine(loaded: Sequence[Loaded], session: Session) -> ir.Table:
    """Return the bad rows of some sources: source, file, line, column, reason, raw."""
    bad: list[BadRow] = [row for source in loaded for row in source.bad]
    path = session.path("quarantine")
    kinds = {"source": "VARCHAR", "file": "VARCHAR", "line": "BIGINT"}
    kinds |= dict.fromkeys(("column", "reason", "raw"), "VARCHAR")
    columns = {name: (kind, [getattr(row, name) for row in bad]) for name, kind in kinds.items()}
    session.write_columns(columns, path)
    return session.read(path)
