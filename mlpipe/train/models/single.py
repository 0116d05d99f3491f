"""A model that stands for itself, as the spec writes it, and which part reads it."""

from collections.abc import Collection
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import BeforeValidator, Discriminator, Tag
from pydantic_core import PydanticCustomError

from mlpipe.spec.suggest import did_you_mean
from mlpipe.train.models.boosters import CatBoost, LightGBM, XGBoost
from mlpipe.train.models.dummy import Dummy
from mlpipe.train.models.imported import Imported
from mlpipe.train.models.linear import LinearRegression, LogisticRegression, Ridge
from mlpipe.train.models.named import NAMES, Named
from mlpipe.train.models.table import entry_of
from mlpipe.train.models.trees import HistGradientBoosting, RandomForest

__all__ = ["TYPED", "SingleModel", "spelled_out", "tag_of"]

Word: TypeAlias = Literal[
    "logistic_regression",
    "linear_regression",
    "ridge",
    "random_forest",
    "hist_gradient_boosting",
    "lightgbm",
    "xgboost",
    "catboost",
    "dummy",
]

TYPED: tuple[str, ...] = get_args(Word)
"""The words whose parameters are fields of ours."""


def tag_of(value: Any, typed: Collection[str] = TYPED) -> str:
    """Return which part reads a model."""
    name = value.get("type") if isinstance(value, dict) else getattr(value, "type", "")
    if name in typed:
        return str(name)
    return "imported" if "." in str(name) else "named"


def spelled_out(value: Any, typed: Collection[str] = TYPED) -> Any:
    """Read ``boosted: hist_gradient_boosting`` as ``{type: …}``, and know the type."""
    if isinstance(value, str):
        value = {"type": value}
    if not isinstance(value, dict):
        return value
    name = value.get("type")
    if not isinstance(name, str):
        raise PydanticCustomError(
            "model_type",
            "a model needs a `type`: one of {known}, a classifier or regressor of scikit-learn "
            "by name, or a dotted path to a class",
            {"known": ", ".join(typed), "hint": "boosted: {type: hist_gradient_boosting}"},
        )
    if name not in typed and "." not in name and entry_of(name) is None:
        raise PydanticCustomError(
            "unknown_model",
            "'{name}' is not a model; expected one of {known}, a classifier or regressor of "
            "scikit-learn by name, or a dotted path to a class",
            {
                "name": name,
                "known": ", ".join(typed),
                "hint": did_you_mean(name, [*typed, *NAMES]),
            },
        )
    return value


_Written: TypeAlias = Annotated[
    Annotated[LogisticRegression, Tag("logistic_regression")]
    | Annotated[LinearRegression, Tag("linear_regression")]
    | Annotated[Ridge, Tag("ridge")]
    | Annotated[RandomForest, Tag("random_forest")]
    | Annotated[HistGradientBoosting, Tag("hist_gradient_boosting")]
    | Annotated[LightGBM, Tag("lightgbm")]
    | Annotated[XGBoost, Tag("xgboost")]
    | Annotated[CatBoost, Tag("catboost")]
    | Annotated[Dummy, Tag("dummy")]
    | Annotated[Named, Tag("named")]
    | Annotated[Imported, Tag("imported")],
    Discriminator(tag_of),
]
_Name: TypeAlias = Literal[Word, NAMES]  # type: ignore[valid-type]

SingleModel: TypeAlias = Annotated[
    _Written, BeforeValidator(spelled_out, json_schema_input_type=_Name | _Written)
]
"""A model as the spec writes it: ``{type: word, …}``, or the word alone."""
