"""What features stand on that is neither core nor in the bundle: packages, and models of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.features.transform import Transform
from mlpipe.features.words import step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlpipe.features.plan import Plan

__all__ = ["distributions", "require"]


def distributions(plan: Plan) -> list[str]:
    """Return the packages that features of a plan come from, beside those that all rest on."""
    blocks = (block for model in plan["models"].values() for block in model["blocks"])
    words = (step(written) for block in blocks for written in block["steps"])
    return sorted(
        {name for word in words if isinstance(word, Transform) for name in word.distributions}
    )


def require(fitted: Any) -> None:
    """Refuse a fitted model where something that it stands on outside of itself is not here.

    Raises
    ------
    StoreError
        If a model of texts is another one than that of training, or is not here.
    SpecError
        If a package is missing.
    """
    for part in _parts(fitted):
        if hasattr(part, "require"):
            part.require()


def _parts(fitted: Any) -> Iterator[Any]:
    """Yield every estimator inside of another, however deep."""
    from sklearn.base import BaseEstimator

    if isinstance(fitted, BaseEstimator):
        yield fitted
        fitted = vars(fitted)
    if isinstance(fitted, dict):
        fitted = list(fitted.values())
    for part in fitted if isinstance(fitted, list | tuple) else ():
        yield from _parts(part)
