"""Why each row got its prediction: the columns that moved it most, beside the prediction."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.bundle.bundle import Bundle
from mlpipe.errors import Problem, StoreError
from mlpipe.explain.background import background_of
from mlpipe.explain.explained import Explained, columns_read, groups
from mlpipe.explain.permutation import one_thread
from mlpipe.explain.reasons import reasons
from mlpipe.explain.worst import reason

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from mlpipe.table.session import Session

__all__ = ["BATCH", "Asked"]

BATCH = 1_000
"""Rows that are explained at once: each takes thousands of predictions."""

_SEED = 0
"""Orders do not hang on the rows: the same row has the same reasons in every file."""


@dataclass(frozen=True)
class Asked:
    """How many reasons are asked for, and what they are found with.

    Attributes
    ----------
    bundle : Bundle
    count : int
        Reasons of each row.
    background : DataFrame
        What rows are compared with.
    session : Session
        Where expressions are computed.
    """

    bundle: Bundle
    count: int
    background: "pd.DataFrame"
    session: "Session"

    @classmethod
    def of(cls, bundle: Bundle, count: int, session: "Session") -> "Asked":
        """Prepare to give reasons.

        Raises
        ------
        StoreError
            If the bundle keeps no rows to compare with.
        """
        background = background_of(bundle)
        if background is None:
            hint = "train it again with bundle: {background: 50}"
            what = "the model keeps no rows to compare with, and so it has no reasons to give"
            raise StoreError(Problem(what, str(bundle.path), hint=hint))
        return cls(bundle, count, background, session)

    @property
    def reads(self) -> list[str]:
        """The columns that rows must have."""
        return columns_read(self.bundle.plan, self.bundle.columns.target_name)

    def columns(self, rows: "pd.DataFrame") -> "dict[str, pa.Array]":
        """Return ``reason_1``, ``reason_1_column``, ``reason_1_effect`` and so on.

        Null where fewer columns moved the prediction. The effect is in the unit of the score: of
        many classes, that of the class predicted.
        """
        import pyarrow as pa

        found = self._found(rows)
        names = {"": "words", "_column": "column", "_effect": "effect"}
        return {
            f"reason_{at + 1}{end}": pa.array(
                [row[at][key] if at < len(row) else None for row in found],
                type=pa.float64() if key == "effect" else pa.string(),
            )
            for at in range(self.count)
            for end, key in names.items()
        }

    def _found(self, rows: "pd.DataFrame") -> list[list[dict[str, Any]]]:
        import numpy as np

        asked = rows[self.reads]
        model = Explained(self.bundle.model, self.bundle.plan, self.session)
        together = groups(self.bundle.plan, self.reads)
        names = (each["name"] for each in self.bundle.ingest["schema"])
        hidden = self.bundle.columns.withheld(names)
        with one_thread():
            likeliest = None
            if self.bundle.task == "multiclass":
                likeliest = np.argmax(model.scores(asked), axis=1) if len(asked) else None
            why = reasons(model.scores, asked, self.background, together, seed=_SEED, of=likeliest)
        return [
            [
                reason(asked, place, name, effect, hidden)
                for name, effect in why.strongest(place, self.count)
            ]
            for place in range(len(asked))
        ]
