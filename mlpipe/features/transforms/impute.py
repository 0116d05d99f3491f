"""``impute``: put a value where one is missing."""

from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from mlpipe.features.transform import NUMBERS, Transform

__all__ = ["Impute"]


class Impute(Transform):
    """Fill missing values with one learned on train, or a constant."""

    word: ClassVar[str] = "impute"
    main: ClassVar[str | None] = "strategy"
    takes: ClassVar[frozenset[str]] = frozenset({"number", "boolean", "category"})
    gives: ClassVar[str | None] = None

    strategy: Literal["median", "mean", "most_frequent", "constant"] = "median"
    """What to fill with; `constant` needs a value."""
    value: int | float | str | None = None
    """The constant."""
    indicator: bool = False
    """Add a column of 0 and 1 that says where a value was missing in a column with gaps."""

    @model_validator(mode="after")
    def _constant_has_value(self) -> Self:
        if (self.strategy == "constant") is (self.value is None):
            raise PydanticCustomError(
                "impute_value",
                "`value` and `strategy: constant` go together",
                {"hint": "impute: {strategy: constant, value: 0}"},
            )
        return self

    def taken(self) -> frozenset[str]:
        """Return the kinds that have a mean or a median, or that the constant is one of."""
        if self.strategy == "most_frequent":
            return self.takes
        return frozenset({"category"}) if isinstance(self.value, str) else NUMBERS

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return a `SimpleImputer` that keeps the width where a column is all missing."""
        from sklearn.impute import SimpleImputer

        return SimpleImputer(
            strategy=self.strategy,
            fill_value=self.value,
            add_indicator=self.indicator,
            keep_empty_features=True,
        )
