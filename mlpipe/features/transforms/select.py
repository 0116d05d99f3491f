"""``select``: keep the features of a block that are worth keeping."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.features.transform import NUMBERS, Transform

__all__ = ["Select"]

_ONLY = {
    "keep": ("variance", "mutual_information", "model"),
    "model": ("model",),
    "rows": ("mutual_information", "model"),
}
"""Parameters that some measures alone have."""

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, lt=1)]


class Select(Transform):
    """Keep the best of what the steps before it made of the block.

    By `variance`: what varies most, or more than 0. By `correlation`: of two features that go
    along with each other the earlier one. By `mutual_information`: what says most about the
    target alone, whatever the shape of the relation. By `model`: what a model makes most of. All
    but `variance` take no gaps.
    """

    word: ClassVar[str] = "select"
    main: ClassVar[str | None] = "by"
    takes: ClassVar[frozenset[str]] = NUMBERS | {"sparse"}
    gives: ClassVar[str | None] = None

    by: Literal["variance", "correlation", "mutual_information", "model"] = "variance"
    """What makes a feature worth keeping."""
    keep: Count | Share | None = None
    """How many features: a number, or a share of all."""
    above: Annotated[float, Field(ge=0)] | None = None
    """Keep what is worth more than this; by `correlation` drop what has more, 0.95 by default."""
    model: Literal["trees", "linear"] | None = None
    """Extremely randomized trees, where nothing is said, or a linear model that leaves out."""
    rows: Annotated[int, Field(ge=100)] | None = None
    """At how many rows of train to look, drawn by the seed; 20,000 by default."""

    @model_validator(mode="after")
    def _parameters_of_the_measure(self) -> Self:
        for name, measures in _ONLY.items():
            if getattr(self, name) is not None and self.by not in measures:
                raise PydanticCustomError(
                    "select",
                    "`{name}` has no part in a selection by {by}",
                    {"name": name, "by": self.by, "hint": f"it goes with {', '.join(measures)}"},
                )
        if self.keep is not None and self.above is not None:
            raise PydanticCustomError("select", "give either `keep` or `above`")
        if self.by == "mutual_information" and self.keep is None and self.above is None:
            raise PydanticCustomError(
                "select",
                "say how many to `keep`: hardly any feature has a mutual information of 0",
                {"hint": "select: {by: mutual_information, keep: 10}"},
            )
        return self

    def build(self, seed: int) -> Any:
        """Return a seeded `Selected`."""
        from mlpipe.features.estimators.selection import Selected

        return Selected(
            self.by,
            self.keep,
            self.above,
            self.model or "trees",
            self.rows or 20_000,
            random_state=seed,
        )

    def joins(self) -> bool:
        """Whether it chooses among all features of the block: yes."""
        return True

    def takes_gaps(self) -> bool:
        """Whether missing values may be there: the variance is that of the others."""
        return self.by == "variance"
