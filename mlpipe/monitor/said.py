"""What the model said of a window, and what is known of the truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.chunks import Chunk

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

__all__ = ["Said"]


@dataclass(frozen=True)
class Said:
    """What the model said of a window, and what is known of the truth.

    Attributes
    ----------
    predictions : DataFrame
        ``_row``, ``prediction``, and ``score`` or ``score_CLASS``.
    chunks : sequence of Chunk
    labels : ibis table or None
        Key columns and target; None: the target of the window's rows.
    classes : sequence
        In the order of their codes (of two, the positive one is last).
    """

    predictions: "pd.DataFrame"
    chunks: Sequence[Chunk]
    labels: "ir.Table | None" = None
    classes: Sequence[Any] = ()
