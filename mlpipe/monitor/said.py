"""What the model said of a window."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.chunks import Chunk

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Said"]


@dataclass(frozen=True)
class Said:
    """What the model said of a window.

    Attributes
    ----------
    table : ibis table
        ``_row``, ``prediction``, ``score`` or ``score_CLASS``, and the label of the chunk.
    chunks : sequence of Chunk
    classes : sequence
        In the order of their codes (of two, the positive one is last).
    """

    table: "ir.Table"
    chunks: Sequence[Chunk]
    classes: Sequence[Any] = ()
