"""The parts of the data that a mean may hide: those the spec names, and those a scan finds."""

from mlpipe.evaluate.slices.cut import Axes, Axis, Cut, axes_of, column_of, label_of
from mlpipe.evaluate.slices.named import (
    RESAMPLES,
    Slice,
    cut_notes,
    one_slice,
    slice_reports,
    slices_of,
    value_of,
)

__all__ = [
    "RESAMPLES",
    "Axes",
    "Axis",
    "Cut",
    "Slice",
    "axes_of",
    "column_of",
    "cut_notes",
    "label_of",
    "one_slice",
    "slice_reports",
    "slices_of",
    "value_of",
]
