"""The `validate` section: checks of columns and of the table as a whole."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.spec.part import Part
from mlpipe.validate.doctor.spec import Switch
from mlpipe.validate.table_checks import Severity, TableCheck

__all__ = ["ColumnChecks", "Validate"]

ColumnType = Literal["integer", "number", "string", "boolean", "date", "timestamp"]
Bound = int | float | str
Value = bool | int | float | str


class ColumnChecks(Part):
    """What each value of one column must be; nulls count for `nullable` only."""

    model_config = ConfigDict(serialize_by_alias=True)

    type: ColumnType | None = None
    """Type that the ingested column must have (to make it so: `ingest.sources.X.types`)."""
    nullable: bool = True
    """Whether a value may be missing."""
    unique: bool = False
    """Whether each value may appear only once."""
    min: Bound | None = None
    """Smallest value allowed; a date is written as text, "2026-01-31"."""
    max: Bound | None = None
    """Largest value allowed."""
    in_: Annotated[tuple[Value, ...] | None, Field(alias="in", min_length=1)] = None
    """The values allowed."""
    matches: str | None = None
    """Regular expression (RE2) that the whole value must match."""
    min_length: Annotated[int | None, Field(ge=0)] = None
    """Fewest characters allowed."""
    max_length: Annotated[int | None, Field(ge=0)] = None
    """Most characters allowed."""
    mostly: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of the rows that must pass each check of this column."""
    severity: Severity = "error"
    """Whether a failure is an error (exit code 1) or a warning."""
    message: str | None = None
    """Said instead of mlpipe's own message when a check of this column fails."""

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        for low, high in (("min", "max"), ("min_length", "max_length")):
            least, most = getattr(self, low), getattr(self, high)
            if least is None or most is None:
                continue
            if isinstance(least, str) is not isinstance(most, str) or least > most:
                raise PydanticCustomError(
                    "check_bounds",
                    "{low} ({least}) and {high} ({most}) leave no value",
                    {"low": low, "least": least, "high": high, "most": most, "hint": ""},
                )
        return self


class Validate(Part):
    """Checks of the shaped table; all of them take one scan."""

    model_config = ConfigDict(serialize_by_alias=True)

    columns: dict[str, ColumnChecks] = Field(default_factory=dict)
    """Checks by column; a column named here must be there."""
    checks: tuple[TableCheck, ...] = ()
    """Checks of the table as a whole."""
    schema_: Annotated[Literal["exact", "open"], Field(alias="schema")] = "open"
    """`exact` warns about columns that `columns` does not name."""
    doctor: Switch = True
    """The data doctor looks for leaks and dirt; false, or what it passes over."""
