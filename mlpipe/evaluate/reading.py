"""Which columns `evaluate` reads beside the predictions, and where the spec names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from mlpipe.errors import Problem, SpecError
from mlpipe.evaluate.slices.cut import Cut, column_of
from mlpipe.evaluate.slices.scan_spec import scannable
from mlpipe.spec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd

    from mlpipe.evaluate.slices.cut import Axis
    from mlpipe.evaluate.spec import Evaluate
    from mlpipe.table.columns import Columns

__all__ = ["columns_needed", "refuse_uncut", "refuse_unknown"]

PART = "part"
"""Says of each row whether it is train, valid or test: a column of the data may not be read so."""

Place: TypeAlias = tuple[str | int, ...]


def columns_needed(spec: Evaluate, columns: Columns, known: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the columns that `evaluate` reads beside the predictions, each once, in order.

    Parameters
    ----------
    spec : Evaluate
    columns : Columns
    known : sequence of str
        The columns of the table: a scan that names none looks at all of them.
    """
    roles = [*columns.keys, columns.entity, columns.time, columns.target_name, columns.weight]
    found = [*roles, *columns.sensitive, *(name for _, name in _named(spec))]
    if spec.scanned and not spec.scanned.columns:
        found += scannable(columns, known)
    return tuple(dict.fromkeys(name for name in found if name is not None))


def refuse_unknown(spec: Evaluate, names: Sequence[str], known: Iterable[str]) -> None:
    """Refuse columns that the table does not have, each where the spec names it.

    Parameters
    ----------
    spec : Evaluate
    names : sequence of str
        Those that are needed.
    known : iterable of str
        Those of the table.

    Raises
    ------
    SpecError
        With a problem for each of them.
    """
    there = list(known)
    places = {name: place for place, name in reversed(list(_named(spec)))}
    if PART in names:
        what = f"a column that evaluate reads is named '{PART}', as the parts of the split are"
        hint = "rename it: ingest.sources.NAME.rename: {part: another}, or in ingest.sql"
        raise SpecError(Problem(what, key=_key(places.get(PART)), hint=hint))
    problems = [
        Problem(
            f"the table has no column '{name}'",
            key=_key(places.get(name)),
            hint=did_you_mean(name, there) or f"columns: {', '.join(there[:20])}",
        )
        for name in names
        if name not in there
    ]
    if problems:
        raise SpecError(*problems)


def refuse_uncut(spec: Evaluate, frame: pd.DataFrame) -> None:
    """Refuse bins of what holds no numbers, and parts of the calendar of what holds no dates.

    Raises
    ------
    SpecError
        With a problem for each cut that its column does not take.
    """
    problems = [
        Problem(what, key=_key(place), hint=hint)
        for place, axis in _axes(spec)
        if isinstance(axis, Cut)
        for what, hint in _uncut(axis, frame[axis.column])
    ]
    if problems:
        raise SpecError(*problems)


def _uncut(cut: Cut, values: pd.Series) -> Iterator[tuple[str, str]]:
    import pandas as pd
    from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

    name, known = cut.column, values.dropna()
    dates = is_datetime64_any_dtype(values.dtype) or pd.api.types.infer_dtype(known) == "date"
    if cut.by and len(known) and not dates:
        what = "numbers" if is_numeric_dtype(values.dtype) else "text"
        hint = f"declare `types: {{{name}: date}}` in its source, or use bins for numbers"
        yield f"'{name}' holds {what}, no dates to cut by {cut.by}", hint
    elif cut.bins and dates:
        yield f"'{name}' holds dates, no numbers to put in bins", "e.g. by: month"
    elif cut.bins and pd.to_numeric(known, errors="coerce").isna().any():
        yield f"'{name}' holds text, no numbers to put in bins", f"name it plainly: {name}"


def _named(spec: Evaluate) -> Iterator[tuple[Place, str]]:
    """Yield each column with the path of keys, below ``evaluate``, that names it."""
    yield from ((place, column_of(axis)) for place, axis in _axes(spec))
    for number, gate in enumerate(spec.gates):
        yield from ((("gates", number, "across"), name) for name in gate.groups or ())
        yield from ((("gates", number, "slice"), name) for name in gate.slice_columns)
    for called, business in spec.business.items():
        yield from ((("business", called), name) for name in business.columns)
        if business.feedback:
            place = ("business", called, "feedback")
            yield from ((place, name) for name in business.feedback.columns)


def _axes(spec: Evaluate) -> Iterator[tuple[Place, Axis]]:
    """Yield each column that rows are parted by, with the path of keys that names it."""
    for groups in (spec.fairness and spec.fairness.groups) or ():
        yield from ((("fairness", "across"), axis) for axis in groups)
    for number, axes in enumerate(spec.slice_columns):
        yield from ((("slices", number), axis) for axis in axes)
    for number, axis in enumerate((spec.scanned and spec.scanned.columns) or ()):
        yield ("scan", "columns", number), axis


def _key(place: Place | None) -> str:
    """Return the dotted key; what `evaluate` does not name itself is a role."""
    return "columns" if place is None else ".".join(["evaluate", *map(str, place)])
