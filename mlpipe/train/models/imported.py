"""Any scikit-learn compatible class as a model, by its dotted path."""

import inspect
from importlib import import_module
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.errors import Problem, SpecError
from mlpipe.spec.suggest import did_you_mean
from mlpipe.train.models.model import CLASSES, REGRESSION, Family, Model

__all__ = ["Imported"]

_LINEAR = ("sklearn.linear_model", "sklearn.svm")
_TREES = ("sklearn.ensemble", "sklearn.tree", "lightgbm", "xgboost", "catboost")


class Imported(Model):
    """A class by its dotted path; every other key is one of its own parameters."""

    model_config = ConfigDict(extra="allow")

    type: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$")]
    """The path, e.g. lightgbm.LGBMClassifier."""

    @property
    def family(self) -> Family:
        """Which features it gets by default, from the package that it comes from."""
        if self.type.startswith(tuple(f"{package}." for package in _LINEAR)):
            return "linear"
        if self.type.startswith(tuple(f"{package}." for package in _TREES)):
            return "trees"
        return "other"

    @property
    def package(self) -> str:
        """The package that it comes from: whoever names it here answers for its types."""
        return self.type.partition(".")[0]

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks it does, from what it says it is."""
        from sklearn.base import is_classifier, is_regressor

        made = self._made()
        if is_regressor(made):
            return REGRESSION
        return CLASSES if is_classifier(made) else ()

    @model_validator(mode="after")
    def _fits_the_class(self) -> Self:
        parameters = inspect.signature(self._class()).parameters
        takes_any = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
        for name in self._given():
            if name not in parameters and not takes_any:
                raise PydanticCustomError(
                    "unknown_parameter",
                    "{type} has no parameter '{name}'",
                    {
                        "type": self.type,
                        "name": name,
                        "hint": did_you_mean(name, parameters)
                        or f"it has: {', '.join(parameters)}",
                    },
                )
        self._made()
        return self

    def build(self, task: str, seed: int) -> Any:
        """Return the estimator, seeded and on one thread where it knows of either.

        Raises
        ------
        SpecError
            If it does not do the task.
        """
        if task not in self.tasks:
            does = " and ".join(self.tasks) or "neither classification nor regression"
            raise SpecError(Problem(f"{self.type} does {does}, not {task}"))
        estimator = self._made()
        ours = {"random_state": seed, "n_jobs": 1}
        known = estimator.get_params(deep=False)
        estimator.set_params(
            **{
                name: value
                for name, value in ours.items()
                if name in known and name not in self._given()
            }
        )
        return estimator

    def _given(self) -> dict[str, Any]:
        return dict(self.model_extra or {})

    def _made(self) -> Any:
        try:
            return self._class()(**self._given())
        except (TypeError, ValueError) as error:
            raise PydanticCustomError(
                "refused_parameters",
                "{type} refuses its parameters: {why}",
                {"type": self.type, "why": str(error), "hint": ""},
            ) from error

    def _class(self) -> Any:
        module, _, name = self.type.rpartition(".")
        try:
            found = getattr(import_module(module), name, None)
        except ImportError as error:
            missing = getattr(error, "name", None) == self.package
            raise PydanticCustomError(
                "model_import",
                "cannot import {module}: {why}",
                {
                    "module": module,
                    "why": str(error),
                    "hint": f"install the package that has it, e.g. pip install {self.package}"
                    if missing
                    else "",
                },
            ) from error
        if not (inspect.isclass(found) and hasattr(found, "fit") and hasattr(found, "predict")):
            known = [each for each in dir(import_module(module)) if each[:1].isupper()]
            raise PydanticCustomError(
                "model_class",
                "{module} has no estimator '{name}'",
                {"module": module, "name": name, "hint": did_you_mean(name, known)},
            )
        return found
