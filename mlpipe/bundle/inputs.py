"""The rows a model takes: which columns, of which types, and what is said of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from mlpipe.errors import DataError, Problem
from mlpipe.spec.suggest import did_you_mean
from mlpipe.table.columns import ROW
from mlpipe.table.kinds import kind_of_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd

__all__ = [
    "Input",
    "absent",
    "checked",
    "is_optional",
    "missing",
    "needed_inputs",
]

_SAMPLES = 5


class Input(TypedDict):
    """A column that must come with every row."""

    name: str
    type: str  # integer | number | string | boolean | date | timestamp | decimal(p,s) | …
    nullable: bool  # whether training saw it without a value
    role: str  # feature | history | scope


def needed_inputs(
    fitted: Iterable[dict[str, Any]],
    schema: Sequence[dict[str, Any]],
    history: Iterable[str],
    scope: Iterable[str],
) -> list[Input]:
    """Return what rows must bring, each column once.

    Parameters
    ----------
    fitted : iterable of {"name", "type", "nullable"}
        The columns that the pipeline was fitted on; those that look back are ours to make.
    schema : sequence of {"name", "type", "kind"}
        The columns of the ingested table.
    history, scope : iterable of str
        Columns that look-back features and the scope read.
    """
    types = {column["name"]: column["type"] for column in schema}
    found: dict[str, Input] = {
        column["name"]: Input(
            name=column["name"],
            type=types.get(column["name"], column["type"]),
            nullable=column["nullable"],
            role="feature",
        )
        for column in fitted
        if column["name"] in types
    }
    for role, names in (("history", history), ("scope", scope)):
        for name in names:
            if name in types and name not in found:
                found[name] = Input(name=name, type=types[name], nullable=True, role=role)
    return list(found.values())


def is_optional(column: Input) -> bool:
    """Whether rows may come without the column: a feature that training saw without a value.

    What the history and the scope are told by is always needed.
    """
    return column["nullable"] and column["role"] == "feature"


def missing(known: list[str], inputs: Sequence[Input]) -> list[Problem]:
    """Return a problem for every column that rows must bring and that is not among ``known``.

    An optional one is missed too where a column is there that is spelled almost like it: what
    was meant as a value must not become a null in silence.
    """
    names = {column["name"] for column in inputs}
    others = [name for name in known if name not in names]
    return [
        _missing(column["name"], known)
        for column in inputs
        if column["name"] not in known
        and not (is_optional(column) and not did_you_mean(column["name"], others))
    ]


def absent(known: Iterable[str], inputs: Sequence[Input]) -> list[str]:
    """Return the optional columns that rows come without: each of their values is a null."""
    there = set(known)
    return [each["name"] for each in inputs if each["name"] not in there and is_optional(each)]


def checked(frame: pd.DataFrame, inputs: Sequence[Input]) -> pd.DataFrame:
    """Return the columns that the model needs, in their order and types; ``frame`` stays.

    A feature that training saw without a value may be left out, and is null then; nullable
    integers, objects and floats that are whole numbers pass for integers; what is no input is
    ignored.

    Raises
    ------
    DataError
        For every column that is missing or holds values of another type.
    """
    import pandas as pd

    known = [str(name) for name in frame.columns]
    if lacking := missing(known, inputs):
        raise DataError(*lacking)
    frame = frame.assign(**dict.fromkeys(absent(known, inputs), None))
    twice = {str(name) for name in frame.columns[frame.columns.duplicated()]}
    problems = [
        Problem("the frame has this column twice", key=column["name"])
        for column in inputs
        if column["name"] in twice
    ]
    made = {}
    for column in [] if problems else inputs:
        try:
            made[column["name"]] = _read(column, frame[column["name"]])
        except _OtherTypeError as other:
            problems.append(_other(column, other))
    if problems:
        raise DataError(*problems)
    return pd.DataFrame(made, index=frame.index)


class _OtherTypeError(Exception):
    """Rows whose values are of another type, by position."""

    def __init__(self, rows: Sequence[int], values: Sequence[Any]) -> None:
        self.rows, self.values = rows, values
        super().__init__()


def _missing(name: str, known: list[str]) -> Problem:
    known = [each for each in known if each != ROW]  # which nobody has written
    shown = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    hint = did_you_mean(name, known) or f"the columns are: {shown}"
    return Problem("the column is missing", key=name, hint=hint)


def _other(column: Input, other: _OtherTypeError) -> Problem:
    shown = ", ".join(
        f"row {row}: {value!r}"[:60]
        for row, value in list(zip(other.rows, other.values, strict=True))[:_SAMPLES]
    )
    rows = "1 row holds" if len(other.rows) == 1 else f"{len(other.rows):,} rows hold"
    return Problem(
        f"expected {column['type']}; {rows} something else ({shown})", key=column["name"]
    )


def _refuse_others(values: pd.Series[Any], right: Callable[[Any], bool]) -> None:
    """Check a column of Python objects one by one; nulls pass."""
    import pandas as pd

    present = values.notna().to_numpy()
    objects = values.to_numpy(dtype=object)
    wrong = [
        row
        for row in range(len(objects))
        if present[row] and not right(objects[row]) and not pd.isna(objects[row])
    ]
    if wrong:
        raise _OtherTypeError(wrong, [objects[row] for row in wrong])


def _read(column: Input, values: pd.Series[Any]) -> Any:
    """Return a column as the model takes it.

    Raises
    ------
    _OtherTypeError
        Where it holds values of another type.
    """
    read = _READ[kind_of_type(column["type"])](values)
    if column["type"] == "integer":
        _refuse_fractions(read)
    return read


def _refuse_fractions(numbers: pd.Series[Any]) -> None:
    """Check that floats are whole numbers; nulls pass."""
    import numpy as np

    if numbers.dtype.kind != "f":
        return
    values = numbers.to_numpy()
    whole = np.isnan(values) | (np.isfinite(values) & (values == np.floor(values)))
    wrong = np.flatnonzero(~whole)
    if len(wrong):
        raise _OtherTypeError(wrong.tolist(), values[wrong].tolist())


def _numbers(values: pd.Series[Any]) -> Any:
    from decimal import Decimal
    from numbers import Real

    from pandas.api import types

    if types.is_numeric_dtype(values.dtype) and not types.is_bool_dtype(values.dtype):
        return _plain(values)
    _refuse_others(
        values, lambda value: isinstance(value, Real | Decimal) and not _is_boolean(value)
    )
    return values.astype(object).where(values.notna(), float("nan")).astype("float64")


def _plain(numbers: pd.Series[Any]) -> pd.Series[Any]:
    """Return nullable and Arrow numbers as numpy has them: floats where there are nulls."""
    if hasattr(numbers.dtype, "numpy_dtype"):
        return numbers.astype("float64" if numbers.hasnans else numbers.dtype.numpy_dtype)
    return numbers


def _strings(values: pd.Series[Any]) -> Any:
    from pandas.api import types

    if isinstance(values.dtype, types.CategoricalDtype):
        values = values.astype(object)
    _refuse_others(values, lambda value: isinstance(value, str))
    return values.astype("str")


def _booleans(values: pd.Series[Any]) -> Any:
    from pandas.api import types

    if types.is_bool_dtype(values.dtype):
        return (
            values if values.dtype == bool else values.astype("object" if values.hasnans else bool)
        )
    _refuse_others(values, _is_boolean)
    return values.astype(object)


def _dates(values: pd.Series[Any]) -> Any:
    import datetime as dt

    import pandas as pd
    from pandas.api import types

    if types.is_datetime64_any_dtype(values.dtype):
        return values
    _refuse_others(values, lambda value: isinstance(value, dt.date) or _is_iso(value))
    return pd.to_datetime(values.astype(object), format="ISO8601")


def _is_boolean(value: Any) -> bool:
    import numpy as np

    return isinstance(value, bool | np.bool_)


def _is_iso(value: Any) -> bool:
    import datetime as dt

    if not isinstance(value, str):
        return False
    try:
        dt.datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


_READ: dict[str, Callable[[Any], Any]] = {
    "number": _numbers,
    "string": _strings,
    "boolean": _booleans,
    "date": _dates,
    "any": lambda values: values,
}
