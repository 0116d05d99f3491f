"""``normalize``: each row's numbers as a direction, whatever their size."""

from typing import Any, ClassVar, Literal

from mlpipe.features.transform import NUMBERS, Transform

__all__ = ["Normalize"]


class Normalize(Transform):
    """Divide each row by its length over the columns of the block; it takes no gaps."""

    word: ClassVar[str] = "normalize"
    main: ClassVar[str | None] = "norm"
    takes: ClassVar[frozenset[str]] = NUMBERS

    norm: Literal["l1", "l2", "max"] = "l2"
    """The length: sum of absolute values, root of the sum of squares, or largest absolute value."""

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return a `Directions`: a `Normalizer` that says that a value is made from the row."""
        from mlpipe.features.estimators.rows import Directions

        return Directions(norm=self.norm)

    def joins(self) -> bool:
        """Whether it works on the columns together: yes."""
        return True

    def takes_gaps(self) -> bool:
        """Whether it takes missing values: no."""
        return False
