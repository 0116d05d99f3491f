"""``one_hot``: a column of 0 and 1 for each level."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from mlpipe.features.transform import CODES, Transform

__all__ = ["OneHot"]


class OneHot(Transform):
    """Give each level of train a column; missing is a level of its own."""

    word: ClassVar[str] = "one_hot"
    main: ClassVar[str | None] = "min_frequency"
    takes: ClassVar[frozenset[str]] = CODES
    gives: ClassVar[str | None] = "sparse"

    min_frequency: Annotated[int, Field(ge=1)] | None = None
    """Levels with fewer rows share one column."""
    max_levels: Annotated[int, Field(ge=2)] | None = None
    """Keep the most frequent levels, at most so many columns; the others share the last."""
    unknown: Literal["ignore", "infrequent", "error"] = "ignore"
    """A level that train did not have: all 0, the shared column of rare levels, or an error."""
    drop: Literal["first", "if_binary"] | None = None
    """Leave out the first level, of every column or of those with two."""

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return a `OneHotLevels` with sparse output."""
        from mlpipe.features.estimators.levels import OneHotLevels

        unknown = {"infrequent": "infrequent_if_exist"}.get(self.unknown, self.unknown)
        return OneHotLevels(
            min_frequency=self.min_frequency,
            max_categories=self.max_levels,
            handle_unknown=unknown,
            drop=self.drop,
        )

    def per_column(self) -> bool:
        """Whether one column becomes many: yes."""
        return True
