"""``embed``: a level as a few numbers, so that levels that are alike are near each other."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.features.transform import Transform

__all__ = ["Embed"]

_ONLY = {"size": ("strings", "cooccurrence"), "smooth": ("target",), "folds": ("target",)}
"""Parameters that some sources alone have."""


class Embed(Transform):
    """Place each level in a space of few dimensions, learned on train.

    From `strings`: levels that are spelled alike are near each other; one that train did not
    have gets its place by its spelling. From `cooccurrence`: levels are near each other that are
    met with the same levels of the other columns of the block. From `target`: levels are near
    each other where the target does the same; no row of train sees its own target.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    word: ClassVar[str] = "embed"
    main: ClassVar[str | None] = "size"
    takes: ClassVar[frozenset[str]] = frozenset({"category", "text"})

    size: Annotated[int, Field(ge=1, le=1000)] | None = None
    """How many numbers a level becomes, 8 by default; `target` has a fixed list of statistics."""
    source: Annotated[Literal["strings", "cooccurrence", "target"], Field(alias="from")] = "strings"
    """What makes levels alike."""
    smooth: Annotated[float, Field(ge=0)] | None = None
    """Of `target`: how many rows the whole of train weighs against a level's own; 20 by default."""
    folds: Annotated[int, Field(ge=2, le=50)] | None = None
    """Of `target`: in how many parts train is cross-fitted; 5 by default."""

    @model_validator(mode="after")
    def _parameters_of_the_source(self) -> Self:
        for name, sources in _ONLY.items():
            if getattr(self, name) is not None and self.source not in sources:
                raise PydanticCustomError(
                    "embed",
                    "`{name}` has no part in an embedding from {source}",
                    {
                        "name": name,
                        "source": self.source,
                        "hint": f"leave it out, or take from: {' or '.join(sources)}",
                    },
                )
        return self

    def taken(self) -> frozenset[str]:
        """Return the kinds that it takes: a text is spelled, but has no rows of its own."""
        return self.takes if self.source == "strings" else frozenset({"category"})

    def build(self, seed: int) -> Any:
        """Return `Spellings`, `Companions` or `TargetStatistics`, seeded."""
        from mlpipe.features.estimators.cooccurrence import Companions
        from mlpipe.features.estimators.spellings import Spellings
        from mlpipe.features.estimators.target_statistics import TargetStatistics

        if self.source == "strings":
            return Spellings(self.size or 8, random_state=seed)
        if self.source == "cooccurrence":
            return Companions(self.size or 8, random_state=seed)
        smooth = 20.0 if self.smooth is None else float(self.smooth)
        return TargetStatistics(smooth, self.folds or 5, random_state=seed)

    def per_column(self) -> bool:
        """Whether each column is learned by itself; by company the columns go together."""
        return self.source != "cooccurrence"

    def joins(self) -> bool:
        """Whether it looks at the columns together: at which levels are met with which."""
        return self.source == "cooccurrence"

    def least_columns(self) -> int:
        """How many columns its block must have: a level has no company in one alone."""
        return 2 if self.source == "cooccurrence" else 1
