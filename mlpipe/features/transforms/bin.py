"""``bin``: turn a number into the interval it falls into."""

from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.features.transform import NUMBERS, Transform

__all__ = ["Bin"]


class Bin(Transform):
    """Cut each column into intervals, learned on train or given; it takes no gaps."""

    word: ClassVar[str] = "bin"
    main: ClassVar[str | None] = "bins"
    takes: ClassVar[frozenset[str]] = NUMBERS

    bins: Annotated[int, Field(ge=2, le=255)] | None = None
    """How many intervals; 5 where no `edges` are given."""
    strategy: Literal["quantile", "uniform", "kmeans"] | None = None
    """As many rows each, where nothing else is said; as wide each; or around centres."""
    edges: Annotated[tuple[float, ...] | None, Field(min_length=1, max_length=254)] = None
    """Where to cut, from low to high: [18, 65] makes below 18, 18 to below 65, and 65 or more."""
    encode: Literal["one_hot", "ordinal"] = "one_hot"
    """A column of 0 and 1 for each interval, or its number."""

    @model_validator(mode="after")
    def _edges_or_learned(self) -> Self:
        if self.edges is None:
            return self
        if self.bins is not None or self.strategy is not None:
            raise PydanticCustomError(
                "bin_edges",
                "`edges` say where to cut: `bins` and `strategy` have no part in it",
                {"hint": "bin: {edges: [18, 65]}"},
            )
        if any(low >= high for low, high in pairwise(self.edges)):
            raise PydanticCustomError("bin_edges", "`edges` go from low to high, each once")
        return self

    def build(self, seed: int) -> Any:
        """Return a `KBinsDiscretizer`, or `Intervals` where edges are given.

        Both are dense, since there are few intervals.
        """
        from sklearn.preprocessing import KBinsDiscretizer

        from mlpipe.features.estimators.intervals import Intervals

        if self.edges is not None:
            return Intervals(list(map(float, self.edges)), ordinal=self.encode == "ordinal")
        return KBinsDiscretizer(
            n_bins=self.bins or 5,
            strategy=self.strategy or "quantile",
            encode="onehot-dense" if self.encode == "one_hot" else "ordinal",
            quantile_method="averaged_inverted_cdf",
            random_state=seed,
        )

    def per_column(self) -> bool:
        """Whether each interval is a column."""
        return self.encode == "one_hot"

    def takes_gaps(self) -> bool:
        """Whether it takes missing values: no."""
        return False
