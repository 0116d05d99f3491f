"""``polynomial`` and ``interactions``: products of columns."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from mlpipe.features.transform import NUMBERS, Transform

__all__ = ["Interactions", "Polynomial"]


class Polynomial(Transform):
    """Add the powers of each column and the products of several; it takes no gaps."""

    word: ClassVar[str] = "polynomial"
    main: ClassVar[str | None] = "degree"
    takes: ClassVar[frozenset[str]] = NUMBERS

    degree: Annotated[int, Field(ge=2, le=5)] = 2
    """The most factors that a product has."""
    interaction_only: bool = False
    """Leave out the powers: a column stands in a product once."""

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return a `Products` that keeps the columns beside their products."""
        from mlpipe.features.estimators.products import Products

        return Products(self.degree, interaction_only=self.interaction_only, include_bias=False)

    def joins(self) -> bool:
        """Whether it works on the columns together: yes."""
        return True

    def takes_gaps(self) -> bool:
        """Whether it takes missing values: no."""
        return False


class Interactions(Transform):
    """Multiply the columns of the block, each with each other; it takes no gaps."""

    word: ClassVar[str] = "interactions"
    main: ClassVar[str | None] = "keep"
    takes: ClassVar[frozenset[str]] = NUMBERS

    keep: bool = False
    """Keep the columns themselves beside their products."""

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return a `Products` of two columns each."""
        from mlpipe.features.estimators.products import Products

        return Products((1 if self.keep else 2, 2), interaction_only=True, include_bias=False)

    def joins(self) -> bool:
        """Whether it works on the columns together: yes."""
        return True

    def takes_gaps(self) -> bool:
        """Whether it takes missing values: no."""
        return False

    def least_columns(self) -> int:
        """How many columns its block must have: two make a product."""
        return 2
