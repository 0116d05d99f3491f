"""scikit-learn's own classifiers and regressors by their snake_case name."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Self

from pydantic import ConfigDict, GetJsonSchemaHandler, TypeAdapter, ValidationError, model_validator
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError

from mlpipe.errors import Problem, SpecError
from mlpipe.spec.suggest import did_you_mean
from mlpipe.train.models.model import (
    CLASSES,
    REGRESSION,
    ClassWeight,
    Family,
    Model,
    Monotonic,
    Refusal,
)
from mlpipe.train.models.table import TABLE, Entry, entry_of, snake_case

__all__ = ["NAMES", "Named"]

NAMES = tuple(TABLE)

_LINEAR = ("linear_model", "svm", "discriminant_analysis", "cross_decomposition")
_TREES = ("ensemble", "tree")
_OURS: dict[str, TypeAdapter[Any]] = {"class_weight": TypeAdapter(ClassWeight), "monotonic": TypeAdapter(Monotonic)}
"""Parameters that are written by class and by column, where scikit-learn has codes and places."""

_DEFAULTS: dict[str, dict[str, Any]] = {
    "cca": {"n_components": 1},
    "k_neighbors": {"algorithm": "brute"},
    "pls_canonical": {"n_components": 1},
    "radius_neighbors": {"algorithm": "brute"},
}
"""Where scikit-learn's default would fail: on one target, or in a bundle."""

_UNSAVED = ("ball_tree", "kd_tree", "auto")


class Named(Model):
    """A class of scikit-learn; every other key is one of its own parameters."""

    model_config = ConfigDict(extra="allow")

    type: str
    """The name of the class in snake_case, its ending left out: extra_trees, svc, gaussian_nb."""

    @property
    def entry(self) -> Entry:
        """Its row of the table."""
        found = entry_of(self.type)
        if found is None:
            raise SpecError(Problem(f"'{self.type}' is not a model of scikit-learn"))
        return found

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks it does, from the classes there are."""
        entry = self.entry
        return (CLASSES if entry.classifier else ()) + (REGRESSION if entry.regressor else ())

    @property
    def family(self) -> Family:
        """Which features it gets by default, from the module that it comes from."""
        module = self.entry.module
        return "linear" if module in _LINEAR else "trees" if module in _TREES else "other"

    @model_validator(mode="after")
    def _has_its_parameters(self) -> Self:
        """Check names by the table: nothing is imported for a spec that is only read."""
        wrong: list[InitErrorDetails] = []
        for name, value in self.given().items():
            if name not in self.entry.names:
                wrong.append({"type": self._unknown(name), "loc": (name, "[key]"), "input": value})
            elif name in _OURS:
                wrong.extend(_misread(name, value))
        if wrong:
            raise ValidationError.from_exception_data(self.type, wrong)
        return self

    def build(self, task: str, seed: int) -> Any:
        """Return the estimator, seeded and on one thread where it knows of either."""
        estimator = self._class(task)(**self._own())
        known = estimator.get_params(deep=False)
        ours = {"random_state": seed, "n_jobs": 1}
        estimator.set_params(
            **{k: v for k, v in ours.items() if k in known and k not in self.given()}
        )
        return estimator

    def refusals(self, task: str) -> Iterator[Refusal]:
        """Yield every parameter that the class of the task does not have, or whose value it refuses.

        What scikit-learn says of its own parameters decides.
        """
        yield from super().refusals(task)
        own = self._own()
        if not own or (own == self._defaults()):
            return
        cls = self._class(task)
        for name, value in own.items():
            if name not in cls._parameter_constraints:
                hint = did_you_mean(name, cls._parameter_constraints)
                yield (name,), f"{cls.__name__}, which does {task}, has no '{name}'", hint
            else:
                yield from self._judged(cls, name, value)

    def given(self) -> dict[str, Any]:
        """Return the parameters as written."""
        return dict(self.model_extra or {})

    def _judged(self, cls: Any, name: str, value: Any) -> Iterator[Refusal]:
        from sklearn.utils._param_validation import (
            InvalidParameterError,
            validate_parameter_constraints,
        )

        if name == "algorithm" and value in _UNSAVED and "algorithm" in self._defaults():
            what = f"algorithm: {value} keeps a tree that cannot be saved without pickle"
            yield (name,), what, "algorithm: brute gives the same neighbours"
            return
        try:
            validate_parameter_constraints(
                cls._parameter_constraints, {name: value}, caller_name=cls.__name__
            )
        except InvalidParameterError as error:
            yield (name,), str(error), ""

    def _own(self) -> dict[str, Any]:
        given = {name: value for name, value in self.given().items() if name not in _OURS}
        return {**self._defaults(), **given}

    def _defaults(self) -> dict[str, Any]:
        entry = self.entry
        folded = next(name for name, each in TABLE.items() if each.parameters is entry.parameters)
        return _DEFAULTS.get(folded, {})

    def _class(self, task: str) -> Any:
        entry = self.entry
        name = entry.regressor if task == "regression" else entry.classifier
        if not name:
            raise SpecError(Problem(f"{self.type} does {' and '.join(self.tasks)}, not {task}"))
        return getattr(import_module(f"sklearn.{entry.module}"), name)

    def _unknown(self, name: str) -> PydanticCustomError:
        known = self.entry.names
        hint = did_you_mean(name, known) or f"it has: {', '.join(known)}"
        if name in ("n_jobs", "verbose", "warm_start"):
            hint = "mlpipe sets it itself: fits run beside each other, on one thread each"
        return PydanticCustomError(
            "unknown_parameter",
            "{type} has no parameter '{name}'",
            {"type": self.type, "name": name, "hint": hint},
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """``anyOf``: for each name the parameters that its classes have."""
        ours = {name: adapter.json_schema() for name, adapter in _OURS.items()}
        return {"anyOf": [_described(name, entry, ours) for name, entry in TABLE.items()]}


def _misread(name: str, value: Any) -> list[InitErrorDetails]:
    """Return what is wrong about a parameter that is written our way."""
    try:
        _OURS[name].validate_python(value, strict=True)
    except ValidationError as error:
        each = error.errors(include_url=False)[-1]
        kind = PydanticCustomError("refused_parameter", "{why}", {"why": each["msg"], "hint": ""})
        return [{"type": kind, "loc": (name,), "input": value}]
    return []


def _described(name: str, entry: Entry, ours: dict[str, Any]) -> dict[str, Any]:
    classes = " or ".join(filter(None, (entry.classifier, entry.regressor)))
    parameters = {each: ours.get(each, {}) for each in entry.names}
    exact = [snake_case(each) for each in (entry.classifier, entry.regressor) if each]
    return {
        "type": "object",
        "description": f"sklearn.{entry.module}.{classes}",
        "properties": {"type": {"enum": list(dict.fromkeys([name, *exact]))}, **parameters},
        "required": ["type"],
        "additionalProperties": False,
    }
