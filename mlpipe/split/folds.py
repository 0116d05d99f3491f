# ruff: noqa: S608 — these queries hold no name of the user's.
"""The folds of train: blocks of time that expand, or groups of rows that cross."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem

if TYPE_CHECKING:
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
        f"SELECT _row, CAST((dense_rank() OVER ({window}) - 1) % {folds} AS SMALLINT) AS fold "
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


def expanding(relation: str, folds: int, session: Session) -> str:
    """Return SQL of ``_row`` and a ``fold`` from 0 to folds, later rows in later ones.

    Blocks have about the same count of rows; where a few timestamps hold most rows, about
    the same count of timestamps. A timestamp is in one block.

    Parameters
    ----------
    relation : str
        SQL of the train rows: ``_row`` and ``moment``.

    Raises
    ------
    DataError
        If there are fewer than folds + 1 distinct times.
    """
    for share in ("(before + rows / 2.0) / whole", "rank * 1.0 / times"):
        query = (
            f"WITH counted AS (SELECT moment, count(*) AS rows FROM ({relation}) GROUP BY moment), "
            "placed AS (SELECT moment, rows, sum(rows) OVER (ORDER BY moment) - rows AS before, "
            "sum(rows) OVER () AS whole, row_number() OVER (ORDER BY moment) - 1 AS rank, "
            "count(*) OVER () AS times FROM counted) "
            f"SELECT _row, CAST(floor({share} * {folds + 1}) AS SMALLINT) AS fold "
            f"FROM ({relation}) JOIN placed USING (moment)"
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
