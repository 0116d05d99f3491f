"""A word that becomes a scikit-learn transformer."""

from abc import abstractmethod
from typing import Any, ClassVar

from mlpipe.spec.part import Word

__all__ = ["CODES", "NUMBERS", "Transform"]

NUMBERS = frozenset({"number", "boolean"})
CODES = frozenset({"category", "number", "boolean"})


class Transform(Word):
    """A step of featurize that is fitted on the rows of train.

    A subclass says which kinds of columns it ``takes`` and which kind it ``gives``:
    ``None`` is the kind it took, ``sparse`` is a sparse matrix of numbers.
    """

    takes: ClassVar[frozenset[str]]
    gives: ClassVar[str | None] = "number"

    @abstractmethod
    def build(self, seed: int) -> Any:
        """Return a new unfitted transformer.

        Parameters
        ----------
        seed : int
            Whatever is random about it follows from this.
        """

    def taken(self) -> frozenset[str]:
        """Return the kinds of columns that it takes with these parameters."""
        return self.takes

    def per_column(self) -> bool:
        """Whether each column gets a transformer of its own, since one column becomes many."""
        return False

    def joins(self) -> bool:
        """Whether it works on all columns of the block together, after the steps before it."""
        return False

    def takes_gaps(self) -> bool:
        """Whether it takes missing values; where it does not, a fit with some is refused."""
        return True

    def least_columns(self) -> int:
        """How many columns its block must have at least."""
        return 1
