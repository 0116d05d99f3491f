"""The target as the models see it: class codes or numbers, with nothing in it that cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.metrics.arrays import Array
from mlpipe.spec.suggest import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.table.columns import Columns

__all__ = ["Target", "read_target"]

MANY_CLASSES = 1000
_SAMPLES = 5


@dataclass(frozen=True)
class Target:
    """The target of the rows of train and valid.

    Attributes
    ----------
    y : array, shape (n,)
        Class codes from 0 (of a binary task, 1 is positive), or numbers.
    classes : tuple
        The classes by code, as JSON values; empty for regression.
    """

    y: Array
    classes: tuple[Any, ...] = ()


def read_target(
    task: str, columns: Columns, values: pd.Series[Any], rows: Array, train: Array
) -> Target:
    """Return the target, or refuse one that nothing can be learned from.

    Parameters
    ----------
    task : str
    columns : Columns
        Names the target and its positive class.
    values : Series, shape (n,)
        The target of the rows of train and valid.
    rows : array of int, shape (n,)
        Their positions in the table, for errors.
    train : array of bool, shape (n,)
        Which of them are train.

    Raises
    ------
    DataError
        One row, nulls, one class, a class with one row, a constant or non-numeric target.
    SpecError
        A positive class that the target does not have.
    """
    name = columns.target_name or ""
    nulls = values.isna().to_numpy()
    if nulls.any():
        raise DataError(
            Problem(
                f"the target is null in {_count(nulls)} ({_places(rows[nulls])})",
                key=name,
                hint=f'leave them out: ingest: {{scope: "{name} is not null"}}',
            )
        )
    if train.sum() < 2:
        what = "one row" if train.sum() else "no rows"
        raise DataError(
            Problem(f"train has {what}: nothing can be learned", hint="a smaller test part?")
        )
    if task == "regression":
        return _numbers(name, values, rows, train)
    return _classes(task, columns, values, train)


def _numbers(name: str, values: pd.Series[Any], rows: Array, train: Array) -> Target:
    import numpy as np
    import pandas as pd

    numbers = pd.to_numeric(values, errors="coerce").to_numpy(float, na_value=np.nan)
    wrong = ~np.isfinite(numbers)
    if wrong.any() or pd.api.types.is_string_dtype(values.dtype):
        wrong = wrong if wrong.any() else np.ones(len(values), bool)
        raise DataError(
            Problem(
                f"the target is not a finite number in {_count(wrong)} ({_places(rows[wrong])})",
                key=name,
                hint="for classes, `task: binary` or `task: multiclass`",
            )
        )
    if np.ptp(numbers[train]) == 0:
        raise DataError(
            Problem(
                f"the target is {numbers[train][0]:g} in every row of train",
                key=name,
                hint="nothing can be learned of a constant: is this the right column?",
            )
        )
    return Target(numbers)


def _classes(task: str, columns: Columns, values: pd.Series[Any], train: Array) -> Target:
    import numpy as np

    name = columns.target_name or ""
    codes, levels = _levels(values)
    met = {levels[at] for at in np.unique(codes[train]).tolist()}
    known = sorted(met, key=lambda value: (str(type(value)), value))
    _refuse_counts(task, name, known)
    if task == "binary":
        known = _positive_last(columns, known)
    code = {value: at for at, value in enumerate(known)}
    unseen = sorted({str(value) for value in levels if value not in code})
    if unseen:
        raise DataError(
            Problem(
                f"valid has classes that train does not: {', '.join(unseen[:_SAMPLES])}",
                key=name,
                hint="split: {stratify: true} keeps each class in every part",
            )
        )
    y = np.array([code[value] for value in levels], dtype=np.int64)[codes]
    counts = np.bincount(y[train], minlength=len(known))
    lonely = [str(known[at]) for at in np.flatnonzero(counts < 2)]
    if lonely:
        raise DataError(
            Problem(
                f"train has one row only of: {', '.join(lonely[:_SAMPLES])}",
                key=name,
                hint="join rare classes into one, or leave them out with ingest.scope",
            )
        )
    return Target(y, tuple(known))


def _levels(values: pd.Series[Any]) -> tuple[Array, list[Any]]:
    """Return the number of the level of each row, and the levels as JSON values.

    Rows are many and levels few: each level is written as a JSON value once.
    """
    import pandas as pd

    codes, levels = pd.factorize(values)
    return codes, [_plain(level) for level in levels.tolist()]


def _refuse_counts(task: str, name: str, known: list[Any]) -> None:
    shown = ", ".join(repr(value) for value in known[:_SAMPLES])
    if len(known) == 1:
        raise DataError(
            Problem(
                f"the target is {shown} in every row of train",
                key=name,
                hint="a model needs two classes to tell apart; look at the split and the scope",
            )
        )
    if task == "binary" and len(known) > 2:
        raise DataError(
            Problem(
                f"a binary target has two values; this one has {len(known):,} ({shown}, …)",
                key=name,
                hint="task: multiclass, or task: regression for a number",
            )
        )
    if len(known) > MANY_CLASSES:
        raise DataError(
            Problem(
                f"the target has {len(known):,} classes ({shown}, …)",
                key=name,
                hint="task: regression for a number",
            )
        )


def _positive_last(columns: Columns, known: list[Any]) -> list[Any]:
    positive = columns.positive
    if positive is None:
        return known
    # True is 1 to Python; to a reader of YAML they are two things.
    same = [each for each in known if each == positive and type(each) is type(positive)]
    if not same:
        names = [str(each) for each in known]
        near = next((each for each in known if str(each).lower() == str(positive).lower()), None)
        hint = did_you_mean(str(positive), names)
        if near is not None and not isinstance(near, str):
            hint = f"without quotes: positive: {str(near).lower()}"
        elif near is not None and not isinstance(positive, str):
            hint = f'in quotes: positive: "{near}"'
        values = " and ".join(repr(each) for each in known)
        raise SpecError(
            Problem(
                f"the positive class is {positive!r}; the target has {values}",
                key="columns.target.positive",
                hint=hint,
            )
        )
    return [*(each for each in known if each is not same[0]), same[0]]


def _plain(value: Any) -> Any:
    """Return a class as a JSON value; 2.0 is 2, since a gap turns integers into floats."""
    if isinstance(value, str | bool | int):
        return value
    if hasattr(value, "item"):
        return _plain(value.item())
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    return int(number) if number.is_integer() else number


def _count(mask: Array) -> str:
    found = int(mask.sum())
    return "1 row" if found == 1 else f"{found:,} rows"


def _places(rows: Array) -> str:
    shown = ", ".join(str(row) for row in rows[:_SAMPLES].tolist())
    return f"row {shown}" if len(rows) == 1 else f"rows {shown}{', …' * (len(rows) > _SAMPLES)}"
