"""Fit checks to a table that may not be as they were written for: what cannot be counted is told.

`bind` refuses a table without a column that is named, since then the spec is at fault or the
data of training is. Of current data, that is one finding among others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlpipe.checks.bind import bind
from mlpipe.errors import DataError, SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import ibis.expr.types as ir

    from mlpipe.checks.check import Check
    from mlpipe.checks.column_words import ColumnChecks
    from mlpipe.checks.table import Around
    from mlpipe.table.session import Session

__all__ = ["Misfit", "fitted"]


@dataclass(frozen=True)
class Misfit:
    """Something that was asked and cannot be counted over this table.

    Attributes
    ----------
    check : str
        ``missing`` for a column that is not there, ``type`` for one of another type; of a word
        of `checks`, the word.
    column : str or None
        The column it is about.
    key : str
        Where the spec asks for it.
    severity : str
        ``error`` or ``warn``, as the spec says.
    message : str
        Why it cannot be counted.
    """

    check: str
    column: str | None
    key: str
    severity: str
    message: str


def fitted(
    columns: Mapping[str, ColumnChecks | tuple[ColumnChecks, ...]],
    checks: Sequence[tuple[int, Any]],
    table: ir.Table,
    session: Session,
    around: Around,
    key: str,
) -> tuple[list[Check], list[Misfit]]:
    """Return the checks that can be counted over a table, and what keeps the others from it.

    Parameters
    ----------
    columns : mapping
        What is asked of each column, in one block or in several.
    checks : sequence of (int, word)
        What is asked of the table, each with its place in the list of the spec.
    table : ibis table
        The table that they are about.
    session : Session
        Where it lives.
    around : Around
        What the checks may rest on beside the table.
    key : str
        Where the section stands in the spec.
    """
    there = {name.lower() for name in table.columns}
    asked: list[_Asked] = [
        ({name: block}, (), Misfit(_kind(name, there), name, at, block.severity, ""))
        for name, at, block in _blocks(columns, key)
    ]
    asked += [
        ({}, (word,), Misfit(word.word, None, f"{key}.checks[{place}]", word.severity, ""))
        for place, word in checks
    ]
    found: list[Check] = []
    misfits: list[Misfit] = []
    for block, words, misfit in asked:
        try:
            bound = bind(block, words, table, session, around, key)
        except (SpecError, DataError) as error:
            said = "; ".join(dict.fromkeys(problem.message for problem in error.problems))
            misfits.append(replace(misfit, message=said))
            continue
        alone = f"{key}.columns.{misfit.column}" if block else f"{key}.checks[0]"
        found += [replace(check, key=misfit.key + check.key.removeprefix(alone)) for check in bound]
    return found, misfits


_Asked = tuple["Mapping[str, ColumnChecks]", "Sequence[Any]", Misfit]


def _kind(name: str, there: set[str]) -> str:
    return "type" if name.lower() in there else "missing"


def _blocks(columns: Mapping[str, Any], key: str) -> Iterator[tuple[str, str, ColumnChecks]]:
    for name, asked in columns.items():
        several = isinstance(asked, tuple)
        for number, block in enumerate(asked if several else (asked,)):
            yield name, f"{key}.columns.{name}{f'[{number}]' if several else ''}", block
