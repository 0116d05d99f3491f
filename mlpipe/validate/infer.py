"""Propose checks from data: what it shows, with slack, and nothing that it may only happen to be.

A check that fails on the next good file is worse than none. So: no bounds without room beyond
them, no list of values unless each is seen often, nothing forbidden that few rows do not show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any

from mlpipe.validate.facts import SHAPES, Facts, gather, repeats

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session

__all__ = ["Proposal", "infer"]

ENOUGH_ROWS = 1000
"""Rows from which on what never happened is taken for what must not happen."""

OFTEN = 5
"""How often each value of a category must be seen."""

_LONGEST_VALUE = 100
_MOST_EMAIL = 0.99

Said = Iterator[tuple[dict[str, Any], str]]


@dataclass(frozen=True)
class Proposal:
    """Checks with their reason.

    Attributes
    ----------
    column : str
        The column; empty for a check of the table.
    checks : dict
        As they stand in the spec.
    reason : str
        What was seen.
    """

    column: str
    checks: dict[str, Any]
    reason: str


def infer(columns: Columns, table: ir.Table, session: Session) -> list[Proposal]:
    """Propose a section ``validate`` that the table passes.

    Parameters
    ----------
    columns : Columns
        The roles: keys are unique, values of sensitive columns are not shown.
    table : ibis table
        The ingested table.
    session : Session
        Where it lives.

    Returns
    -------
    list of Proposal
        The columns in the order of the table, then the checks of the table.
    """
    names = {name.lower(): name for name in table.columns}
    keys = [names[key.lower()] for key in columns.keys if key.lower() in names]
    coded = frozenset(name for name, kind in columns.declared_kinds.items() if kind == "category")
    facts = gather(table, session, coded)
    unique = bool(keys) and not repeats(table, session, keys)
    hidden = frozenset(name.lower() for name in columns.sensitive)
    ids = frozenset([*keys, *filter(None, [columns.entity])])
    found = [_column(each, columns, ids, hidden) for each in facts]
    if unique and len(keys) == 1:
        found = [_with_unique(each) if each.column == keys[0] else each for each in found]
    return [*found, *_of_table(facts, keys if unique else [])]


def _of_table(facts: list[Facts], keys: list[str]) -> Iterator[Proposal]:
    rows = facts[0].rows if facts else 0
    if rows:
        reason = f"half of the {rows:,} rows there are"
        yield Proposal("", {"rows": {"min": max(rows // 2, 1)}}, reason)
    if len(keys) > 1:
        yield Proposal("", {"unique": keys}, f"columns.key: different in each of {rows:,} rows")


def _with_unique(found: Proposal) -> Proposal:
    reason = f"{found.reason}; columns.key: different in each row"
    return Proposal(found.column, {**found.checks, "unique": True}, reason)


def _column(
    facts: Facts, columns: Columns, ids: frozenset[str], hidden: frozenset[str]
) -> Proposal:
    checks: dict[str, Any] = {"type": facts.type} if facts.type else {}
    reasons = [f"{facts.rows:,} rows: {facts.nulls:,} missing"]
    if facts.nulls == 0 and facts.rows >= ENOUGH_ROWS:
        checks["nullable"] = False
    elif facts.nulls == 0:
        reasons.append("too few rows to forbid a missing value")
    if facts.name.lower() in hidden:
        reasons.append("sensitive: no values")
    else:
        for more, reason in _of_values(facts, columns, is_id=facts.name in ids):
            checks |= more
            reasons.append(reason)
    return Proposal(facts.name, checks, "; ".join(reasons))


def _of_values(facts: Facts, columns: Columns, *, is_id: bool) -> Said:
    """Yield the checks of what the values are: one kind of them a column."""
    kind = columns.declared_kinds.get(facts.name)
    if facts.type in ("date", "timestamp"):
        yield from _dates(facts)
    elif facts.type == "string":
        listed = [] if is_id or kind == "text" else [*_category(facts)]
        yield from listed or [*_shape(facts)] or _length(facts)
    elif kind == "category":
        yield from _category(facts)
    elif facts.type in ("integer", "number") and not is_id:
        yield from _range(facts)


def _dates(facts: Facts) -> Said:
    if isinstance(facts.low, date):
        yield {"min": f"{facts.low.year:04d}-01-01"}, f"the first is of {facts.low.year}"


def _category(facts: Facts) -> Said:
    values = facts.values or {}
    often = values and min(values.values()) >= OFTEN
    if not often or not all(_fits_a_spec(value) for value in values):
        return
    rarest = min(values.values())
    yield (
        {"in": sorted(values), "severity": "warn"},
        f"{len(values)} values, each in {rarest:,} rows or more",
    )


def _fits_a_spec(value: Any) -> bool:
    return not isinstance(value, str) or (len(value) <= _LONGEST_VALUE and "${" not in value)


def _shape(facts: Facts) -> Said:
    found = facts.shapes or {}
    for shape in ("uuid", "date"):
        if facts.present >= OFTEN and found.get(shape) == facts.present:
            yield {"matches": SHAPES[shape]}, f"each is a {shape}"
            return
    other = facts.present - found.get("email", 0)
    passing = (facts.rows - other) * 100 // max(facts.rows, 1) / 100
    if facts.present >= OFTEN and other <= 0.05 * facts.present:
        checks = {"matches": SHAPES["email"], "mostly": min(passing, _MOST_EMAIL)}
        yield checks, f"e-mail addresses, all but {other:,}"


def _length(facts: Facts) -> Said:
    """Yield the length of codes that are all of one length: a lost zero shows."""
    shortest, longest = facts.lengths or (0, 1)
    many = facts.present >= ENOUGH_ROWS and facts.distinct > facts.present / 2
    if many and shortest == longest > 0:
        yield {"min_length": shortest, "max_length": shortest}, f"each has {shortest} characters"


def _range(facts: Facts) -> Said:
    """Yield bounds a quarter of the range beyond what was seen, on round numbers."""
    if facts.low is None or facts.low == facts.high:
        return
    low, high = Decimal(str(facts.low)), Decimal(str(facts.high))
    if not low.is_finite() or not high.is_finite():
        return
    if facts.type == "integer" and facts.distinct > 0.9 * facts.rows >= 0.9 * ENOUGH_ROWS:
        yield {}, "different in nearly each row: it may go on growing"
        return
    span = high - low
    step = Decimal(1).scaleb(span.adjusted()) / 2
    least = _rounded(low - span / 4, step, ROUND_FLOOR)
    most = _rounded(high + span / 4, step, ROUND_CEILING)
    least = max(least, Decimal(0)) if low >= 0 else least
    most = min(most, Decimal(0)) if high <= 0 else most
    whole = facts.type == "integer"
    bounds = {
        "min": _number(least, ROUND_FLOOR, whole=whole),
        "max": _number(most, ROUND_CEILING, whole=whole),
    }
    yield bounds, f"{facts.low} to {facts.high} seen"


def _rounded(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    return (value / step).to_integral_value(rounding) * step


def _number(value: Decimal, rounding: str, *, whole: bool) -> int | float:
    if whole or value == value.to_integral_value():
        return int(value.to_integral_value(rounding))
    return float(value)
