"""Check current data by the section: what makes sense of rows whose labels may not be there yet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlpipe.checks.expression import parse
from mlpipe.checks.fitted import fitted
from mlpipe.checks.result import verdict
from mlpipe.checks.run import run
from mlpipe.checks.table import Around
from mlpipe.checks.words import Expression, References, Rows
from mlpipe.table.columns import ROW, SCOPE
from mlpipe.validate.doctor.spec import settings
from mlpipe.validate.ignored import is_ignored
from mlpipe.validate.of_source import of_source
from mlpipe.validate.stage import extra_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import ibis.expr.types as ir

    from mlpipe.checks.asked import Asked
    from mlpipe.checks.check import Check
    from mlpipe.checks.column_words import ColumnChecks
    from mlpipe.checks.fitted import Misfit
    from mlpipe.checks.reference import Reference
    from mlpipe.table.columns import Columns
    from mlpipe.table.session import Session
    from mlpipe.validate.spec import Validate

__all__ = ["OF_TRAINING", "bound_current", "validate_current"]

OF_ALL_LABELS = ("nullable", "unique", "mean", "quantiles", "distinct", "shares")
"""What cannot be asked of the target before all labels are there: those that come early are no
fair sample, and their balance is what monitoring is for."""

ROWS = "monitor.checks.rows"
"""Where the spec says how many rows current data has."""
OF_TRAINING = f"it counts the rows of training; {ROWS} counts these"
"""Why a check of the number of rows is not asked: a night is smaller, and no fault is that."""
_UNLOGGED = "the rows of the log do not hold the column"

LeftOut = dict[str, str]


def validate_current(
    spec: Validate,
    columns: Columns,
    table: ir.Table,
    session: Session,
    *,
    ignore: Iterable[str] = (),
    count: Rows | None = None,
    sources: Mapping[str, list[dict[str, Any]]] | None = None,
    references: Mapping[Reference, str] | None = None,
    places: str = "",
    partial: bool = False,
) -> dict[str, Any]:
    """Check a table of current data.

    Parameters
    ----------
    spec : Validate
        The checks; ages count from its ``as_of``.
    columns : Columns
    table : ibis table
        The current rows, with ``_row``; the target may be missing, in all rows or in some.
    session : Session
        Where the table lives.
    ignore : iterable of str
        Columns, checks and COLUMN.CHECK that are not asked.
    count : Rows, optional
        How many rows there must be, in place of what the section says of training.
    sources : mapping, optional
        What the checks of single sources said when they were read, by source.
    references : mapping, optional
        (source, columns) -> SQL of their distinct values; a reference that is not here is left
        out.
    places : str
        SQL of the file and line that rows came from; empty where it is not known.
    partial : bool
        Whether the table may lack columns, as rows of a log do: what names them is left out.

    Returns
    -------
    dict
        ``status`` (passed, warned or failed), ``rows``, ``checks`` as `validate` reports them,
        and ``left_out``: ``check`` and ``why`` of what was not asked.

    Raises
    ------
    DataError
        A check cannot be computed.

    Notes
    -----
    A column that the section names and that is not there, or is of another type, is a failed
    check here: there is more to say of the other columns.
    """
    checks, misfits, left_out = bound_current(
        spec, columns, table, session, ignore=ignore, references=references, partial=partial
    )
    if count is not None:
        bounds, unfit = _counted(count, table, session)
        checks, misfits = [*bounds, *checks], [*unfit, *misfits]
    counted, _ = run(checks, columns, table, session, places=places, most=spec.examples)
    rows = int(session.con.to_pyarrow(table.count()).as_py())
    ignored = frozenset(name.lower() for name in ignore)
    beside = [
        *(_entry(each, rows) for each in misfits),
        *extra_columns(spec, table),
        *(of_source(n, each, spec.as_of) for n, told in (sources or {}).items() for each in told),
    ]
    results = [
        *counted,
        *(each for each in beside if not is_ignored(each["check"], each["column"], ignored)),
    ]
    return {"status": verdict(results), "rows": rows, "checks": results, "left_out": left_out}


def bound_current(
    spec: Validate,
    columns: Columns,
    table: ir.Table,
    session: Session,
    *,
    ignore: Iterable[str] = (),
    references: Mapping[Reference, str] | None = None,
    partial: bool = False,
) -> tuple[list[Check], list[Misfit], list[LeftOut]]:
    """Return the checks that are asked of current data, what does not fit, what is left out."""
    asked = _Section(spec, columns.target_name, table.columns, references or (), partial=partial)
    blocks, words = dict(asked.columns()), list(asked.words())
    names = tuple(name for name in table.columns if name not in (ROW, SCOPE))
    around = Around(names, columns.time, columns.entity, references, spec.as_of)
    checks, misfits = fitted(blocks, words, table, session, around, "validate")
    ignored = frozenset(name.lower() for name in ignore)
    kept = [each for each in checks if not is_ignored(each.check, each.column, ignored)]
    misfits = [each for each in misfits if not is_ignored(each.check, each.column, ignored)]
    return kept, misfits, list(asked.left_out())


def _counted(count: Rows, table: ir.Table, session: Session) -> tuple[list[Check], list[Misfit]]:
    """Return the check of how many rows there are, or what keeps its condition from it."""
    checks, unfit = fitted({}, [(0, count)], table, session, Around(()), "monitor")
    return [replace(each, key=ROWS) for each in checks], [replace(each, key=ROWS) for each in unfit]


class _Section:
    """The section, as far as it can be asked of a table with these columns."""

    def __init__(
        self,
        spec: Validate,
        target: str | None,
        names: Iterable[str],
        known: Iterable[Reference],
        *,
        partial: bool,
    ) -> None:
        self.spec = spec
        self.target = (target or "").lower()
        self.names = {name.lower() for name in names}
        self.labelled = self.target in self.names
        self.partial = partial
        self.references = frozenset(known)

    def columns(self) -> Iterator[tuple[str, ColumnChecks | tuple[ColumnChecks, ...]]]:
        """Yield what each column is asked; of the target, what one label alone can answer."""
        for name, written in self.spec.columns.items():
            if name.lower() != self.target and not self._unlogged(name):
                yield name, written
            elif name.lower() == self.target and self.labelled:
                several = isinstance(written, tuple)
                blocks = tuple(_of_one_label(name, each) for each in _blocks(written))
                yield name, blocks if several else blocks[0]

    def words(self) -> Iterator[tuple[int, Any]]:
        """Yield the words of the table, each with its place in the list."""
        for at, word in enumerate(self.spec.checks):
            if not self._why_not(word):
                yield at, word

    def left_out(self) -> Iterator[LeftOut]:
        """Yield what is not asked, and why."""
        if settings(self.spec.doctor) is not None:
            yield {"check": "doctor", "why": "it looks for leaks between the parts of training"}
        for name, written in self.spec.columns.items():
            if name.lower() == self.target:
                yield from self._of_target(name, _blocks(written))
            elif self._unlogged(name):
                yield {"check": name, "why": _UNLOGGED}
        for at, word in enumerate(self.spec.checks):
            if why := self._why_not(word):
                yield {"check": f"validate.checks[{at}] ({word.word})", "why": why}

    def _of_target(self, name: str, blocks: tuple[ColumnChecks, ...]) -> Iterator[LeftOut]:
        if not self.labelled:
            yield {"check": name, "why": "the labels are not there"}
            return
        asked = {word for block in blocks for word in block.model_fields_set}
        for word in OF_ALL_LABELS:  # in this order: that of a set differs from process to process
            if word in asked:
                yield {"check": f"{name}.{word}", "why": "more labels may still come"}

    def _why_not(self, word: Any) -> str:
        if isinstance(word, Rows):
            return OF_TRAINING
        if isinstance(word, References) and (word.source, word.to) not in self.references:
            return f"the source {word.source} is not among the current data"
        named = {each.lower() for each in _named(word)}
        if self.target and self.target in named and not self.labelled:
            return "the labels are not there"
        return _UNLOGGED if any(map(self._unlogged, named)) else ""

    def _unlogged(self, name: str) -> bool:
        return self.partial and name.lower() not in self.names


def _blocks(written: ColumnChecks | tuple[ColumnChecks, ...]) -> tuple[ColumnChecks, ...]:
    return written if isinstance(written, tuple) else (written,)


def _of_one_label(name: str, block: ColumnChecks) -> ColumnChecks:
    """Ask of the target only what each row answers alone, where its label is there."""
    from mlpipe.table.session import identifier

    there = f"{identifier(name)} IS NOT NULL"
    when = f"({block.when}) AND {there}" if block.when else there
    unasked = {word: type(block).model_fields[word].default for word in OF_ALL_LABELS}
    return block.model_copy(update={**unasked, "when": when})


def _named(word: Asked) -> Iterator[str]:
    """Yield the columns that a word of the table reads."""
    if isinstance(word, Expression):
        yield from parse(word.sql).columns
    if word.when is not None:
        yield from parse(word.when).columns
    for field in ("columns", "column", "per"):
        read = getattr(word, field, None) or ()
        yield from [read] if isinstance(read, str) else read


def _entry(misfit: Misfit, rows: int) -> dict[str, Any]:
    """Return the entry of something that cannot be counted: no row of it can pass."""
    return {
        "check": misfit.check,
        "column": misfit.column,
        "key": misfit.key,
        "status": "failed" if misfit.severity == "error" else "warned",
        "severity": misfit.severity,
        "observed": None,
        "expected": None,
        "mostly": 1.0,
        "failing": rows,
        "rows": rows,
        "share": 1.0,
        "message": f"{misfit.column}: {misfit.message}" if misfit.column else misfit.message,
        "examples": [],
    }
