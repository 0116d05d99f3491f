"""The words of ``train.target``: a regression learns the target on another scale."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from mlpipe.errors import DataError, Problem
from mlpipe.spec.part import OneOf, Word

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = ["AnyTargetTransform", "Log", "Log1p", "Quantile", "Sqrt", "TargetTransform", "refuse"]

_SAMPLES = 5


class TargetTransform(Word):
    """A scale that the target is learned on; predictions come back in its own units."""

    needs: ClassVar[str] = ""
    """What every value must be, in words."""

    @abstractmethod
    def build(self, rows: int, seed: int) -> Any:
        """Return the unfitted transformer of a column of so many values, with its inverse."""

    def takes(self, y: Array) -> Array:
        """Return which values have a place on the scale, shape (n,)."""
        import numpy as np

        return np.ones(len(y), bool)


class Log(TargetTransform):
    """The logarithm, for targets above 0 whose errors grow with them."""

    word: ClassVar[str] = "log"
    needs: ClassVar[str] = "above 0"

    def build(self, rows: int, seed: int) -> Any:  # noqa: ARG002
        """Return a `FunctionTransformer` of log and exp."""
        import numpy as np
        from sklearn.preprocessing import FunctionTransformer

        return FunctionTransformer(np.log, np.exp, check_inverse=False)

    def takes(self, y: Array) -> Array:
        """Return which values are above 0."""
        return y > 0


class Log1p(TargetTransform):
    """The logarithm of one more, for counts and amounts from 0 on."""

    word: ClassVar[str] = "log1p"
    needs: ClassVar[str] = "above -1"

    def build(self, rows: int, seed: int) -> Any:  # noqa: ARG002
        """Return a `FunctionTransformer` of log1p and expm1."""
        import numpy as np
        from sklearn.preprocessing import FunctionTransformer

        return FunctionTransformer(np.log1p, np.expm1, check_inverse=False)

    def takes(self, y: Array) -> Array:
        """Return which values are above −1."""
        return y > -1


class Sqrt(TargetTransform):
    """The square root, milder than the logarithm."""

    word: ClassVar[str] = "sqrt"
    needs: ClassVar[str] = "at least 0"

    def build(self, rows: int, seed: int) -> Any:  # noqa: ARG002
        """Return a `FunctionTransformer` of root and square."""
        import numpy as np
        from sklearn.preprocessing import FunctionTransformer

        return FunctionTransformer(np.sqrt, np.square, check_inverse=False)

    def takes(self, y: Array) -> Array:
        """Return which values are at least 0."""
        return y >= 0


class Quantile(TargetTransform):
    """The rank, bent into a normal or an even distribution; predictions stay within the seen."""

    word: ClassVar[str] = "quantile"
    main: ClassVar[str | None] = "distribution"

    distribution: Literal["normal", "uniform"] = "normal"
    """What the ranks are bent into."""
    quantiles: Annotated[int, Field(ge=10, le=100_000)] = 1000
    """At how many places the distribution is learned; at most as many as there are rows."""

    def build(self, rows: int, seed: int) -> Any:
        """Return a `QuantileTransformer`."""
        from sklearn.preprocessing import QuantileTransformer

        return QuantileTransformer(
            n_quantiles=min(self.quantiles, rows),
            output_distribution=self.distribution,
            subsample=None,
            random_state=seed,
        )


AnyTargetTransform = Annotated[Log | Log1p | Sqrt | Quantile, OneOf(Log, Log1p, Sqrt, Quantile)]


def refuse(transform: TargetTransform, name: str, y: Array, rows: Array) -> None:
    """Refuse a target with values that have no place on the scale.

    Parameters
    ----------
    transform : TargetTransform
    name : str
        Of the target.
    y : array, shape (n,)
    rows : array of int, shape (n,)
        Their positions in the table, for the error.

    Raises
    ------
    DataError
        With the rows.
    """
    import numpy as np

    wrong = np.flatnonzero(~transform.takes(y))
    if len(wrong):
        shown = ", ".join(str(row) for row in rows[wrong[:_SAMPLES]].tolist())
        more = ", …" if len(wrong) > _SAMPLES else ""
        count = f"{len(wrong):,} row{'s' * (len(wrong) != 1)}"
        raise DataError(
            Problem(
                f"{transform.word} takes targets {transform.needs}; {name} is not in {count} "
                f"(row{'s' * (len(wrong) != 1)} {shown}{more})",
                key="train.target",
                hint="log1p takes 0 too, quantile takes any number",
            )
        )
