"""``clip``, ``log`` and ``keep``: numbers within bounds, in orders of magnitude, or as they are."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.features.transform import NUMBERS, Transform

__all__ = ["Clip", "Keep", "Log"]

Share = Annotated[float, Field(ge=0, le=1)]


class Clip(Transform):
    """Hold numbers within bounds: quantiles of train, or values given."""

    word: ClassVar[str] = "clip"
    main: ClassVar[str | None] = "quantiles"
    takes: ClassVar[frozenset[str]] = NUMBERS

    quantiles: tuple[Share, Share] | None = None
    """Lower and upper quantile of train; 0.01 and 0.99 where no bound is given."""
    min: float | None = None
    """Lower bound."""
    max: float | None = None
    """Upper bound."""

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        given = self.min is not None or self.max is not None
        low, high = (self.min, self.max) if given else (self.quantiles or (0.01, 0.99))
        if given and self.quantiles is not None:
            raise PydanticCustomError("clip", "give either `quantiles` or `min` and `max`")
        if low is not None and high is not None and low >= high:
            raise PydanticCustomError("clip", "the lower bound must lie below the upper one")
        return self

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return a `Bounds`."""
        from mlpipe.features.estimators.numbers import Bounds

        if self.min is not None or self.max is not None:
            return Bounds(minimum=self.min, maximum=self.max)
        low, high = self.quantiles or (0.01, 0.99)
        return Bounds(low_quantile=low, high_quantile=high)


class Log(Transform):
    """Take the natural logarithm of value + offset; missing where that is not positive."""

    word: ClassVar[str] = "log"
    main: ClassVar[str | None] = "offset"
    takes: ClassVar[frozenset[str]] = NUMBERS

    offset: Annotated[float, Field(ge=0)] = 1.0
    """Added first, so that 0 stays a number."""

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return a `Logarithm`."""
        from mlpipe.features.estimators.numbers import Logarithm

        return Logarithm(offset=float(self.offset))


class Keep(Transform):
    """Take numbers as they are."""

    word: ClassVar[str] = "keep"
    takes: ClassVar[frozenset[str]] = NUMBERS

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return the identity."""
        from sklearn.preprocessing import FunctionTransformer

        return FunctionTransformer(feature_names_out="one-to-one")
