# ruff: noqa: S608 — these queries hold no name of the user's.
"""The folds of train: blocks of time that expand, or groups of rows that cross."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem

if TYPE_CHECKING:
    from datetime import timedelta

    from mlpipe.table.session import Session

__all__ = ["crossed", "expanding"]


def crossed(relation: str, folds: int, session: Session, *, stratify: bool) -> str:
    """Return SQL of ``_row`` and a ``fold`` from 0 to folds − 1.

    Rows of one number share a fold, and the folds hold the same count of numbers.

    Parameters
    ----------
    relation : str
        SQL of the train rows: ``_row``, ``number``, and ``class`` where stratified.
    stratify : bool
        Whether the counts are the same within each class too.

    Raises
    ------
    DataError
        If there are fewer distinct rows or groups than folds.
    """
    window = "PARTITION BY class ORDER BY number" if stratify else "ORDER BY number"
    query = (
        f"SELECT _row, CAST((dense_rank() OVER ({window}) - 1) % {folds} AS SMALLINT) AS fold, "
        "CAST(-1 AS SMALLINT) AS teaches "
        f"FROM ({relation})"
    )
    found = _distinct(session, query)
    if found < folds:
        raise DataError(
            Problem(
                f"train holds {found} distinct rows or groups, too few for {folds} folds",
                key="train.folds",
                hint="lower train.folds",
            )
        )
    return query


def expanding(relation: str, folds: int, session: Session, gap: timedelta | None) -> str:
    """Return SQL of ``_row``, ``fold`` and ``teaches``: blocks of time, from 0 to folds.

    ``teaches`` is the first block that a model of this row may be scored on: what lies less than
    the gap before a block, as before valid and test, is not known yet when the block begins.

    Blocks have about the same count of rows; where a few timestamps hold most rows, about
    the same count of timestamps. A timestamp is in one block.

    Parameters
    ----------
    relation : str
        SQL of the train rows: ``_row`` and ``moment``.
    gap : timedelta or None
        ``split.gap``.

    Raises
    ------
    DataError
        If there are fewer than folds + 1 distinct times.
    """
    lead = f" + INTERVAL '{int(gap.total_seconds())} seconds'" if gap else ""
    for share in ("(before + rows / 2.0) / whole", "rank * 1.0 / times"):
        query = (
            f"WITH counted AS (SELECT moment, count(*) AS rows FROM ({relation}) GROUP BY moment), "
            "placed AS (SELECT moment, rows, sum(rows) OVER (ORDER BY moment) - rows AS before, "
            "sum(rows) OVER () AS whole, row_number() OVER (ORDER BY moment) - 1 AS rank, "
            "count(*) OVER () AS times FROM counted), "
            f"blocks AS (SELECT moment, CAST(floor({share} * {folds + 1}) AS SMALLINT) AS fold "
            "FROM placed), "
            "starts AS (SELECT fold AS block, min(moment) AS start FROM blocks GROUP BY fold), "
            "taught AS (SELECT b.moment, any_value(b.fold) AS fold, CAST(greatest("
            "any_value(b.fold) + 1, count(s.block)) AS SMALLINT) AS teaches FROM blocks b "
            f"LEFT JOIN starts s ON s.start < b.moment{lead} GROUP BY b.moment) "
            f"SELECT _row, fold, teaches FROM ({relation}) JOIN taught USING (moment)"
        )
        if _distinct(session, query) == folds + 1:
            return query
    raise DataError(
        Problem(
            f"train holds too few distinct times for {folds} expanding folds",
            key="train.folds",
            hint="lower train.folds, or part `by: random`",
        )
    )


def _distinct(session: Session, query: str) -> int:
    row = session.raw.execute(f"SELECT count(DISTINCT fold) FROM ({query})").fetchone()
    return int(row[0]) if row else 0
