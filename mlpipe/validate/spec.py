"""The `validate` section: checks of columns and of the table as a whole."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from mlpipe.checks.asked import Day, Severity
from mlpipe.checks.column_words import ColumnChecks
from mlpipe.checks.words import TableCheck, references
from mlpipe.spec.part import Part
from mlpipe.validate.doctor.spec import Switch

__all__ = ["ColumnChecks", "Schema", "Validate"]

Blocks = ColumnChecks | Annotated[tuple[ColumnChecks, ...], Field(min_length=1)]
Width = Literal["exact", "open"]


class Schema(Part):
    """Whether the table may have columns that `columns` does not name."""

    columns: Width = "exact"
    """`exact`: no; `open`: yes."""
    severity: Severity = "warn"
    """Whether another column is an error (exit code 1) or a warning."""


class Validate(Part):
    """Checks of the shaped table; all of them take one scan."""

    model_config = ConfigDict(serialize_by_alias=True)

    columns: dict[str, Blocks] = Field(default_factory=dict)
    """Checks by column, or a list of them by column; a column named here must be there."""
    checks: tuple[TableCheck, ...] = ()
    """Checks of the table as a whole."""
    doctor: Switch = True
    """The data doctor looks for leaks and dirt; false, or what it passes over."""
    schema_: Annotated[Width | Schema, Field(alias="schema")] = "open"
    """`exact` warns about columns that `columns` does not name; {severity: error} fails them."""
    examples: Annotated[int, Field(ge=1, le=1000)] = 5
    """How many rows are shown of each check that failed."""

    as_of: Day | None = None
    """The day that `freshness` counts age from; today (UTC) where left out."""

    @property
    def width(self) -> Schema:
        """The schema, spelled out."""
        return self.schema_ if isinstance(self.schema_, Schema) else Schema(columns=self.schema_)

    @property
    def references(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The sources of ingest, with their columns, that checks refer to."""
        return references(self.checks)
