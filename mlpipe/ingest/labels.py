# ruff: noqa: S608 — every name in these queries is quoted by `identifier`.
"""Join labels to the rows, on the key: of training all at once, of current data as they come."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.ingest.keys import check_key, check_key_types, types_of
from mlpipe.ingest.late import Arrived, agreed, arrived
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.ingest.loaded import Loaded
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["joined", "joined_late"]


def joined(
    session: Session, query: str, types: Mapping[str, str], labels: Loaded, columns: Columns
) -> tuple[str, list[str]]:
    """Join labels of which each key has one, and say which rows have none.

    Raises
    ------
    SpecError, DataError
        Labels do not fit the rows, or have a key twice.
    """
    _check(session, types, labels, columns, "ingest.labels")
    check_key(session, labels.relation(), columns.keys, "the labels")
    return _joined(query, labels, columns.keys), _unmatched(session, query, labels, columns.keys)


def joined_late(
    session: Session,
    query: str,
    types: Mapping[str, str],
    labels: Loaded | None,
    columns: Columns,
) -> tuple[str, Arrived | None]:
    """Join the labels that have come, and count them; None where nothing has a label.

    Raises
    ------
    SpecError, DataError
        Labels do not fit the rows.
    """
    target = columns.target_name
    if target is None:
        return query, None
    if labels is None:
        return query, arrived(session, query, target) if target in types else None
    _check(session, types, labels, columns, "monitor.labels")
    labels, doubled, contradicting = agreed(labels, columns.keys, target, session)
    query = _joined(query, labels, columns.keys)
    come = arrived(session, query, target)
    unmatched = _alone(session, labels.relation(), query, columns.keys)
    return query, replace(come, doubled=doubled, contradicting=contradicting, unmatched=unmatched)


def _check(
    session: Session, types: Mapping[str, str], labels: Loaded, columns: Columns, key: str
) -> None:
    """Refuse labels that cannot be joined."""
    keys = columns.keys
    if not keys:
        hint = "declare columns.key: labels are joined on it"
        raise SpecError(Problem("labels need a key", key=key, hint=hint))
    theirs = types_of(session, labels.relation())
    absent = [key for key in keys if key not in theirs]
    if absent:
        raise DataError(
            Problem(f"labels have no column {', '.join(absent)}", place="labels", key=absent[0])
        )
    known = {name.lower() for name in types}
    both = [name for name in theirs if name not in keys and name.lower() in known]
    if both:
        raise SpecError(
            Problem(
                f"labels bring columns that the table has: {', '.join(both)}",
                key=key,
                hint="keep the target in one place",
            )
        )
    check_key_types(keys, types, theirs, "the labels")


def _unmatched(session: Session, query: str, labels: Loaded, keys: Sequence[str]) -> list[str]:
    rows = _alone(session, query, labels.relation(), keys)
    theirs = _alone(session, labels.relation(), query, keys)
    told = [f"{rows:,} rows have no label"] if rows else []
    return [*told, *([f"{theirs:,} labels belong to no row"] if theirs else [])]


def _alone(session: Session, left: str, right: str, keys: Sequence[str]) -> int:
    """Count the rows of one query whose key is not in the other."""
    using = ", ".join(identifier(key) for key in keys)
    (count,) = session.raw.execute(
        f"SELECT count(*) FROM ({left}) ANTI JOIN ({right}) USING ({using})"
    ).fetchone() or (0,)
    return int(count)


def _joined(query: str, labels: Loaded, keys: Sequence[str]) -> str:
    new = [name for name in labels.columns if name not in keys]
    on = " AND ".join(f"r.{identifier(key)} = l.{identifier(key)}" for key in keys)
    added = "".join(f", l.{identifier(name)}" for name in new)
    return f"SELECT r.*{added} FROM ({query}) r LEFT JOIN ({labels.relation()}) l ON {on}"
