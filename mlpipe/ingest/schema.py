"""Whether the shaped table has the columns that the spec speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.columns import RESERVED, ROW, Columns
from mlpipe.table.empty import empty_columns
from mlpipe.table.kinds import SAMPLE, type_word
from mlpipe.table.session import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from mlpipe.table.session import Session

__all__ = ["check_columns", "check_types", "missing_columns", "unicode_twins"]


def missing_columns(
    columns: Columns, names: Sequence[str], *, labels: bool = True
) -> list[tuple[tuple[str | int, ...], str, str]]:
    """Return the declared columns that a table does not have.

    Parameters
    ----------
    columns : Columns
        The declared roles.
    names : sequence of str
        The columns of the shaped table.
    labels : bool
        Whether the target must be there.

    Returns
    -------
    list of (path, column, hint)
        The path in the spec, the column, and a suggestion, which may be empty.
    """
    declared: list[tuple[tuple[str | int, ...], str | None]] = []
    declared += _paths(("columns", "key"), columns.key)
    declared += [(("columns", "entity"), columns.entity), (("columns", "time"), columns.time)]
    if labels:
        whole = isinstance(columns.target, str)
        path = ("columns", "target") if whole else ("columns", "target", "name")
        declared.append((path, columns.target_name))
    declared += _paths(("columns", "sensitive"), columns.sensitive)
    declared.append((("columns", "weight"), columns.weight))
    for kind, of_kind in columns.kinds.items():
        declared += _paths(("columns", "kinds", kind), of_kind)
    known = set(names)
    return [
        (path, name, did_you_mean(name, names))
        for path, name in declared
        if name is not None and name not in known and (labels or name != columns.target_name)
    ]


def _paths(
    path: tuple[str | int, ...], names: str | Sequence[str]
) -> list[tuple[tuple[str | int, ...], str | None]]:
    """Pair names with their paths: a word on its own, or the items of a list."""
    if isinstance(names, str):
        return [(path, names)]
    return [((*path, index), name) for index, name in enumerate(names)]


def check_columns(columns: Columns, names: Sequence[str], *, labels: bool = True) -> None:
    """Raise for every declared column that the shaped table does not have, all at once."""
    listed = ", ".join(name for name in list(names)[:30] if name not in RESERVED)
    problems = [
        Problem(
            f"there is no column '{name}' in the shaped table",
            key=".".join(str(part) for part in path),
            hint=hint or f"it has: {listed}",
        )
        for path, name, hint in missing_columns(columns, names, labels=labels)
    ]
    if problems:
        raise SpecError(*problems)


def check_types(columns: Columns, table: ir.Table, session: Session) -> None:
    """Refuse nested columns, types without a word, and a time that is not in time.

    Raises
    ------
    SpecError
        With a hint how to flatten or cast in ``ingest.sql``.
    DataError
        If ``columns.time`` holds text, or nothing.
    """
    problems = []
    for name, dtype in table.schema().items():
        if dtype.is_nested():
            hint = f"flatten it in ingest.sql: select {name}.field as {name}_field"
            problems.append(Problem(f"'{name}' is nested: {dtype}", key="ingest", hint=hint))
        elif type_word(dtype) not in _WORDS and not dtype.is_decimal():
            hint = f"cast it in ingest.sql: {name}::varchar as {name}"
            problems.append(Problem(f"'{name}' has the type {dtype}", key="ingest", hint=hint))
    if problems:
        raise SpecError(*problems)
    if columns.time and table.schema()[columns.time].is_string():
        raise DataError(_no_time(columns.time, table, session))


def _no_time(name: str, table: ir.Table, session: Session) -> Problem:
    if empty_columns(table, [name], session):
        hint = "every row needs its time: see that whoever writes the data fills it in"
        return Problem("columns.time is empty in every row", key=name, hint=hint)
    return Problem(
        "columns.time holds strings, whose order is not that of time",
        key=name,
        hint=f"declare `types: {{{name}: date}}`, or cast it in ingest.sql",
    )


_WORDS = {"integer", "number", "string", "boolean", "date", "timestamp", "timestamp_utc"}


def unicode_twins(session: Session, table: ir.Table, names: Sequence[str]) -> list[str]:
    """Warn of categories that look alike and are not: one text in two unicode forms.

    Parameters
    ----------
    names : sequence of str
        The columns that hold categories; the first 100,000 rows are looked at.
    """
    names = [name for name in names if table.schema()[name].is_string()]
    if not names:
        return []
    twins = ", ".join(
        f"count(DISTINCT {identifier(name)}) - count(DISTINCT nfc_normalize({identifier(name)}))"
        for name in names
    )
    sample = table.filter(table[ROW] < SAMPLE).select(*names)
    found = session.raw.sql(session.con.compile(sample)).aggregate(twins).fetchone() or ()
    return [
        f"{name} holds {count} texts in two unicode forms: nfc_normalize({name}) in ingest.sql"
        for name, count in zip(names, found, strict=True)
        if count
    ]
