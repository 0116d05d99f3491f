"""What decisions are worth: a value for each row, by what was true and what was said of it."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.errors import DataError, Problem
from mlpipe.metrics.expression import Amount, expression
from mlpipe.metrics.feedback import Feedback
from mlpipe.spec.part import Part
from mlpipe.spec.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from mlpipe.metrics.arrays import Array

__all__ = ["Business", "CellValues", "Kind", "UnitCost", "amounts_in"]

Kind = Literal["value", "top", "matrix", "cost", "feedback"]
Name = Annotated[str, Field(min_length=1)]
_ONE_OF = ("value", "matrix", "cost", "feedback")


class CellValues(Part):
    """What one row is worth in each cell: a number, or arithmetic over columns."""

    tp: Amount = 0.0
    """A positive that is acted on."""
    fp: Amount = 0.0
    """A negative that is acted on."""
    fn: Amount = 0.0
    """A positive that is left alone."""
    tn: Amount = 0.0
    """A negative that is left alone."""


class UnitCost(Part):
    """What a unit of error costs on either side: a number, or arithmetic over columns."""

    under: Amount = 1.0
    """A unit by which the prediction is below the truth."""
    over: Amount = 1.0
    """A unit by which the prediction is above the truth."""

    @model_validator(mode="after")
    def _are_costs(self) -> Self:
        numbers = [cell for cell in (self.under, self.over) if not isinstance(cell, str)]
        if any(number < 0 for number in numbers):
            raise _refuse("a cost is 0 or more", "write what an error costs: {under: 3, over: 1}")
        if len(numbers) == 2 and not any(numbers):
            raise _refuse("an error that costs nothing on either side has no value")
        return self


class Business(Part):
    """A business metric: what acting on predictions is worth, or what customers say of it."""

    value: CellValues | None = None
    """Of two classes: what each cell of the confusion matrix is worth."""
    top: Annotated[int, Field(ge=1)] | Annotated[float, Field(gt=0, lt=1)] | None = None
    """With value: act on so many of the best-scored rows, or such a share, not by the threshold."""
    matrix: dict[Name, dict[Name, Amount]] | None = None
    """What a row of a true class is worth by the predicted one: {true: {predicted: value}}."""
    cost: UnitCost | None = None
    """Of a number: what a unit of error costs, below and above the truth."""
    feedback: Feedback | None = None
    """What customers answered: NPS or CSAT, joined on a key."""
    currency: str | None = None
    """The unit of the values, for reports."""

    @model_validator(mode="before")
    @classmethod
    def _classes_are_names(cls, values: Any) -> Any:
        """Classes that look like numbers are named by their text: ``matrix: {1: {0: -5}}``."""
        if not isinstance(values, dict) or not isinstance(values.get("matrix"), dict):
            return values
        return {**values, "matrix": _named(values["matrix"], deeper=True)}

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        given = [name for name in _ONE_OF if getattr(self, name) is not None]
        if len(given) != 1:
            found = f"; found {' and '.join(given)}" if given else ""
            message = f"a business metric has one of {', '.join(_ONE_OF)}{found}"
            raise _refuse(message, "e.g. {value: {tp: 20, fp: -5}, currency: EUR}")
        if self.top is not None and self.value is None:
            raise _refuse("top goes with value", "e.g. {top: 500, value: {tp: 20, fp: -5}}")
        if self.feedback is not None and self.currency is not None:
            raise _refuse("feedback has no currency", "leave it out")
        return self

    @property
    def kind(self) -> Kind:
        """What kind of metric it is: the key that says so."""
        if self.value is not None:
            return "value" if self.top is None else "top"
        if self.feedback is not None:
            return "feedback"
        return "matrix" if self.cost is None else "cost"

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks it is defined for."""
        if self.kind == "feedback":
            return ("binary", "multiclass", "regression")
        of = {"cost": ("regression",), "matrix": ("binary", "multiclass")}
        return of.get(self.kind, ("binary",))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the values read, in order of appearance."""
        read = [name for cell in self._cells() for name in _columns(cell)]
        return tuple(dict.fromkeys(read))

    def acting(
        self, y: "Array", columns: "Mapping[str, Array]", names: "Sequence[Any]" = ()
    ) -> "tuple[Array, Array]":
        """Return what each row is worth when acted on, and when left alone.

        The value of a policy is the sum of the first over the rows it acts on and of the second
        over the others; thresholds can be swept with two cumulated sums.

        Parameters
        ----------
        y : array of 0 and 1, shape (n,)
        columns : mapping of str to array, shape (n,)
            At least `columns`; NaN for null.
        names : sequence
            The two classes, the positive one last; a matrix needs them.

        Returns
        -------
        acted, left : array, shape (n,)
            NaN where a column that the cell needs is null.

        Raises
        ------
        DataError
            The matrix names a class that there is not.
        """
        table = self.choices(y, columns, names or ("0", "1"))
        return table[:, 1], table[:, 0]

    def choices(
        self, y: "Array", columns: "Mapping[str, Array]", names: "Sequence[Any]"
    ) -> "Array":
        """Return what each row is worth by the class that is said of it, shape (n, classes).

        Parameters
        ----------
        y : array of int, shape (n,)
            The true classes as codes; one past the last is a class the model never saw, which is
            worth nothing.
        columns : mapping of str to array, shape (n,)
        names : sequence
            The classes in the order of their codes.

        Raises
        ------
        DataError
            The matrix names a class that there is not.
        """
        import numpy as np

        found = np.zeros((len(y), len(names)))
        for true, row in enumerate(self._table(names)):
            here = np.flatnonzero(y == true)
            inside = {name: values[here] for name, values in columns.items()}
            for said, cell in enumerate(row):
                found[here, said] = _values(cell, inside, len(here))
        return found

    def errors(self, y: "Array", pred: "Array", columns: "Mapping[str, Array]") -> "Array":
        """Return what each prediction of a number is worth: its cost, below 0.

        With constants it is -(under + over) times the pinball loss at under / (under + over)
        (Koenker and Bassett 1978), the newsvendor's cost.
        """
        import numpy as np

        under, over = self.unit_costs(columns, len(y))
        cost = under * np.maximum(y - pred, 0) + over * np.maximum(pred - y, 0)
        return np.asarray(-cost)

    def unit_costs(self, columns: "Mapping[str, Array]", rows: int) -> "tuple[Array, Array]":
        """Return what a unit below and a unit above the truth costs, each of shape (rows,).

        Raises
        ------
        DataError
            A cost is below 0 in some rows: the greater an error, the better.
        """
        cost = self.cost or UnitCost()
        found = _values(cost.under, columns, rows), _values(cost.over, columns, rows)
        for side, text, values in zip(
            ("under", "over"), (cost.under, cost.over), found, strict=True
        ):
            if below := int((values < 0).sum()):
                what = f"a cost is 0 or more; '{text}' is below 0 in {below:,} rows"
                raise DataError(Problem(what, key=f"cost.{side}"))
        return found

    def _table(self, names: "Sequence[Any]") -> list[list[float | str]]:
        """Return the cells by true and said class; those left out are worth nothing."""
        if self.value is not None:
            cells = self.value
            return [[cells.tn, cells.fp], [cells.fn, cells.tp]]
        matrix, known = self.matrix or {}, [str(name) for name in names]
        for name in (*matrix, *(each for row in matrix.values() for each in row)):
            if name not in known:
                hint = did_you_mean(name, known) or f"the classes are {', '.join(known[:10])}"
                raise DataError(Problem(f"'{name}' is not a class", key="matrix", hint=hint))
        return [[matrix.get(true, {}).get(said, 0.0) for said in known] for true in known]

    def _cells(self) -> "Iterator[float | str]":
        for part in (self.value, self.cost):
            if part is not None:
                yield from (getattr(part, name) for name in type(part).model_fields)
        for row in (self.matrix or {}).values():
            yield from row.values()


def amounts_in(frame: "pd.DataFrame", names: "Iterable[str]") -> "dict[str, Array]":
    """Return columns as numbers, NaN for null.

    Raises
    ------
    DataError
        A column that holds no numbers.
    """
    import pandas as pd

    found = {}
    for name in names:
        values = frame[name]
        numbers = pd.to_numeric(values, errors="coerce")
        lost = values[numbers.isna() & values.notna()]
        if len(lost) or pd.api.types.is_datetime64_any_dtype(values):
            what = (
                f"{len(lost)} rows hold no number: {lost.iloc[0]!r}" if len(lost) else "is a time"
            )
            hint = "a business value is arithmetic over numbers; make them in ingest.sql"
            raise DataError(Problem(what, key=name, hint=hint))
        found[name] = numbers.to_numpy(float, na_value=float("nan"))
    return found


def _named(mapping: "Mapping[Any, Any]", *, deeper: bool) -> dict[Any, Any]:
    def inner(value: Any) -> Any:
        return _named(value, deeper=False) if deeper and isinstance(value, dict) else value

    return {
        str(key) if type(key) in {int, float} else key: inner(value)
        for key, value in mapping.items()
    }


def _columns(cell: float | str) -> tuple[str, ...]:
    return expression(cell).columns if isinstance(cell, str) else ()


def _values(cell: float | str, columns: "Mapping[str, Array]", rows: int) -> "Array":
    import numpy as np

    if isinstance(cell, str):
        return expression(cell).values(columns, rows)
    return np.full(rows, float(cell))


def _refuse(message: str, hint: str = "") -> PydanticCustomError:
    return PydanticCustomError("business", "{message}", {"message": message, "hint": hint})
