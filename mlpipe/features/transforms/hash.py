"""``hash``: many levels in few columns, without a list of them."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from mlpipe.features.transform import CODES, Transform

__all__ = ["Hash"]


class Hash(Transform):
    """Hash each level into one of a fixed number of columns (Weinberger et al. 2009).

    Nothing is learned, so a level that train did not have gets its place too; several levels
    share a column. A missing value is 0 in all of them.
    """

    word: ClassVar[str] = "hash"
    main: ClassVar[str | None] = "size"
    takes: ClassVar[frozenset[str]] = CODES
    gives: ClassVar[str | None] = "sparse"

    size: Annotated[int, Field(ge=2, le=2**20)] = 32
    """How many columns, for each column of the block."""

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return `LevelHashes`: a `FeatureHasher`, whose hash is the same in every process."""
        from mlpipe.features.estimators.categories import LevelHashes

        return LevelHashes(self.size)

    def per_column(self) -> bool:
        """Whether one column becomes many: yes."""
        return True
