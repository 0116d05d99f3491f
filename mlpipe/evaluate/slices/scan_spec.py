"""The `scan` section of `evaluate`: where to look for slices that nobody named."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from mlpipe.evaluate.measure import FEWEST_POSITIVES, FEWEST_ROWS
from mlpipe.evaluate.slices.cut import Axis, Name
from mlpipe.spec.part import Part
from mlpipe.table.columns import ROW, SCOPE, Columns

__all__ = ["Scan", "scannable"]

Count = Annotated[int, Field(ge=1)]


class Scan(Part):
    """A search for the slices where the model does worst."""

    columns: Annotated[tuple[Axis, ...], Field(min_length=1)] | None = None
    """Where to look; left out, at every column that is no key, entity, target or weight."""
    depth: Literal[1, 2] = 2
    """Whether to look at single columns, or at every two of them too."""
    top: Annotated[int, Field(ge=1, le=100)] = 10
    """How many slices to report."""
    metric: Name | None = None
    """The loss of a row: log_loss, brier or accuracy; mae or rmse. Left out, the first."""
    min_rows: Annotated[int, Field(ge=20)] = FEWEST_ROWS
    """A slice of fewer rows is not looked at."""
    min_positives: Count = FEWEST_POSITIVES
    """A slice of fewer positives is not looked at; of binary tasks."""


def scannable(columns: Columns, known: Sequence[str]) -> list[str]:
    """Return the columns of a table that a scan looks at by itself."""
    roles = {ROW, SCOPE, "part", *columns.keys, columns.entity, columns.target_name, columns.weight}
    return [name for name in known if name not in roles]
