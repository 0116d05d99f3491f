"""How the operational metrics are measured: the part of the spec."""

from typing import Annotated

from pydantic import Field

from mlpipe.spec.part import Part

__all__ = ["Timing"]

Count = Annotated[int, Field(ge=1, le=1_000_000)]


class Timing(Part):
    """How speed, memory and size are measured: in fresh processes, on this machine."""

    rows: Count = 1000
    """How many held-out rows are predicted, spread over the part."""
    batch: Count = 1000
    """Rows of a batch; where there are fewer held-out rows, they repeat."""
    repetitions: Count = 400
    """How often one row is predicted; the 99 % quantile has an interval from 368 on."""
    batches: Count = 100
    """How often a batch is predicted."""
    warm_up: Annotated[int, Field(ge=0, le=1_000_000)] = 20
    """Predictions of one row before that are not counted; of batches, a tenth as many."""
    starts: Count = 6
    """Fresh processes that load the model; the median of fewer than six has no interval."""
    timeout: Annotated[float, Field(gt=0)] = 300.0
    """Seconds after which measuring is given up."""
