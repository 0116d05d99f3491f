"""``ordinal``: a number for each level."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from mlpipe.features.transform import Transform

__all__ = ["Ordinal"]


class Ordinal(Transform):
    """Number the levels from 0, in the order given or in that of their text."""

    word: ClassVar[str] = "ordinal"
    main: ClassVar[str | None] = "order"
    takes: ClassVar[frozenset[str]] = frozenset({"category"})

    order: Annotated[tuple[str | int, ...] | None, Field(min_length=2)] = None
    """The levels from low to high."""
    unknown: Literal["code", "error"] = "code"
    """A level that train did not have: -1, or an error."""
    missing: Literal["nan", "code"] = "nan"
    """A missing value stays missing, or becomes -2."""

    @field_validator("order")
    @classmethod
    def _levels_differ(cls, order: tuple[str | int, ...] | None) -> tuple[str | int, ...] | None:
        if order is not None and len({str(level) for level in order}) < len(order):
            raise PydanticCustomError("order", "a level stands twice in the order")
        return order

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return an `OrdinalEncoder`; with an order, for one column."""
        import numpy as np
        from sklearn.preprocessing import OrdinalEncoder

        # NaN last: scikit-learn then knows missing values from unknown ones.
        levels = None if self.order is None else [*map(str, self.order), np.nan]
        refuses = self.unknown == "error"
        return OrdinalEncoder(
            categories="auto" if levels is None else [np.array(levels, dtype=object)],
            handle_unknown="error" if refuses else "use_encoded_value",
            unknown_value=None if refuses else -1,
            encoded_missing_value=np.nan if self.missing == "nan" else -2,
        )

    def per_column(self) -> bool:
        """Whether an order is given: it is that of one column."""
        return self.order is not None
