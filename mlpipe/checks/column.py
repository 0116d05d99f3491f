"""The checks of the values of one column: each says which rows fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.checks.check import Check, asked_when, narrowed, over
from mlpipe.checks.column_words import ColumnChecks
from mlpipe.checks.typed import is_a, misfit, type_name, typed
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["VALUE_CHECKS", "Of", "check_of", "repeated"]


@dataclass(frozen=True)
class Of:
    """A column, its ibis type, and what the spec asks of it under a key of the spec."""

    column: str
    kind: Any
    spec: ColumnChecks
    key: str

    @property
    def name(self) -> str:
        """The column, quoted for SQL."""
        return identifier(self.column)

    @property
    def when(self) -> str:
        """SQL condition of the rows that count; empty: all."""
        return asked_when(self.spec.when)[0]

    def over(self, aggregate: str) -> str:
        """Return an aggregate over the rows that count."""
        return over(aggregate, self.when)


def check_of(of: Of, name: str, *, key: str = "", **given: Any) -> Check:
    """Return a check of a column with all that its spec gives to every check."""
    when, read, bind = asked_when(of.spec.when)
    known = {
        "check": name,
        "column": of.column,
        "shown": (of.column,),
        "said": of.spec.message,
        "severity": of.spec.severity,
        "when": when,
        "needs": (of.column, *read),
        "key": f"{of.key}.{key or name}",
        "bind": bind,
    }
    return Check(**{**known, **given})


def _values(of: Of, name: str, *, fails: str, says: str, observed: str = "") -> Check:
    expected = getattr(of.spec, "in_" if name == "in" else name)
    return check_of(
        of,
        name,
        expected=list(expected) if isinstance(expected, tuple) else expected,
        failing=of.over(f"count_if({fails})"),
        condition=narrowed(fails, of.when),
        template="{column}: {failing} of {rows} values " + says,
        observed=of.over(observed) if observed else "",
        mostly=of.spec.mostly,
    )


def _type(of: Of, wanted: str) -> Check:
    return check_of(
        of,
        "type",
        expected=wanted,
        failing="0" if is_a(of.kind, wanted) else "count(*)",
        condition="",
        template="{column} is of type {observed}; expected {expected}",
        observed=literal(type_name(of.kind)),
        when="",
    )


def _nullable(of: Of, _wanted: bool) -> Check:
    return _values(of, "nullable", fails=f"{of.name} IS NULL", says="are missing")


def _unique(of: Of, _wanted: bool) -> Check:
    there, counts = repeated((of.column,), of.when)
    return check_of(
        of,
        "unique",
        expected=True,
        failing=counts,
        condition=there,
        template="{column}: {failing} of {rows} rows repeat a value of another",
        alike=(of.column,),
        mostly=of.spec.mostly,
    )


def repeated(columns: tuple[str, ...], when: str) -> tuple[str, str]:
    """Count the rows beyond the first of each value; a null is like no other.

    Returns
    -------
    tuple of str
        The condition of a row that may repeat another, and the aggregate that counts.
    """
    quoted = [identifier(each) for each in columns]
    there = narrowed(" AND ".join(f"{each} IS NOT NULL" for each in quoted), when)
    if len(quoted) == 1:
        counts = f"{over(f'count({quoted[0]})', when)} - "
        return there, counts + over(f"count(DISTINCT {quoted[0]})", when)
    # A 64-bit hash of several columns takes less memory; a collision can only make the check
    # fail, and `examples` counts what failed again, exactly.
    value = f"hash({', '.join(quoted)})"
    return there, f"{over('count(*)', there)} - {over(f'count(DISTINCT {value})', there)}"


def _min(of: Of, wanted: Any) -> Check:
    fails = f"{of.name} < {typed(of.kind, wanted, 'min')}"
    if of.kind.is_floating():
        fails = f"({fails} OR isnan({of.name}))"  # NaN is above every number in the engine
    seen = f"min({of.name})"
    return _values(of, "min", fails=fails, says="are below {expected}", observed=seen)


def _max(of: Of, wanted: Any) -> Check:
    fails = f"{of.name} > {typed(of.kind, wanted, 'max')}"
    seen = f"max({of.name})"
    return _values(of, "max", fails=fails, says="are above {expected}", observed=seen)


def _in(of: Of, wanted: Any) -> Check:
    values = ", ".join(typed(of.kind, value, "in") for value in wanted)
    listed = ", ".join(str(value) for value in wanted[:10]) + (", …" if len(wanted) > 10 else "")
    says = "are none of: " + listed.replace("{", "{{").replace("}", "}}")
    return _values(of, "in", fails=f"{of.name} NOT IN ({values})", says=says)


def _matches(of: Of, wanted: str) -> Check:
    _needs_text(of, "matches")
    fails = f"NOT regexp_full_match({of.name}, {literal(wanted)})"
    return _values(of, "matches", fails=fails, says="do not match '{expected}'")


def _min_length(of: Of, wanted: int) -> Check:
    _needs_text(of, "min_length")
    length = f"length({of.name})"
    says, fails = "have fewer than {expected} characters", f"{length} < {wanted}"
    return _values(of, "min_length", fails=fails, says=says, observed=f"min({length})")


def _max_length(of: Of, wanted: int) -> Check:
    _needs_text(of, "max_length")
    length = f"length({of.name})"
    says, fails = "have more than {expected} characters", f"{length} > {wanted}"
    return _values(of, "max_length", fails=fails, says=says, observed=f"max({length})")


def _needs_text(of: Of, check: str) -> None:
    if not of.kind.is_string():
        raise misfit(check, of.kind, "text")


VALUE_CHECKS: dict[str, Callable[[Of, Any], Check]] = {
    "type": _type,
    "nullable": _nullable,
    "unique": _unique,
    "min": _min,
    "max": _max,
    "in": _in,
    "matches": _matches,
    "min_length": _min_length,
    "max_length": _max_length,
}
"""The checks of single values by their name in the spec."""
