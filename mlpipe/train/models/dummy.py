"""The naive baseline as a candidate."""

from typing import Any, ClassVar, Literal

from mlpipe.train.models.model import Family, Model

__all__ = ["Dummy"]


class Dummy(Model):
    """The naive baseline: the shares of the classes, or the mean."""

    kin: ClassVar[Family] = "other"

    type: Literal["dummy"] = "dummy"
    """The word for this model."""

    def build(self, task: str, seed: int) -> Any:  # noqa: ARG002
        """Return a `DummyClassifier` or `DummyRegressor`."""
        from sklearn.dummy import DummyClassifier, DummyRegressor

        if task == "regression":
            return DummyRegressor(strategy="mean")
        return DummyClassifier(strategy="prior")
