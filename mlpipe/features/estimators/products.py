"""Products of columns, by readable names."""
# ruff: noqa: TID253 - defines a scikit-learn transformer; imported lazily

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.preprocessing import PolynomialFeatures
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Products"]


class Products(PolynomialFeatures):  # type: ignore[misc]
    """A `PolynomialFeatures` whose products are called ``tenure*charges`` and ``tenure^2``."""

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the factors of each product, joined by ``*``."""
        check_is_fitted(self)
        given = _check_feature_names_in(self, input_features)
        products = (
            "*".join(_power(given[at], row[at]) for at in np.flatnonzero(row))
            for row in self.powers_
        )
        return np.asarray(list(products), dtype=object)

    def made_from(self, names: list[str]) -> list[list[int]]:  # noqa: ARG002
        """Return the positions of the factors of each product."""
        return [np.flatnonzero(row).tolist() for row in self.powers_]


def _power(name: str, exponent: int) -> str:
    return name if exponent == 1 else f"{name}^{exponent}"
