"""Linear models with typed parameters."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from mlpipe.train.models.model import (
    CLASSES,
    REGRESSION,
    ClassWeight,
    Count,
    Family,
    Model,
    NotNegative,
    Positive,
)

__all__ = ["LinearRegression", "LogisticRegression", "Ridge"]


class LogisticRegression(Model):
    """A linear model of the log-odds."""

    does: ClassVar[tuple[str, ...]] = CLASSES
    kin: ClassVar[Family] = "linear"

    type: Literal["logistic_regression"] = "logistic_regression"
    """The word for this model."""
    C: Positive = 1.0
    """Inverse strength of the penalty: smaller shrinks the coefficients more."""
    l1_ratio: Annotated[float, Field(ge=0, le=1)] = 0.0
    """0 shrinks all coefficients, 1 sets the useless ones to zero."""
    class_weight: ClassWeight | None = None
    """`balanced` lets rare classes count as much as frequent ones, a mapping says how much each
    counts; probabilities then lie."""
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
            max_iter=self.max_iter,
            tol=self.tol,
            random_state=seed,
        )


class LinearRegression(Model):
    """Least squares."""

    does: ClassVar[tuple[str, ...]] = REGRESSION
    kin: ClassVar[Family] = "linear"

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

    does: ClassVar[tuple[str, ...]] = REGRESSION
    kin: ClassVar[Family] = "linear"

    type: Literal["ridge"] = "ridge"
    """The word for this model."""
    alpha: NotNegative = 1.0
    """Strength of the penalty."""

    def build(self, task: str, seed: int) -> Any:  # noqa: ARG002
        """Return a `sklearn.linear_model.Ridge`."""
        from sklearn.linear_model import Ridge as Estimator

        return Estimator(alpha=self.alpha, random_state=seed)
