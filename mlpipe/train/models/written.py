"""A candidate as the spec writes it: a model that stands for itself, or one made of others."""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Tag

from mlpipe.train.models.ensembles import Stacking, Voting
from mlpipe.train.models.mitigated import ThresholdOptimizer
from mlpipe.train.models.named import NAMES
from mlpipe.train.models.single import TYPED, SingleModel, spelled_out, tag_of

__all__ = ["MODELS", "AnyModel"]

_ENSEMBLES = ("voting", "stacking", "threshold_optimizer")

MODELS: tuple[str, ...] = tuple(dict.fromkeys([*TYPED, *NAMES]))
"""The words for models that stand for themselves; others are the whole name of a class, or a
dotted path."""


def _spelled_out(value: Any) -> Any:
    return spelled_out(value, (*TYPED, *_ENSEMBLES))


def _tag(value: Any) -> str:
    found = tag_of(value, _ENSEMBLES)
    return found if found in _ENSEMBLES else "single"


_Written: TypeAlias = Annotated[
    Annotated[Voting, Tag("voting")]
    | Annotated[Stacking, Tag("stacking")]
    | Annotated[ThresholdOptimizer, Tag("threshold_optimizer")]
    | Annotated[SingleModel, Tag("single")],
    Discriminator(_tag),
]

AnyModel: TypeAlias = Annotated[
    _Written, BeforeValidator(_spelled_out, json_schema_input_type=_Written)
]
"""A candidate: ``{type: word, …}``, or the word alone."""
