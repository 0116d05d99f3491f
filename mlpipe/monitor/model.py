"""What a model carries into monitor, and what it is held against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.errors import Problem, SpecError
from mlpipe.monitor.reference import refuse_torn
from mlpipe.table.columns import Columns

if TYPE_CHECKING:
    from datetime import datetime

    import ibis.expr.types as ir
    import pandas as pd

__all__ = ["Current", "Model"]


@dataclass(frozen=True)
class Model:
    """A model, as far as monitor needs it.

    Attributes
    ----------
    task : {"binary", "multiclass", "regression"}
    profile : mapping
        The reference profile of the table; under ``predictions``, that of the predictions; under
        ``importance`` how much each column matters, under ``quality`` each metric with ``value``,
        ``low`` and ``high`` when the model was evaluated.
    classes : sequence
        In the order of their codes (of two, the positive one is last).
    rows : DataFrame or None
        Rows of train, for ``multivariate: true``.
    """

    task: str
    profile: Mapping[str, Any]
    classes: Sequence[Any] = ()
    rows: "pd.DataFrame | None" = None

    @property
    def importance(self) -> Mapping[str, float]:
        """Importance of the columns to the model; may be empty."""
        found: Mapping[str, float] = self.profile.get("importance") or {}
        return found

    @property
    def reference(self) -> Mapping[str, Any]:
        """The profile with all that it is held against.

        Raises
        ------
        SpecError
            The model carries none, or not all of one.
        """
        if not self.profile or "bins" not in self.profile:
            hint = "train the model again: its bundle then holds profile.json"
            raise SpecError(Problem("the model carries no reference profile", "", "monitor", hint))
        refuse_torn(dict(self.profile))
        return {**self.profile, "quality": self.profile.get("quality") or {}}


@dataclass(frozen=True)
class Current:
    """The current data.

    Attributes
    ----------
    table : ibis table
        The current rows, with ``_row``; with the target too, as far as labels have come.
    columns : Columns
    predictions : ibis table
        ``_row``, ``prediction``, and ``score`` or ``score_CLASS``, of the same rows; the time, or
        the file, beside them spares a look-up of it.
    file_column : str or None
        The column that names the file of a row, for ``every: file``.
    as_of : datetime or None
        When the data was taken, naive and in UTC.
    """

    table: "ir.Table"
    columns: Columns
    predictions: "ir.Table"
    file_column: str | None = None
    as_of: "datetime | None" = None
