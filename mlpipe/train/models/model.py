"""What every candidate of ``train.models`` is, and what a model that can be built is."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import Field

from mlpipe.spec.part import Part

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = [
    "ALL_TASKS",
    "CLASSES",
    "REGRESSION",
    "Candidate",
    "ClassWeight",
    "Count",
    "Family",
    "Lesson",
    "Model",
    "Monotonic",
    "NotNegative",
    "Positive",
    "Refusal",
    "Share",
    "Stopping",
]

CLASSES = ("binary", "multiclass")
REGRESSION = ("regression",)
ALL_TASKS = (*CLASSES, *REGRESSION)

Family: TypeAlias = Literal["linear", "trees", "other"]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=1)]
ClassWeight = Literal["balanced"] | Annotated[dict[str, NotNegative], Field(min_length=1)]
Monotonic = Annotated[dict[str, Literal["increasing", "decreasing"]], Field(min_length=1)]
Stopping = Literal["valid"] | Count

Refusal: TypeAlias = tuple[tuple[str | int, ...], str, str]
"""The path of keys below the model, what is wrong there, and a hint."""

PATIENCE = 10
"""``early_stopping: valid`` waits so many rounds for a better score."""


@dataclass(frozen=True)
class Lesson:
    """What an estimator is fitted on.

    Attributes
    ----------
    X : array or sparse matrix, shape (n, features)
    y : array, shape (n,)
        Class codes or numbers.
    weight : array, shape (n,), or None
    class_weight : "balanced", mapping of class code to weight, or None
    monotonic : list of {-1, 0, 1}, or None
        For each feature, which way the prediction may go with it.
    watched : (X, y, weight) or None
        Rows of valid, by which it is seen when to stop.
    """

    X: Any
    y: "Array"
    weight: "Array | None" = None
    class_weight: str | Mapping[int, float] | None = None
    monotonic: list[int] | None = None
    watched: tuple[Any, "Array", "Array | None"] | None = None


class Candidate(Part):
    """What is compared under one name."""

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

    @property
    def package(self) -> str:
        """The package that it comes from."""
        return "sklearn"

    @property
    def replaced(self) -> tuple[str, ...]:
        """The candidates that it stands for: they are not chosen themselves."""
        return ()

    def refusals(self, task: str) -> Iterator[Refusal]:
        """Yield what of its parameters the task leaves no sense to."""
        for name in ("class_weight",) if task == "regression" else ():
            if getattr(self, name, None) is not None:
                yield (name,), f"{name} is for classes, not regression", "leave it out"
        if task == "multiclass" and getattr(self, "monotonic", None):
            what = "monotonic is for binary tasks and regression: many classes have no direction"
            yield ("monotonic",), what, "leave it out"


class Model(Candidate):
    """A model. Its estimator runs on one thread: sums in another order are other bytes."""

    @property
    def patience(self) -> int | None:
        """How many rounds without a better score on valid end the fit; None where it looks not."""
        written = getattr(self, "early_stopping", None)
        if written == "valid":
            return PATIENCE
        return written if isinstance(written, int) and not isinstance(written, bool) else None

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

    def teach(self, estimator: Any, lesson: Lesson) -> None:
        """Fit the estimator of `build`."""
        settings: dict[str, Any] = {}
        if lesson.class_weight is not None:
            settings["class_weight"] = lesson.class_weight
        if lesson.monotonic is not None:
            settings["monotonic_cst"] = lesson.monotonic
        estimator.set_params(**settings)
        weight = {} if lesson.weight is None else {"sample_weight": lesson.weight}
        estimator.fit(lesson.X, lesson.y, **weight, **self.watching(lesson))

    def watching(self, lesson: Lesson) -> dict[str, Any]:  # noqa: ARG002
        """Return what `fit` is told of the rows that it may stop by."""
        return {}
