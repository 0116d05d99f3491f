"""The way out of SQL: a function of the user, frames by source name in, one frame out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import ComputeError, Problem
from mlpipe.features.python import load
from mlpipe.ingest.files import expand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import ibis.expr.types as ir
    import pandas as pd

    from mlpipe.ingest.loaded import Loaded
    from mlpipe.table.session import Session

__all__ = ["source_of", "together"]

KEY = "ingest.python"
TAKES = "sources: dict[str, pandas.DataFrame], variables: dict[str, str]"


def source_of(name: str) -> str:
    """Return the text of the file of ``file.py:function``."""
    return expand(name.rpartition(":")[0], KEY)[0].read_text(encoding="utf-8")


def together(
    name: str,
    source: str,
    loaded: Sequence[Loaded],
    variables: Mapping[str, str],
    session: Session,
) -> Path:
    """Call the function over the sources and return the Parquet file of what it makes.

    The function is ``def shape(sources: dict[str, pandas.DataFrame], variables: dict[str, str])
    -> pandas.DataFrame``; it must be pure. The sources are in memory while it runs. The order of
    the rows it returns is kept, the index is dropped.

    Parameters
    ----------
    name : str
        ``file.py:function``.
    source : str
        The text of the file.

    Raises
    ------
    SpecError
        If the source does not run, or does not define the function.
    ComputeError
        If the function fails, or does not return a frame with named columns.
    """
    path, _, function = name.rpartition(":")
    frames = {
        each.name: session.raw.sql(each.relation()).to_arrow_table().to_pandas() for each in loaded
    }
    call = load(path, function, source, TAKES)
    try:
        made = call(frames, dict(variables))
    except (Exception, SystemExit) as error:
        said = f"{type(error).__name__}: {error}"
        raise ComputeError(Problem(f"the function failed: {said}", place=name, key=KEY)) from error
    _check(made, name)
    target = session.path("shaped")
    session.write(_table(made, name, session), target)
    return target


def _check(made: Any, name: str) -> None:
    import pandas as pd

    if not isinstance(made, pd.DataFrame):
        what = f"returned {type(made).__name__}; expected a pandas.DataFrame"
        raise ComputeError(Problem(f"the function {what}", place=name, key=KEY))
    names = [str(column).lower() for column in made.columns]
    odd = [column for column in made.columns if not isinstance(column, str) or not column.strip()]
    if odd or len(set(names)) < len(names):
        what = "returned columns without a name, or of one name but for case"
        raise ComputeError(Problem(f"the function {what}", place=name, key=KEY))


def _table(made: pd.DataFrame, name: str, session: Session) -> ir.Table:
    import pyarrow as pa

    try:
        return session.frame(made)
    except (pa.ArrowException, TypeError, ValueError) as error:
        said = str(error).splitlines()[0]
        hint = "let every column hold one type: numbers, strings, dates or booleans"
        raise ComputeError(
            Problem(f"the function returned what no table holds: {said}", name, KEY, hint)
        ) from error
