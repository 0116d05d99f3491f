"""The vocabulary of ``train.models``: a model is a part that builds its estimator.

To add one: write its class here, with a ``type`` and its parameters, and give it a place in
`MODELS`. Everything else scikit-learn compatible is reached by its dotted path: see
`mlpipe.train.imported`.
"""

from abc import abstractmethod
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from mlpipe.spec.part import Part
from mlpipe.spec.suggest import did_you_mean
from mlpipe.train.imported import Imported

__all__ = [
    "MODELS",
    "AnyModel",
    "Dummy",
    "HistGradientBoosting",
    "LinearRegression",
    "LogisticRegression",
    "Model",
    "RandomForest",
    "Ridge",
]

CLASSES = ("binary", "multiclass")
ALL_TASKS = (*CLASSES, "regression")

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=1)]


class Model(Part):
    """A candidate. Its estimator runs on one thread: sums in another order are other bytes."""

    tasks: ClassVar[tuple[str, ...]] = ALL_TASKS
    family: ClassVar[Literal["linear", "trees", "other"]]

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


class LogisticRegression(Model):
    """A linear model of the log-odds."""

    tasks: ClassVar[tuple[str, ...]] = CLASSES
    family: ClassVar[Literal["linear", "trees", "other"]] = "linear"

    type: Literal["logistic_regression"] = "logistic_regression"
    """The word for this model."""
    C: Positive = 1.0
    """Inverse strength of the penalty: smaller shrinks the coefficients more."""
    l1_ratio: Annotated[float, Field(ge=0, le=1)] = 0.0
    """0 shrinks all coefficients, 1 sets the useless ones to zero."""
    class_weight: Literal["balanced"] | None = None
    """`balanced` lets rare classes count as much as frequent ones; probabilities then lie."""
    max_iter: Count = 1000
    """When to stop looking for the optimum."""
    tol: Positive = 1e-4
    """How close to the optimum is close enough."""

    def build(self, task: str, seed: int) -> Any:  # noqa: ARG002
        """Return a `sklearn.linear_model.LogisticRegression`."""
        from sklearn.linear_model import LogisticRegression as Estimator

        return Estimator(
            C=self.C,
            l1_ratio=self.l1_ratio,
            solver="saga" if self.l1_ratio else "lbfgs",
            class_weight=self.class_weight,
            max_iter=self.max_iter,
            tol=self.tol,
            random_state=seed,
        )


class LinearRegression(Model):
    """Least squares."""

    tasks: ClassVar[tuple[str, ...]] = ("regression",)
    family: ClassVar[Literal["linear", "trees", "other"]] = "linear"

    type: Literal["linear_regression"] = "linear_regression"
    """The word for this model."""
    positive: bool = False
    """Whether coefficients must not be negative."""

    def build(self, task: str, seed: int) -> Any:  # noqa: ARG002
        """Return a `sklearn.linear_model.LinearRegression`."""
        from sklearn.linear_model import LinearRegression as Estimator

        return Estimator(positive=self.positive)


class Ridge(Model):
    """Least squares with shrunken coefficients."""

    tasks: ClassVar[tuple[str, ...]] = ("regression",)
    family: ClassVar[Literal["linear", "trees", "other"]] = "linear"

    type: Literal["ridge"] = "ridge"
    """The word for this model."""
    alpha: NotNegative = 1.0
    """Strength of the penalty."""

    def build(self, task: str, seed: int) -> Any:  # noqa: ARG002
        """Return a `sklearn.linear_model.Ridge`."""
        from sklearn.linear_model import Ridge as Estimator

        return Estimator(alpha=self.alpha, random_state=seed)


class RandomForest(Model):
    """Many deep trees, each on a sample of the rows, averaged."""

    family: ClassVar[Literal["linear", "trees", "other"]] = "trees"

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
    class_weight: Literal["balanced"] | None = None
    """`balanced` lets rare classes count as much as frequent ones; probabilities then lie."""

    def build(self, task: str, seed: int) -> Any:
        """Return a `RandomForestClassifier` or `RandomForestRegressor`."""
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        given = self.model_dump(exclude={"type", "class_weight"})
        if task == "regression":
            return RandomForestRegressor(**given, random_state=seed, n_jobs=1)
        weights = {"class_weight": self.class_weight}
        return RandomForestClassifier(**given, **weights, random_state=seed, n_jobs=1)


class HistGradientBoosting(Model):
    """Gradient boosting of small trees over binned features; takes missing values."""

    family: ClassVar[Literal["linear", "trees", "other"]] = "trees"

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
    early_stopping: bool = False
    """Hold back a tenth of the rows, and stop when it gets no better."""
    class_weight: Literal["balanced"] | None = None
    """`balanced` lets rare classes count as much as frequent ones; probabilities then lie."""
    loss: Literal["squared_error", "absolute_error", "poisson"] = "squared_error"
    """What a regression makes small; poisson for counts, whose predictions stay above 0."""

    def build(self, task: str, seed: int) -> Any:
        """Return a `HistGradientBoostingClassifier` or `HistGradientBoostingRegressor`."""
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        given = self.model_dump(exclude={"type", "class_weight", "loss"})
        if task == "regression":
            return HistGradientBoostingRegressor(**given, loss=self.loss, random_state=seed)
        weights = {"class_weight": self.class_weight}
        return HistGradientBoostingClassifier(**given, **weights, random_state=seed)


class Dummy(Model):
    """The naive baseline: the shares of the classes, or the mean."""

    family: ClassVar[Literal["linear", "trees", "other"]] = "other"

    type: Literal["dummy"] = "dummy"
    """The word for this model."""

    def build(self, task: str, seed: int) -> Any:  # noqa: ARG002
        """Return a `DummyClassifier` or `DummyRegressor`."""
        from sklearn.dummy import DummyClassifier, DummyRegressor

        if task == "regression":
            return DummyRegressor(strategy="mean")
        return DummyClassifier(strategy="prior")


_Word: TypeAlias = Literal[
    "logistic_regression",
    "linear_regression",
    "ridge",
    "random_forest",
    "hist_gradient_boosting",
    "dummy",
]

MODELS: tuple[str, ...] = get_args(_Word)
"""The words for models; any other is a dotted path."""


def _spelled_out(value: Any) -> Any:
    """Read ``boosted: hist_gradient_boosting`` as ``{type: …}``, and know the type."""
    if isinstance(value, str):
        value = {"type": value}
    if not isinstance(value, dict):
        return value
    name = value.get("type")
    if not isinstance(name, str):
        raise PydanticCustomError(
            "model_type",
            "a model needs a `type`: one of {known}, or a dotted path to a class",
            {"known": ", ".join(MODELS), "hint": "boosted: {type: hist_gradient_boosting}"},
        )
    if name not in MODELS and "." not in name:
        raise PydanticCustomError(
            "unknown_model",
            "'{name}' is not a model; expected one of {known}, or a dotted path to a class",
            {"name": name, "known": ", ".join(MODELS), "hint": did_you_mean(name, MODELS)},
        )
    return value


def _tag(value: Any) -> str:
    name = value.get("type") if isinstance(value, dict) else getattr(value, "type", "")
    return str(name) if name in MODELS else "imported"


_Written: TypeAlias = Annotated[
    Annotated[LogisticRegression, Tag("logistic_regression")]
    | Annotated[LinearRegression, Tag("linear_regression")]
    | Annotated[Ridge, Tag("ridge")]
    | Annotated[RandomForest, Tag("random_forest")]
    | Annotated[HistGradientBoosting, Tag("hist_gradient_boosting")]
    | Annotated[Dummy, Tag("dummy")]
    | Annotated[Imported, Tag("imported")],
    Discriminator(_tag),
]

AnyModel: TypeAlias = Annotated[
    _Written, BeforeValidator(_spelled_out, json_schema_input_type=_Word | _Written)
]
"""A model as the spec writes it: ``{type: word, …}``, or the word alone."""
