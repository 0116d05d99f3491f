# ruff: noqa: S608 — every name in these queries is quoted by `identifier`.
"""Which rows something has seen, in a few kilobytes, to tell later whether others are among them.

Kept are the rows with the smallest digests: of few rows all, of many a random sample that is the
same wherever the same rows are (the bottom-k sketch of Cohen and Kaplan 2007). Of other rows, those
with digests as small are looked up. So it is exact up to 4,096 rows; beyond, one row in N / 4,096
is looked up, and a part that has been seen is found by some of its rows.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, TypedDict

from mlpipe.table.columns import RESERVED, ROW, Columns
from mlpipe.table.identity import salted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from mlpipe.table.session import Session

__all__ = ["KEPT", "Fingerprints", "fingerprints", "rows_among"]

KEPT = 4096
_SALT = "row:"


class Fingerprints(TypedDict):
    """The rows that were seen.

    Attributes
    ----------
    by : list of str
        The columns that tell rows apart: the key, or all columns.
    rows : int
        How many distinct rows there are.
    below : int or None
        Digests from here on were not kept; None where all were.
    digests : str
        64-bit numbers, little-endian and ascending, as Base64.
    """

    by: list[str]
    rows: int
    below: int | None
    digests: str


def fingerprints(
    table: ir.Table, columns: Columns, session: Session, kept: int = KEPT
) -> Fingerprints:
    """Return the fingerprints of the rows of a table.

    Parameters
    ----------
    table : ibis table
    columns : Columns
        The key tells rows apart; without one, their content does.
    session : Session
    kept : int
        How many digests are kept at most.
    """
    import numpy as np

    names = list(columns.keys) or sorted(name for name in table.columns if name not in RESERVED)
    relation = f"SELECT {salted(names, _SALT)} AS d FROM ({session.con.compile(table)})"
    found = session.raw.execute(
        f"SELECT DISTINCT d FROM ({relation}) ORDER BY d LIMIT {kept + 1}"
    ).fetchall()
    total = session.raw.execute(f"SELECT count(DISTINCT d) FROM ({relation})").fetchall()[0][0]
    digests = [row[0] for row in found]
    below = digests[kept] if len(digests) > kept else None
    packed = np.array(digests[:kept], dtype="<u8").tobytes()
    return Fingerprints(
        by=names, rows=total, below=below, digests=base64.b64encode(packed).decode()
    )


def rows_among(
    seen: Fingerprints, table: ir.Table, but: ir.Table, session: Session
) -> tuple[list[int], int]:
    """Return which rows of a table are among those seen, and how many were looked up.

    Parameters
    ----------
    seen : Fingerprints
    table, but : ibis table
        With ``_row`` and the columns of ``seen["by"]``. Rows that are the like of one in ``but``
        are left aside: without a key, equal rows cannot be told apart.
    session : Session
    """
    import numpy as np

    found = _digests(seen, table, session)
    others = {digest for _, digest in _digests(seen, but, session)}
    known = set(np.frombuffer(base64.b64decode(seen["digests"]), dtype="<u8").tolist()) - others
    return [row for row, digest in found if digest in known], len(found)


def _digests(seen: Fingerprints, table: ir.Table, session: Session) -> Sequence[tuple[int, int]]:
    """Return ``_row`` and digest of the rows whose digests would have been kept."""
    digest = salted(seen["by"], _SALT)
    bound = "" if seen["below"] is None else f"WHERE d < {int(seen['below'])}"
    query = f"SELECT {ROW}, {digest} AS d FROM ({session.con.compile(table)})"
    found = session.raw.execute(f"SELECT {ROW}, d FROM ({query}) {bound} ORDER BY 1").fetchall()
    return [(int(row), int(digest)) for row, digest in found]
