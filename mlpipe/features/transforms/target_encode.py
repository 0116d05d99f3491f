"""``target_encode``: replace a level by what the target does there."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from mlpipe.features.transform import CODES, Transform

__all__ = ["TargetEncode"]


class TargetEncode(Transform):
    """Encode each level by the target's smoothed mean, cross-fitted so that no row sees its own."""

    word: ClassVar[str] = "target_encode"
    main: ClassVar[str | None] = "smooth"
    takes: ClassVar[frozenset[str]] = CODES

    smooth: Annotated[float, Field(ge=0)] | None = None
    """How many rows the overall mean weighs; by default estimated from the variances."""
    folds: Annotated[int, Field(ge=2, le=50)] = 5
    """In how many parts train is cross-fitted."""

    def build(self, seed: int) -> Any:
        """Return a `TargetEncoder` over seeded folds."""
        from sklearn.model_selection import KFold
        from sklearn.preprocessing import TargetEncoder

        return TargetEncoder(
            smooth="auto" if self.smooth is None else float(self.smooth),
            cv=KFold(self.folds, shuffle=True, random_state=seed),
        )

    def per_column(self) -> bool:
        """Whether one column becomes many: it does for a target of several classes."""
        return True
