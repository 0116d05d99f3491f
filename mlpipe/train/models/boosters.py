"""LightGBM, XGBoost and CatBoost: the parameters are the library's own, by its own names."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from mlpipe.train.models.model import (
    ClassWeight,
    Count,
    Family,
    Lesson,
    Model,
    Monotonic,
    NotNegative,
    Refusal,
    Share,
    Stopping,
)

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = ["Boosted", "CatBoost", "LightGBM", "XGBoost"]

Rounds = Annotated[int, Field(ge=1, le=100_000)]
Rate = Annotated[float, Field(gt=0, le=1)]


class Boosted(Model):
    """Boosted trees of a library that is an extra of mlpipe; they take missing values."""

    kin: ClassVar[Family] = "trees"
    extra: ClassVar[str]
    objective_key: ClassVar[str]

    class_weight: ClassWeight | None = None
    """`balanced` lets rare classes count as much as frequent ones, a mapping says how much each
    counts; probabilities then lie."""
    monotonic: Monotonic | None = None
    """By column, whether the prediction may only rise or only fall with it: {tenure: decreasing}."""
    early_stopping: Stopping | None = None
    """Stop when it gets no better on the valid part: `valid` waits 10 rounds, a number so many."""

    @property
    def package(self) -> str:
        """The package that it comes from."""
        return str(self.type)  # type: ignore[attr-defined]

    @staticmethod
    @abstractmethod
    def estimator_class() -> Any:
        """Return the estimator of `mlpipe.bundle.boosters`."""

    def build(self, task: str, seed: int) -> Any:
        """Return the estimator; the library itself is imported where it is fitted."""
        return self.estimator_class()(task, self._parameters(), seed)

    def teach(self, estimator: Any, lesson: Lesson) -> None:
        """Fit it; class weights become weights of rows."""
        from mlpipe.bundle.boosters.booster import Examples

        watched = None if lesson.watched is None else Examples(*lesson.watched)
        estimator.fit(
            lesson.X,
            lesson.y,
            _row_weights(lesson),
            watched=watched,
            patience=self.patience,
            monotonic=lesson.monotonic,
        )

    def refusals(self, task: str) -> Iterator[Refusal]:
        """Yield that it is not installed, and what is for other tasks."""
        from importlib.util import find_spec

        yield from super().refusals(task)
        name = self.package
        if find_spec(name) is None:
            yield ("type",), f"{name} is not installed", f"pip install 'mlpipe[{self.extra}]'"
        if task != "regression" and getattr(self, self.objective_key) is not None:
            what = f"{self.objective_key} is for regression, not {task}"
            yield (self.objective_key,), what, "leave it out"

    def _parameters(self) -> dict[str, Any]:
        ours = {"type", "class_weight", "monotonic", "early_stopping"}
        return self.model_dump(exclude=ours, exclude_none=True)


class LightGBM(Boosted):
    """Trees that grow leaf by leaf, by LightGBM (extra `boosting`)."""

    extra: ClassVar[str] = "boosting"
    objective_key: ClassVar[str] = "objective"

    type: Literal["lightgbm"] = "lightgbm"
    """The word for this model."""
    n_estimators: Rounds = 100
    """How many rounds of trees; at most, with early stopping."""
    learning_rate: Rate = 0.1
    """How much each tree counts."""
    num_leaves: Annotated[int, Field(ge=2, le=131_072)] = 31
    """How many leaves a tree may have."""
    max_depth: Count | None = None
    """How deep a tree may grow."""
    min_data_in_leaf: Annotated[int, Field(ge=0)] = 20
    """How many rows a leaf must hold."""
    min_gain_to_split: NotNegative = 0.0
    """How much a split must gain."""
    bagging_fraction: Share = 1.0
    """The share of rows that each tree sees."""
    feature_fraction: Share = 1.0
    """The share of features that each tree sees."""
    lambda_l1: NotNegative = 0.0
    """How much leaf values are drawn to 0."""
    lambda_l2: NotNegative = 0.0
    """How much leaf values are shrunk."""
    max_bin: Annotated[int, Field(ge=2, le=65_535)] = 255
    """Into how many bins a feature is cut."""
    objective: Literal["regression", "regression_l1", "huber", "poisson"] | None = None
    """What a regression makes small; left out, squared errors."""

    @staticmethod
    def estimator_class() -> Any:
        """Return `LightGBMBooster`."""
        from mlpipe.bundle.boosters.lightgbm import LightGBMBooster

        return LightGBMBooster

    def _parameters(self) -> dict[str, Any]:
        # LightGBM looks at the share of rows only where it is told how often to draw them.
        drawn = {"bagging_freq": 1} if self.bagging_fraction < 1 else {}
        return {**super()._parameters(), **drawn}


class XGBoost(Boosted):
    """Trees with second-order steps, by XGBoost (extra `boosting`)."""

    extra: ClassVar[str] = "boosting"
    objective_key: ClassVar[str] = "objective"

    type: Literal["xgboost"] = "xgboost"
    """The word for this model."""
    n_estimators: Rounds = 100
    """How many rounds of trees; at most, with early stopping."""
    learning_rate: Rate = 0.3
    """How much each tree counts."""
    max_depth: Annotated[int, Field(ge=1, le=64)] = 6
    """How deep a tree may grow."""
    min_child_weight: NotNegative = 1.0
    """How much weight of rows, by their curvature, a leaf must hold."""
    gamma: NotNegative = 0.0
    """How much a split must gain."""
    subsample: Share = 1.0
    """The share of rows that each tree sees."""
    colsample_bytree: Share = 1.0
    """The share of features that each tree sees."""
    reg_alpha: NotNegative = 0.0
    """How much leaf values are drawn to 0."""
    reg_lambda: NotNegative = 1.0
    """How much leaf values are shrunk."""
    max_bin: Annotated[int, Field(ge=2, le=65_535)] = 256
    """Into how many bins a feature is cut."""
    objective: (
        Literal["reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror", "count:poisson"]
        | None
    ) = None
    """What a regression makes small; left out, squared errors."""

    @staticmethod
    def estimator_class() -> Any:
        """Return `XGBoostBooster`."""
        from mlpipe.bundle.boosters.xgboost import XGBoostBooster

        return XGBoostBooster


class CatBoost(Boosted):
    """Symmetric trees, boosted in an order that keeps each row's target out (extra `catboost`)."""

    extra: ClassVar[str] = "catboost"
    objective_key: ClassVar[str] = "loss_function"

    type: Literal["catboost"] = "catboost"
    """The word for this model."""
    iterations: Rounds = 500
    """How many rounds of trees; at most, with early stopping."""
    learning_rate: Rate | None = None
    """How much each tree counts; left out, from the number of rows and rounds."""
    depth: Annotated[int, Field(ge=1, le=16)] = 6
    """How deep each tree is."""
    l2_leaf_reg: NotNegative = 3.0
    """How much leaf values are shrunk."""
    random_strength: NotNegative = 1.0
    """How much chance there is in the choice of splits."""
    rsm: Share = 1.0
    """The share of features that each split sees."""
    border_count: Annotated[int, Field(ge=1, le=65_535)] = 254
    """At how many places a feature may be split."""
    loss_function: Literal["RMSE", "MAE", "Poisson"] | None = None
    """What a regression makes small; left out, squared errors."""

    @staticmethod
    def estimator_class() -> Any:
        """Return `CatBoostBooster`."""
        from mlpipe.bundle.boosters.catboost import CatBoostBooster

        return CatBoostBooster


def _row_weights(lesson: Lesson) -> "Array | None":
    """Return the weight of each row, with that of its class."""
    if lesson.class_weight is None:
        return lesson.weight
    from sklearn.utils.class_weight import compute_sample_weight

    of_class: Array = compute_sample_weight(lesson.class_weight, lesson.y)
    return of_class if lesson.weight is None else of_class * lesson.weight
