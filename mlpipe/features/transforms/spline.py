"""``spline``: a number as a smooth curve, for models that draw straight lines."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from mlpipe.features.transform import NUMBERS, Transform

__all__ = ["Spline"]


class Spline(Transform):
    """Write each column in a basis of splines (Eilers and Marx 1996); it takes no gaps."""

    word: ClassVar[str] = "spline"
    main: ClassVar[str | None] = "knots"
    takes: ClassVar[frozenset[str]] = NUMBERS

    knots: Annotated[int, Field(ge=2, le=100)] = 5
    """At how many places the pieces of the curve meet."""
    degree: Annotated[int, Field(ge=0, le=5)] = 3
    """Of each piece: 1 is a broken line, 3 is smooth."""
    place: Literal["quantile", "uniform"] = "quantile"
    """As many rows of train between two knots, or as wide each."""
    outside: Literal["constant", "linear", "continue", "periodic"] = "constant"
    """Beyond the numbers of train: flat, straight on, as the curve goes on, or from the start."""

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return `Curves`: a `SplineTransformer` without the column that the others add up to."""
        from mlpipe.features.estimators.curves import Curves

        return Curves(
            n_knots=self.knots,
            degree=self.degree,
            knots=self.place,
            extrapolation=self.outside,
            include_bias=False,
        )

    def per_column(self) -> bool:
        """Whether one column becomes many: yes."""
        return True

    def takes_gaps(self) -> bool:
        """Whether it takes missing values: no."""
        return False
