# ruff: noqa: S608 — every name in these queries is quoted by `identifier`.
"""Labels that come late, twice, or against one another: what is joined of them, and what is said.

Labels of training that are there twice are a fault of the data. Those of current data arrive bit
by bit, from systems that send again what they sent before: that is no reason to say nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem
from mlpipe.table.columns import ROW
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.ingest.loaded import Loaded
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["Arrived", "agreed", "arrived", "require_target"]


@dataclass(frozen=True)
class Arrived:
    """How many labels have come; monitor says which counts deserve a look.

    Attributes
    ----------
    labelled, waiting : int
        Rows with a label, and without one.
    doubled : int
        Labels that say again what another of the same key says; each key counts once.
    contradicting : int
        Labels of keys whose labels differ; they are left out.
    unmatched : int
        Keys of labels that belong to no row.
    """

    labelled: int
    waiting: int
    doubled: int = 0
    contradicting: int = 0
    unmatched: int = 0


def require_target(labels: Loaded, names: Sequence[str], columns: Columns) -> None:
    """Refuse labels that do not hold the target.

    Raises
    ------
    DataError
        Where the rows do not hold it either, or hold it instead.
    """
    target = columns.target_name
    if target is None or target in labels.columns:
        return
    where = "; the rows hold it themselves" if target in names else ""
    hint = f"they have: {', '.join(labels.columns)}"
    raise DataError(Problem(f"the labels have no column '{target}'{where}", "labels", target, hint))


def agreed(
    labels: Loaded, keys: Sequence[str], target: str, session: Session
) -> tuple[Loaded, int, int]:
    """Return one label for each key on which its labels agree, and what was left out.

    Parameters
    ----------
    labels : Loaded
        With the key and the target; a row without one of them is no label yet.
    keys : sequence of str
    target : str
    session : Session

    Returns
    -------
    Loaded
        In the order in which the keys first came; of other columns, the first value.
    int
        Labels that repeat another.
    int
        Labels that contradict another.
    """
    group = ", ".join(identifier(key) for key in keys)
    rest = [name for name in labels.columns if name not in keys]
    firsts = ", ".join(f"arg_min({name}, {ROW}) AS {name}" for name in map(identifier, rest))
    known = " AND ".join(f"{identifier(name)} IS NOT NULL" for name in (*keys, target))
    found = session.path("labels_by_key")
    session.copy(
        f"SELECT {group}, {firsts}, min({ROW}) AS first_, count(*) AS times, "
        f"count(DISTINCT {identifier(target)}) AS different "
        f"FROM ({labels.positioned()}) WHERE {known} GROUP BY {group} ORDER BY first_",
        found,
    )
    by_key = session.con.compile(session.read(found))
    doubled, contradicting = session.raw.execute(
        "SELECT coalesce(sum(times - 1) FILTER (different = 1), 0), "
        f"coalesce(sum(times) FILTER (different > 1), 0) FROM ({by_key})"
    ).fetchone() or (0, 0)
    path = session.path("labels_agreed")
    names = ", ".join(identifier(name) for name in labels.columns)
    rows = session.copy(f"SELECT {names} FROM ({by_key}) WHERE different = 1", path)
    return replace(labels, paths=(path,), rows=rows), int(doubled), int(contradicting)


def arrived(session: Session, query: str, target: str) -> Arrived:
    """Count the rows of a query that have a label."""
    column = identifier(target)
    labelled, waiting = session.raw.execute(
        f"SELECT count({column}), count(*) FILTER ({column} IS NULL) FROM ({query})"
    ).fetchone() or (0, 0)
    return Arrived(labelled, waiting)
