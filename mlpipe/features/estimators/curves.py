"""Splines that can be written as plain arrays."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from typing import Any

from scipy.interpolate import BSpline
from sklearn.preprocessing import SplineTransformer

__all__ = ["Curves"]


class Curves(SplineTransformer):  # type: ignore[misc]
    """A `SplineTransformer` whose state is arrays.

    A `BSpline` of scipy keeps a function of scipy's own beside its arrays: a bundle would have
    to trust it, and it says nothing about the curve.
    """

    def __getstate__(self) -> dict[str, Any]:
        """Return the state, with knots, coefficients and degree in place of each curve."""
        state = dict(super().__getstate__())
        if "bsplines_" in state:
            state["bsplines_"] = [
                [curve.t, curve.c, curve.k, curve.extrapolate] for curve in state["bsplines_"]
            ]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Build the curves again."""
        if "bsplines_" in state:
            curves = [BSpline(t, c, k, outside) for t, c, k, outside in state["bsplines_"]]
            state = {**state, "bsplines_": curves}
        super().__setstate__(state)
