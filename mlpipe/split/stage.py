# ruff: noqa: S608 — every name in these queries is quoted by `identifier`.
"""The split step: one part and one fold for every row of the ingested table."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem
from mlpipe.split.folds import crossed, expanding
from mlpipe.split.sides import PARTS, by_column, by_hash, by_pattern
from mlpipe.split.times import Boundaries, by_time
from mlpipe.table.columns import ROW, SCOPE, Columns
from mlpipe.table.duration import parse
from mlpipe.table.identity import identity, salted
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from pathlib import Path

    import ibis.expr.types as ir

    from mlpipe.split.spec import Split
    from mlpipe.table.session import Session

__all__ = ["split"]

MIN_FOLDS = 2


def split(
    spec: Split, columns: Columns, folds: int, seed: int, table: ir.Table, session: Session
) -> dict[str, Any]:
    """Say which part and which fold each row is in.

    Parameters
    ----------
    spec : Split
        The section.
    columns : Columns
        Key, entity, time and target decide what stays together.
    folds : int
        How many times train is parted for out-of-fold predictions; below 2 for none.
    seed : int
        Salts the hashes of random and group parts and of crossed folds.
    table : ibis table
        The ingested table.

    Returns
    -------
    dict
        ``parts``: ``_row``, ``part`` (train, valid, test, out), ``fold`` (int16, −1 where the
        part is not train) and ``teaches`` (int16: of expanding folds, the first block that a
        model of the row may be scored on), one row for each of the table, in its order.
        ``report``: by, rows, folds, test_rows (a digest of which they are), boundaries, warnings.

    Raises
    ------
    SpecError
        If the section speaks of columns or dates that are not there.
    DataError
        If a part that was asked for, or train, would be empty.
    """
    relation = session.con.compile(table)
    if SCOPE in table.columns:
        relation = f"SELECT * FROM ({relation}) WHERE {SCOPE}"
    sided, boundaries = _sided(spec, columns, seed, relation, session)
    counts = _counts(session, sided)
    _refuse_empty(spec, counts)
    train = f"SELECT * FROM ({sided}) WHERE part = 'train'"
    folded = _folded(spec, folds, train, session)
    target = session.path("parts")
    total = session.copy(
        f"SELECT w.{ROW}, coalesce(s.part, 'out') AS part, "
        "coalesce(f.fold, CAST(-1 AS SMALLINT)) AS fold, "
        "coalesce(f.teaches, CAST(-1 AS SMALLINT)) AS teaches "
        f"FROM ({session.con.compile(table.select(ROW))}) w LEFT JOIN ({sided}) s USING ({ROW}) "
        f"LEFT JOIN ({folded}) f USING ({ROW}) ORDER BY w.{ROW}",
        target,
    )
    counts["out"] += total - sum(counts.values())
    starts = {"valid": boundaries.valid, "test": boundaries.test}
    report = {
        "by": spec.by,
        "rows": counts,
        "folds": {
            "kind": "expanding" if spec.by == "time" else "crossed",
            "count": folds if folds >= MIN_FOLDS else 0,
        },
        "test_rows": _test_rows(session, target),
        "boundaries": {part: start for part, start in starts.items() if start is not None},
        "warnings": _warnings(spec, columns, sided, session),
    }
    return {"parts": session.read(target), "report": report}


def _sided(
    spec: Split, columns: Columns, seed: int, relation: str, session: Session
) -> tuple[str, Boundaries]:
    """Write the part of each row in scope, and what its fold depends on; return SQL of it."""
    names = [row[0] for row in session.raw.execute(f"DESCRIBE {relation}").fetchall()]
    boundaries = Boundaries(None, None)
    if spec.by == "time":
        side, boundaries = by_time(spec, columns, names, relation=relation, session=session)
    elif spec.by == "column":
        side = by_column(spec, names, relation=relation, session=session)
    elif spec.by == "file":
        side = by_pattern(spec, columns, seed, names, relation=relation, session=session)
    else:
        side = by_hash(spec, columns, seed, names, relation=relation, session=session)
    group = spec.column if spec.by == "group" else None
    roles = {"moment": columns.time, "class": columns.target_name, "entity": columns.entity}
    present = {name: identifier(role) for name, role in roles.items() if role in names and role}
    present["number"] = salted(identity(columns, names, group), f"fold:{seed}:")
    facts = ", ".join(f"{value} AS {name}" for name, value in present.items())
    target = session.path("sides")
    session.copy(f"SELECT {ROW}, {side} AS part, {facts} FROM ({relation})", target)
    return f"SELECT * FROM read_parquet({literal(str(target))})", boundaries


def _test_rows(session: Session, parts: Path) -> str:
    """Return a digest of which rows are test: equal test parts of one table have the same."""
    query = f"SELECT {ROW} FROM read_parquet({literal(str(parts))}) WHERE part = 'test' ORDER BY 1"
    rows = session.raw.execute(query).fetchall()
    return sha256(" ".join(str(row[0]) for row in rows).encode()).hexdigest()[:32]


def _counts(session: Session, sided: str) -> dict[str, int]:
    found = session.raw.execute(f"SELECT part, count(*) FROM ({sided}) GROUP BY part").fetchall()
    return {part: dict(found).get(part, 0) for part in PARTS}


def _refuse_empty(spec: Split, counts: dict[str, int]) -> None:
    wanted = ["train"]
    if spec.by != "column":
        wanted += [part for part in ("valid", "test") if getattr(spec, part) != 0.0]
    empty = [part for part in wanted if not counts[part]]
    if empty:
        written = ", ".join(f"{part} {count:,}" for part, count in counts.items())
        raise DataError(
            Problem(
                f"no row is {' or '.join(empty)}: {written}",
                key="split",
                hint="there are too few rows, groups or times for these shares",
            )
        )


def _folded(spec: Split, folds: int, train: str, session: Session) -> str:
    if folds < MIN_FOLDS:
        return f"SELECT {ROW}, CAST(-1 AS SMALLINT) AS fold, fold AS teaches FROM ({train})"
    if spec.by == "time":
        return expanding(train, folds, session, parse(spec.gap) if spec.gap else None)
    return crossed(train, folds, session, stratify=spec.stratify)


def _warnings(spec: Split, columns: Columns, sided: str, session: Session) -> list[str]:
    warnings = []
    if spec.by == "time" and columns.horizon:
        gap = parse(spec.gap) if spec.gap else timedelta(0)
        if parse(columns.horizon) > gap:
            warnings.append(
                f"the target looks {columns.horizon} ahead and the gap is {spec.gap or 'none'}: "
                "the last targets of train reach into what judges it"
            )
    if spec.by in {"column", "file"} and columns.entity:
        row = session.raw.execute(
            f"SELECT count(*) FROM (SELECT entity FROM ({sided}) WHERE part <> 'out' "
            "GROUP BY entity HAVING count(DISTINCT part) > 1)"
        ).fetchone()
        if row and row[0]:
            warnings.append(f"{row[0]:,} of {columns.entity} are in more than one part")
    return warnings
