"""What the formulas share: the array type, weighted totals, and a division with holes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[Any]
else:
    Array = Any  # numpy loads when the first figure is computed

__all__ = ["Array", "share", "total"]


def total(weight: Array, term: Array) -> Array:
    """Sum ``weight * term`` over the rows: shapes (..., n) and (n,) give (...).

    One thread and one order of summation, so that the same inputs give the same bytes: a matrix
    product would leave both to the machine.
    """
    import numpy as np

    return np.asarray(np.einsum("...n,n->...", weight, term.astype(float)), float)


def share(part: Array, whole: Array) -> Array:
    """Divide, with NaN where the whole is not above 0."""
    import numpy as np

    part, whole = np.asarray(part, float), np.asarray(whole, float)
    nothing = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    return np.asarray(np.divide(part, whole, out=nothing, where=whole > 0))
