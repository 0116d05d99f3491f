# ruff: noqa: S608 — every name in these queries is quoted by `identifier`.
"""Parting by time: boundaries between timestamps, never through one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.split.sides import need
from mlpipe.split.spec import Since, Split, Where
from mlpipe.table.condition import check_condition
from mlpipe.table.duration import parse
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["Boundaries", "by_time"]


@dataclass(frozen=True)
class Boundaries:
    """The first moment of a part, as text that the engine casts back; None for no such part."""

    test: str | None
    valid: str | None


def by_time(
    spec: Split,
    columns: Columns,
    names: Sequence[str],
    *,
    relation: str,
    session: Session,
) -> tuple[str, Boundaries]:
    """Return SQL of the part of a row by its time, and the boundaries.

    Test is the latest rows, valid those before, train the rest. Rows less than the gap
    before a boundary are out.

    Parameters
    ----------
    relation : str
        SQL of the rows that are in scope.

    Raises
    ------
    SpecError
        If there is no time column, or a date or gap does not fit it.
    DataError
        If times are missing, or a boundary would leave a part without rows.
    """
    time = need(columns.time, names, "columns.time", "`by: time` needs columns.time")
    column = identifier(time)
    kind = _kind(session, relation, column)
    _refuse_missing(session, relation, column, time)
    test = _start(spec, "test", None, column, kind, relation=relation, session=session)
    valid = _start(spec, "valid", test, column, kind, relation=relation, session=session)
    cases = []
    for part, start in (("test", test), ("valid", valid)):
        if start is None:
            continue
        moment = f"CAST({literal(start)} AS {kind})"
        cases.append(f"WHEN {column} >= {moment} THEN '{part}'")
        if spec.gap:
            cases.append(f"WHEN {column} >= {_before(moment, spec.gap, kind)} THEN 'out'")
    case = f"CASE {' '.join(cases)} ELSE 'train' END" if cases else "'train'"
    return case, Boundaries(test, valid)


def _kind(session: Session, relation: str, column: str) -> str:
    return str(session.raw.execute(f"DESCRIBE SELECT {column} FROM ({relation})").fetchall()[0][1])


def _refuse_missing(session: Session, relation: str, column: str, name: str) -> None:
    row = session.raw.execute(
        f"SELECT count(*) FROM ({relation}) WHERE {column} IS NULL"
    ).fetchone()
    if row and row[0]:
        raise DataError(
            Problem(
                f"is missing in {row[0]:,} rows, which belong to no time",
                key=name,
                hint="leave them out in ingest.sql, or by ingest.scope",
            )
        )


def _before(moment: str, gap: str, kind: str) -> str:
    if not kind.startswith(("DATE", "TIMESTAMP")):
        raise SpecError(
            Problem(
                f"a gap in time needs dates or times, and columns.time is {kind.lower()}",
                key="split.gap",
            )
        )
    seconds = int(parse(gap).total_seconds())
    return f"{moment} - to_seconds({seconds})"


def _start(
    spec: Split,
    part: str,
    end: str | None,
    column: str,
    kind: str,
    *,
    relation: str,
    session: Session,
) -> str | None:
    """Return the first moment of a part that ends where the next one starts."""
    side = spec.test if part == "test" else spec.valid
    before = relation
    if end is not None:
        before = f"SELECT * FROM ({relation}) WHERE {column} < CAST({literal(end)} AS {kind})"
    if isinstance(side, Since):
        return _cast(session, side.since, kind, f"split.{part}.since")
    if isinstance(side, Where):
        key = f"split.{part}.where"
        check_condition(session, side.where, relation, key)
        return _first_where(session, before, column, side.where, key)
    if not isinstance(side, float) or side == 0:
        return None
    row = session.raw.execute(f"SELECT count(*) FROM ({relation})").fetchone() or (0,)
    return _nearest(session, before, column, side * row[0], part)


def _cast(session: Session, text: str, kind: str, key: str) -> str:
    import duckdb

    try:
        row = session.raw.execute(
            f"SELECT CAST(CAST({literal(text)} AS {kind}) AS VARCHAR)"
        ).fetchone()
    except duckdb.Error:
        raise SpecError(Problem(f"'{text}' is not a {kind.lower()}", key=key)) from None
    return str(row[0]) if row else text


def _first_where(
    session: Session, relation: str, column: str, condition: str, key: str
) -> str | None:
    """Return the first time of the rows that meet a condition, if they are the latest."""
    row = session.raw.execute(
        f"SELECT CAST(min({column}) FILTER (WHERE ({condition}\n)) AS VARCHAR), "
        f"min({column}) FILTER (WHERE ({condition}\n)) "
        f"> max({column}) FILTER (WHERE ({condition}\n) IS NOT TRUE) FROM ({relation})"
    ).fetchone()
    if row and row[0] is not None and row[1] is False:
        raise DataError(
            Problem(
                "rows of the part are not later than all rows before it",
                key=key,
                hint="part by since: date, or use `by: random` or `by: column`",
            )
        )
    return str(row[0]) if row and row[0] is not None else None


def _nearest(session: Session, relation: str, column: str, rows: float, part: str) -> str:
    """Return the timestamp from which on there are as near as can be to ``rows`` rows.

    The earliest timestamp is never it: something must be left before the boundary.
    """
    row = session.raw.execute(
        f"WITH times AS (SELECT {column} AS moment, count(*) AS held FROM ({relation}) GROUP BY 1),"
        " later AS (SELECT moment, sum(held) OVER (ORDER BY moment DESC) AS after, "
        "min(moment) OVER () AS earliest FROM times) "
        "SELECT CAST(moment AS VARCHAR) FROM later WHERE moment > earliest "
        f"ORDER BY abs(after - {rows!r}), moment DESC LIMIT 1"
    ).fetchone()
    if row is None:
        raise DataError(
            Problem(
                f"there are too few distinct times to part {part} from what is before it",
                key="columns.time",
                hint="use `by: random`, or a finer time",
            )
        )
    return str(row[0])
