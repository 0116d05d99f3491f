"""``bin``: turn a number into the interval it falls into."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from mlpipe.features.transform import NUMBERS, Transform

__all__ = ["Bin"]


class Bin(Transform):
    """Cut each column into intervals learned on train; it must have no gaps."""

    word: ClassVar[str] = "bin"
    main: ClassVar[str | None] = "bins"
    takes: ClassVar[frozenset[str]] = NUMBERS

    bins: Annotated[int, Field(ge=2, le=255)] = 5
    """How many intervals."""
    strategy: Literal["quantile", "uniform", "kmeans"] = "quantile"
    """As many rows each; as wide each; or around centres."""
    encode: Literal["one_hot", "ordinal"] = "one_hot"
    """A column of 0 and 1 for each interval, or its number."""

    def build(self, seed: int) -> Any:
        """Return a `KBinsDiscretizer`; dense, since there are few intervals."""
        from sklearn.preprocessing import KBinsDiscretizer

        return KBinsDiscretizer(
            n_bins=self.bins,
            strategy=self.strategy,
            encode="onehot-dense" if self.encode == "one_hot" else "ordinal",
            quantile_method="averaged_inverted_cdf",
            random_state=seed,
        )

    def per_column(self) -> bool:
        """Whether each interval is a column."""
        return self.encode == "one_hot"
