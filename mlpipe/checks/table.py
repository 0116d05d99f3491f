"""The checks of a table as a whole: what each word asks, as SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mlpipe.checks import words as w
from mlpipe.checks.check import BEFORE, Check, asked_when, narrowed, over
from mlpipe.checks.column import repeated
from mlpipe.checks.expression import parse
from mlpipe.errors import Problem, SpecError
from mlpipe.table.columns import ROW
from mlpipe.table.duration import parse as span
from mlpipe.table.session import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["STALE", "Around", "check_table", "oldest"]

_MOST_SHOWN = 8


@dataclass(frozen=True)
class Around:
    """What the checks of a table may rest on beside the table.

    Attributes
    ----------
    names : tuple of str
        The columns of the table, ours left out.
    time, entity : str or None
        The roles that `freshness` and `monotone` fall back on.
    as_of : str or None
        The day that `freshness` falls back on; None where age is judged later, see `aged`.
    references : mapping
        (source, columns) -> SQL of their distinct values.
    """

    names: tuple[str, ...]
    time: str | None = None
    entity: str | None = None
    references: Mapping[tuple[str, tuple[str, ...]], str] | None = None
    as_of: str | None = None


def check_table(word: Any, key: str, around: Around) -> Check:
    """Return the check of a word of `checks`.

    Raises
    ------
    SpecError
        The word needs a role of columns that is not declared, or a source that is not there.
    """
    return _CHECKS[type(word)](word, key, around)


def _check(word: Any, key: str, **given: Any) -> Check:
    when, read, bind = asked_when(word.when)
    shown = given.get("shown", ())
    known = {
        "check": word.word,
        "column": None,
        "shown": (),
        "said": word.message,
        "severity": word.severity,
        "mostly": getattr(word, "mostly", 1.0),
        "when": when,
        "needs": (*shown, *read),
        "key": key,
        "bind": bind,
    }
    return Check(**{**known, **given})


def _rows(word: w.Rows, key: str, _around: Around) -> Check:
    count = over("count(*)", asked_when(word.when)[0])
    short = f"{count} < {word.min}" if word.min is not None else "false"
    long = f"{count} > {word.max}" if word.max is not None else "false"
    expected = {"min": word.min, "max": word.max}
    bounds = " and ".join(
        f"at {'least' if name == 'min' else 'most'} {bound:,}"
        for name, bound in expected.items()
        if bound is not None
    )
    return _check(
        word,
        key,
        expected=expected,
        failing=f"CASE WHEN {short} OR {long} THEN greatest({count}, 1) ELSE 0 END",
        condition="",
        template=f"the table has {{rows}} rows; expected {bounds}",
        observed=count,
    )


def _unique(word: w.Unique, key: str, _around: Around) -> Check:
    there, counts = repeated(word.columns, asked_when(word.when)[0])
    return _check(
        word,
        key,
        shown=word.columns,
        expected=list(word.columns),
        failing=counts,
        condition=there,
        template="{column}: {failing} of {rows} rows repeat a value of another",
        alike=word.columns,
    )


def _duplicates(word: w.Duplicates, key: str, around: Around) -> Check:
    columns = word.columns or around.names
    when = asked_when(word.when)[0]
    value = f"hash({', '.join(identifier(name) for name in columns)})"
    counts = f"{over('count(*)', when)} - {over(f'count(DISTINCT {value})', when)}"
    check = _check(
        word,
        key,
        shown=columns[:_MOST_SHOWN],
        expected=list(word.columns) or "no row repeats another",
        failing=counts,
        condition=when or "true",
        template="{failing} of {rows} rows repeat another row",
        alike=columns,
    )
    return replace(check, needs=(*check.needs, *columns))


def _expression(word: w.Expression, key: str, _around: Around) -> Check:
    condition = parse(word.sql)
    fails, when = f"NOT ({condition.sql})", asked_when(word.when)[0]
    check = _check(
        word,
        key,
        shown=condition.columns,
        expected=word.sql,
        failing=over(f"count_if({fails})", when),
        condition=narrowed(fails, when),
        template="{failing} of {rows} rows do not meet '{expected}'",
    )
    return replace(check, bind=(*check.bind, (condition.sql, word.sql)))


def _freshness(word: w.Freshness, key: str, around: Around) -> Check:
    column = word.column or around.time
    if column is None:
        raise _role_missing("freshness", "column", "columns.time", key)
    as_of = word.as_of or around.as_of
    when, read, _ = asked_when(word.when)
    newest, counted = over(f"max({identifier(column)})", when), over("count(*)", when)
    fresh, least = "true", ""
    if as_of is not None:
        least = oldest(as_of, word.max_age).isoformat(sep=" ")
        fresh = f"coalesce({newest} >= TIMESTAMP {literal(least)}, false)"
    return _check(
        word,
        key,
        column=column,
        expected={"max_age": word.max_age, "as_of": as_of},
        failing=f"CASE WHEN {fresh} THEN 0 ELSE greatest({counted}, 1) END",
        condition="",
        template=STALE.format(least=least, max_age=word.max_age, as_of=as_of),
        observed=newest,
        needs=(column, *read),
    )


STALE = (
    "{{column}}: the newest value is {{observed}}; expected {least} or later, "
    "{max_age} before {as_of}"
)


def oldest(as_of: str, max_age: str) -> datetime:
    """Return how old the newest value may be, as a moment."""
    return datetime.fromisoformat(as_of) - span(max_age)


def _references(word: w.References, key: str, around: Around) -> Check:
    source = (around.references or {}).get((word.source, word.to))
    if source is None:
        known = ", ".join(sorted({name for name, _ in around.references or {}}))
        hint = f"known here: {known}" if known else ""
        raise SpecError(Problem(f"there is no source '{word.source}'", key=key, hint=hint))
    quoted = [identifier(name) for name in word.columns]
    value = quoted[0] if len(quoted) == 1 else f"({', '.join(quoted)})"
    there = " AND ".join(f"{each} IS NOT NULL" for each in quoted)
    fails, when = f"{there} AND {value} NOT IN ({source})", asked_when(word.when)[0]
    to = ", ".join(word.to)
    return _check(
        word,
        key,
        shown=word.columns,
        expected={"source": word.source, "to": list(word.to)},
        failing=over(f"count_if({fails})", when),
        condition=narrowed(fails, when),
        template="{column}: {failing} of {rows} rows have no match in "
        f"{word.source} ({to.replace('{', '{{').replace('}', '}}')})",
    )


def _monotone(word: w.Monotone, key: str, around: Around) -> Check:
    column = word.column or around.time
    if column is None:
        raise _role_missing("monotone", "column", "columns.time", key)
    default = (around.entity,) if around.entity else ()
    per = word.per if word.per is not None else default
    alike = f"PARTITION BY {', '.join(identifier(name) for name in per)} " if per else ""
    name, when = identifier(column), asked_when(word.when)[0]
    fails = f"{name} {'<=' if word.strictly else '<'} {BEFORE}"
    within = f" within {', '.join(per)}" if per else ""
    return _check(
        word,
        key,
        column=column,
        shown=(column,),
        expected={"per": list(per), "strictly": word.strictly},
        failing=over(f"count_if({fails})", when),
        condition=narrowed(fails, when),
        template="{column}: {failing} of {rows} rows go back"
        + within.replace("{", "{{").replace("}", "}}"),
        before=f"lag({name} IGNORE NULLS) OVER ({alike}ORDER BY {ROW})",
        needs=(column, *per, *asked_when(word.when)[1]),
    )


def _role_missing(word: str, field: str, role: str, key: str) -> SpecError:
    hint = f"name it: {word}: {{{field}: …}}, or declare {role}"
    return SpecError(Problem(f"{word} needs a column", key=key, hint=hint))


_CHECKS: dict[type, Callable[[Any, str, Around], Check]] = {
    w.Rows: _rows,
    w.Unique: _unique,
    w.Duplicates: _duplicates,
    w.Expression: _expression,
    w.Freshness: _freshness,
    w.References: _references,
    w.Monotone: _monotone,
}
"""The check of each word."""
