"""The ``bundle`` section of the spec."""

from typing import Annotated

from pydantic import Field

from mlpipe.spec.part import Part

__all__ = ["Bundle", "Onnx"]


class Onnx(Part):
    """The model as an ONNX file beside it, where both say the same."""

    tolerance: Annotated[float, Field(gt=0, le=0.01)] = 1e-6
    """How far apart a score may be; of regression, relative to the largest prediction."""
    rows: Annotated[int, Field(ge=1)] = 5000
    """At most so many held-out rows are compared."""


class Bundle(Part):
    """What the bundle holds beside the model."""

    onnx: bool | Onnx = False
    """Try to say the model in ONNX too; kept only where it predicts the same on held-out rows."""
    background: Annotated[int, Field(ge=0, le=100)] = 50
    """So many rows of train are kept, in the model's own columns, for reasons to compare with;
    0 keeps none."""

    def asked_onnx(self) -> Onnx | None:
        """Return how ONNX is made and compared; None where it is not asked for."""
        if isinstance(self.onnx, Onnx):
            return self.onnx
        return Onnx() if self.onnx else None
