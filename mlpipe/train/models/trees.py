"""Forests and boosted trees of scikit-learn with typed parameters."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

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

__all__ = ["HistGradientBoosting", "RandomForest"]


class RandomForest(Model):
    """Many deep trees, each on a sample of the rows, averaged."""

    kin: ClassVar[Family] = "trees"

    type: Literal["random_forest"] = "random_forest"
    """The word for this model."""
    n_estimators: Annotated[int, Field(ge=1, le=10_000)] = 100
    """How many trees."""
    max_depth: Count | None = None
    """How deep a tree may grow."""
    min_samples_leaf: Count = 5
    """How many rows a leaf must hold; single rows make poor probabilities and large bundles."""
    max_features: Share | Literal["sqrt", "log2"] = "sqrt"
    """How many features each split looks at: a share, or the root or logarithm of all."""
    max_samples: Share | None = None
    """The share of rows each tree sees; None draws as many as there are."""
    class_weight: ClassWeight | None = None
    """`balanced` lets rare classes count as much as frequent ones, a mapping says how much each
    counts; probabilities then lie."""
    monotonic: Monotonic | None = None
    """By column, whether the prediction may only rise or only fall with it: {tenure: decreasing}."""

    def build(self, task: str, seed: int) -> Any:
        """Return a `RandomForestClassifier` or `RandomForestRegressor`."""
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        given = self.model_dump(exclude={"type", "class_weight", "monotonic"})
        if task == "regression":
            return RandomForestRegressor(**given, random_state=seed, n_jobs=1)
        return RandomForestClassifier(**given, random_state=seed, n_jobs=1)


class HistGradientBoosting(Model):
    """Gradient boosting of small trees over binned features; takes missing values."""

    kin: ClassVar[Family] = "trees"

    _OTHERS: ClassVar[set[str]] = {"type", "class_weight", "monotonic", "early_stopping", "loss"}

    type: Literal["hist_gradient_boosting"] = "hist_gradient_boosting"
    """The word for this model."""
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.1
    """How much each tree counts."""
    max_iter: Annotated[int, Field(ge=1, le=100_000)] = 100
    """How many trees; at most, with early stopping."""
    max_leaf_nodes: Annotated[int, Field(ge=2)] | None = 31
    """How many leaves a tree may have."""
    max_depth: Count | None = None
    """How deep a tree may grow."""
    min_samples_leaf: Count = 20
    """How many rows a leaf must hold."""
    l2_regularization: NotNegative = 0.0
    """How much leaf values are shrunk."""
    max_features: Share = 1.0
    """The share of features each split looks at."""
    max_bins: Annotated[int, Field(ge=2, le=255)] = 255
    """Into how many bins a feature is cut."""
    early_stopping: bool | Stopping = False
    """Stop when it gets no better: `valid` looks at the valid part, for 10 rounds, a number for so
    many; `true` holds back a tenth of the rows."""
    class_weight: ClassWeight | None = None
    """`balanced` lets rare classes count as much as frequent ones, a mapping says how much each
    counts; probabilities then lie."""
    monotonic: Monotonic | None = None
    """By column, whether the prediction may only rise or only fall with it: {tenure: decreasing}."""
    loss: Literal["squared_error", "absolute_error", "poisson"] = "squared_error"
    """What a regression makes small; poisson for counts, whose predictions stay above 0."""

    def build(self, task: str, seed: int) -> Any:
        """Return a `HistGradientBoostingClassifier` or `HistGradientBoostingRegressor`."""
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        given = self.model_dump(exclude=self._OTHERS)
        if self.patience is not None:
            given["n_iter_no_change"] = self.patience
        given |= {"early_stopping": bool(self.early_stopping), "random_state": seed}
        if task == "regression":
            return HistGradientBoostingRegressor(**given, loss=self.loss)
        return HistGradientBoostingClassifier(**given)

    def watching(self, lesson: Lesson) -> dict[str, Any]:
        """Return the rows of valid by the names that scikit-learn has for them."""
        if lesson.watched is None:
            return {}
        X, y, weight = lesson.watched
        weights = {} if weight is None else {"sample_weight_val": weight}
        return {"X_val": X, "y_val": y, **weights}

    def refusals(self, task: str) -> Iterator[Refusal]:
        """Yield what is for other tasks."""
        yield from super().refusals(task)
        if task != "regression" and "loss" in self.model_fields_set:
            yield ("loss",), f"loss is for regression, not {task}", "leave it out"
