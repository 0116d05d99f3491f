"""``scale``: bring numbers to a common size."""

from typing import Any, ClassVar, Literal

from mlpipe.features.transform import NUMBERS, Transform

__all__ = ["Scale"]


class Scale(Transform):
    """Shift and stretch each column by what train shows of it."""

    word: ClassVar[str] = "scale"
    main: ClassVar[str | None] = "method"
    takes: ClassVar[frozenset[str]] = NUMBERS

    method: Literal["standard", "minmax", "robust", "maxabs"] = "standard"
    """Mean 0 and deviation 1; 0 to 1; median and quartiles; or largest absolute value 1."""

    def build(self, seed: int) -> Any:  # noqa: ARG002
        """Return scikit-learn's scaler of that name."""
        from sklearn import preprocessing

        scalers = {
            "standard": preprocessing.StandardScaler,
            "minmax": preprocessing.MinMaxScaler,
            "robust": preprocessing.RobustScaler,
            "maxabs": preprocessing.MaxAbsScaler,
        }
        return scalers[self.method]()
