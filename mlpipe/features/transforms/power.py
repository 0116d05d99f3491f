"""``power`` and ``quantile``: numbers of a skewed distribution in a better shape."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from mlpipe.features.transform import NUMBERS, Transform

__all__ = ["Power", "Quantile"]


class Power(Transform):
    """Raise each column to the power that brings it nearest to a normal distribution.

    A missing value stays missing.
    """

    word: ClassVar[str] = "power"
    main: ClassVar[str | None] = "method"
    takes: ClassVar[frozenset[str]] = NUMBERS

    method: Literal["yeo_johnson", "box_cox"] = "yeo_johnson"
    """Yeo and Johnson (2000) for all numbers, or Box and Cox (1964) for positive ones alone."""
    standardize: bool = True
    """Bring the result to mean 0 and deviation 1."""

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return a `PowerTransformer`."""
        from sklearn.preprocessing import PowerTransformer

        return PowerTransformer(method=self.method.replace("_", "-"), standardize=self.standardize)


class Quantile(Transform):
    """Replace a number by its rank among those of train; a missing value stays missing."""

    word: ClassVar[str] = "quantile"
    main: ClassVar[str | None] = "distribution"
    takes: ClassVar[frozenset[str]] = NUMBERS

    distribution: Literal["uniform", "normal"] = "uniform"
    """Ranks from 0 to 1, or the values of a standard normal distribution at them."""
    quantiles: Annotated[int, Field(ge=2, le=10_000)] = 1000
    """At how many places the distribution is learned; at most one a row of train."""

    def build(self, seed: int) -> Any:
        """Return a `Ranks`: a seeded `QuantileTransformer`."""
        from mlpipe.features.estimators.rows import Ranks

        return Ranks(
            n_quantiles=self.quantiles, output_distribution=self.distribution, random_state=seed
        )
