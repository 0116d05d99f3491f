"""A model as the spec writes it: which part reads it, and how its parameters are replaced."""

from typing import Annotated, Any, TypeAlias, get_args, Literal

from pydantic import BeforeValidator, Discriminator, Tag
from pydantic_core import PydanticCustomError

from mlpipe.spec.suggest import did_you_mean
from mlpipe.train.imported import Imported
from mlpipe.train.models.dummy import Dummy
from mlpipe.train.models.linear import LinearRegression, LogisticRegression, Ridge
from mlpipe.train.models.trees import HistGradientBoosting, RandomForest

__all__ = ["MODELS", "AnyModel"]

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
