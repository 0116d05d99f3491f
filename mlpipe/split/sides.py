# ruff: noqa: S608 — every name in these queries is quoted by `identifier`.
"""Which rows are train, valid and test: a column of SQL for each way to part them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.spec.suggest import did_you_mean
from mlpipe.split.spec import Split, Where
from mlpipe.table.condition import check_condition
from mlpipe.table.identity import identity, salted
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["by_column", "by_hash", "by_pattern", "need"]

PARTS = ("train", "valid", "test", "out")


def need(column: str | None, names: Sequence[str], key: str, why: str) -> str:
    """Return a column that the split cannot do without.

    Raises
    ------
    SpecError
        If it is not declared, or the table does not have it.
    """
    if column is None:
        raise SpecError(Problem(why, key=key))
    if column not in names:
        raise SpecError(
            Problem(f"there is no column '{column}'", key=key, hint=did_you_mean(column, names))
        )
    return column


def by_hash(
    spec: Split,
    columns: Columns,
    seed: int,
    names: Sequence[str],
    *,
    relation: str,
    session: Session,
) -> str:
    """Return SQL of the part of a row by the hash of what it is (random, group).

    A row's side depends on nothing but itself, so it stays where it is as the data grows.
    """
    group = None
    if spec.by == "group":
        key = "split.column" if spec.column else "columns.entity"
        group = need(spec.column or columns.entity, names, key, "`by: group` needs columns.entity")
    number = salted(identity(columns, names, group), f"split:{seed}:")
    share = f"(({number}) / 18446744073709551616.0)"
    if spec.stratify:
        share = _within_class(columns, names, number)
    return _sides(spec, share, relation, session)


def _within_class(columns: Columns, names: Sequence[str], number: str) -> str:
    """Return SQL of the rank of a row's hash within its class, from 0 to 1."""
    if columns.entity is not None:
        raise SpecError(
            Problem(
                "rows of one entity may be of several classes",
                key="split.stratify",
                hint="drop stratify, or columns.entity",
            )
        )
    target = need(columns.target_name, names, "columns.target", "stratify needs columns.target")
    window = f"PARTITION BY {identifier(target)}"
    return f"((rank() OVER ({window} ORDER BY {number}) - 0.5) / count(*) OVER ({window}))"


def _sides(spec: Split, share: str, relation: str, session: Session) -> str:
    """Turn the two sides of the spec into one CASE; conditions come first."""
    cases, taken = [], 0.0
    sides = (("test", spec.test), ("valid", spec.valid))
    for part, side in sides:
        if isinstance(side, Where):
            check_condition(session, side.where, relation, f"split.{part}.where")
            cases.append(f"WHEN ({side.where}\n) THEN '{part}'")
    for part, side in sides:
        if isinstance(side, float):
            cases.append(f"WHEN {share} < {taken + side!r} THEN '{part}'")
            taken += side
    return f"CASE {' '.join(cases)} ELSE 'train' END"


def by_column(spec: Split, names: Sequence[str], *, relation: str, session: Session) -> str:
    """Return SQL of the part that a column of the table names.

    Raises
    ------
    DataError
        If the column holds anything but train, valid, test and out.
    """
    column = identifier(need(spec.column, names, "split.column", "`by: column` needs a column"))
    listed = ", ".join(literal(part) for part in PARTS)
    other = session.raw.execute(
        f"SELECT DISTINCT CAST({column} AS VARCHAR) FROM ({relation}) "
        f"WHERE {column} IS NULL OR CAST({column} AS VARCHAR) NOT IN ({listed}) "
        "ORDER BY 1 NULLS FIRST LIMIT 5"
    ).fetchall()
    if other:
        samples = ", ".join("null" if value is None else repr(value) for (value,) in other)
        raise DataError(
            Problem(
                f"holds {samples}; expected train, valid, test or out",
                key=spec.column or "",
                hint="name the parts in ingest.sql",
            )
        )
    return f"CAST({column} AS VARCHAR)"


def by_pattern(
    spec: Split,
    columns: Columns,
    seed: int,
    names: Sequence[str],
    *,
    relation: str,
    session: Session,
) -> str:
    """Return SQL of the part by the file that a row came from."""
    column = need(
        spec.column or ("file" if "file" in names else None),
        names,
        "split.column",
        "`by: file` needs the column that ingest.sources.X.file_column adds",
    )
    if not isinstance(spec.test, str):
        raise SpecError(Problem("`by: file` needs the pattern of the test files", key="split.test"))
    cases = []
    for part, side in (("test", spec.test), ("valid", spec.valid)):
        if isinstance(side, str):
            cases.append(f"WHEN {_matches(column, side)} THEN '{part}'")
            _refuse_unmatched(relation, column, side, part, session)
    if isinstance(spec.valid, float) and spec.valid:
        number = salted(identity(columns, names), f"split:{seed}:")
        cases.append(f"WHEN ({number}) / 18446744073709551616.0 < {spec.valid!r} THEN 'valid'")
    return f"CASE {' '.join(cases)} ELSE 'train' END"


def _matches(column: str, pattern: str) -> str:
    return f"({identifier(column)} GLOB {literal(pattern)})"


def _refuse_unmatched(
    relation: str, column: str, pattern: str, part: str, session: Session
) -> None:
    found = session.raw.execute(
        f"SELECT list(DISTINCT {identifier(column)} ORDER BY {identifier(column)}) "
        f"FROM ({relation}) HAVING count_if({_matches(column, pattern)}) = 0"
    ).fetchone()
    if found:
        raise SpecError(
            Problem(
                f"no file matches '{pattern}'",
                key=f"split.{part}",
                hint=f"there are: {', '.join(map(str, found[0][:5]))}",
            )
        )
