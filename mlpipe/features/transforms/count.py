"""``count``: replace a level by how often it is met."""

from typing import Any, ClassVar

from mlpipe.features.transform import CODES, Transform

__all__ = ["Count"]


class Count(Transform):
    """Count the rows of train that have the level; 0 for one that train did not have.

    A missing value is a level of its own.
    """

    word: ClassVar[str] = "count"
    main: ClassVar[str | None] = "normalize"
    takes: ClassVar[frozenset[str]] = CODES

    normalize: bool = False
    """Give the share of the rows, from 0 to 1, in place of their number."""

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return `LevelCounts`."""
        from mlpipe.features.estimators.categories import LevelCounts

        return LevelCounts(normalize=self.normalize)
