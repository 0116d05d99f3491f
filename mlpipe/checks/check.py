"""A check, ready to be counted: which rows fail, as SQL, and what to tell about them.

A check computes nothing. All of them are counted by one query over the table, see `scan`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlpipe.checks.expression import parse

__all__ = ["BEFORE", "Check", "asked_when", "narrowed", "over"]


@dataclass(frozen=True)
class Check:
    """One check, ready to be counted.

    Attributes
    ----------
    check : str
        Its name in the spec.
    column : str or None
        The column it is about; None for the table.
    shown : tuple of str
        Columns whose values are shown as examples.
    expected : object
        What the spec asks for; JSON-safe.
    failing : str
        SQL aggregate: the number of failing rows.
    condition : str
        SQL condition of a row that may be failing; empty where no single row is at fault.
    template : str
        Message with the fields column, expected, observed, failing, rows.
    said : str or None
        The user's own message; the names of fields in braces are filled in.
    observed : str
        SQL aggregate that is reported beside `expected`; empty: the failing rows.
    alike : tuple of str
        Columns in which a failing row is like another one; empty for most checks.
    before : str
        SQL window function whose value is `BEFORE` in the condition; empty for most checks.
    mostly : float
        Share of the rows that must pass.
    severity : str
        ``error`` or ``warn``.
    when : str
        SQL condition of the rows that count; empty: all.
    needs : tuple of str
        Columns that must be there.
    key : str
        Where the spec asks for it.
    bind : tuple of (str, str)
        SQL conditions written by the user, each with the user's own words.
    """

    check: str
    column: str | None
    shown: tuple[str, ...]
    expected: Any
    failing: str
    condition: str
    template: str
    said: str | None = None
    observed: str = ""
    alike: tuple[str, ...] = ()
    before: str = ""
    mostly: float = 1.0
    severity: str = "error"
    when: str = ""
    needs: tuple[str, ...] = ()
    key: str = ""
    bind: tuple[tuple[str, str], ...] = ()

    @property
    def counted(self) -> str:
        """SQL aggregate: the number of rows that count."""
        return over("count(*)", self.when)


BEFORE = "_mlpipe_before"
"""The column that holds what `Check.before` computes."""


def over(aggregate: str, when: str) -> str:
    """Return a SQL aggregate over the rows that count."""
    return f"{aggregate} FILTER (WHERE {when})" if when else aggregate


def narrowed(condition: str, when: str) -> str:
    """Return the condition of a failing row among those that count."""
    return f"({when}) AND ({condition})" if when and condition else condition


def asked_when(when: str | None) -> tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Read `when`: its SQL, the columns it reads, and what is to be bound."""
    if when is None:
        return "", (), ()
    condition = parse(when)
    return condition.sql, condition.columns, ((condition.sql, when),)
