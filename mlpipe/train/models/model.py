"""What every model of ``train.models`` is: a part that builds its estimator."""

from abc import abstractmethod
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import Field

from mlpipe.spec.part import Part

__all__ = [
    "ALL_TASKS",
    "CLASSES",
    "REGRESSION",
    "Count",
    "Family",
    "Model",
    "NotNegative",
    "Positive",
    "Share",
]

CLASSES = ("binary", "multiclass")
REGRESSION = ("regression",)
ALL_TASKS = (*CLASSES, *REGRESSION)

Family: TypeAlias = Literal["linear", "trees", "other"]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=1)]


class Model(Part):
    """A candidate. Its estimator runs on one thread: sums in another order are other bytes."""

    does: ClassVar[tuple[str, ...]] = ALL_TASKS
    kin: ClassVar[Family] = "other"

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks it does."""
        return self.does

    @property
    def family(self) -> Family:
        """Which features it gets by default."""
        return self.kin

    @abstractmethod
    def build(self, task: str, seed: int) -> Any:
        """Return the unfitted scikit-learn estimator.

        Parameters
        ----------
        task : str
            ``binary``, ``multiclass`` or ``regression``; one of ``tasks``.
        seed : int
            Whatever is random about it follows from this.
        """
