"""The vocabulary of featurize: a new word is one file under transforms/ and one line here."""

from typing import Annotated

from pydantic import TypeAdapter

from mlpipe.features.earlier import (
    Change,
    Difference,
    Expanding,
    Lag,
    LookBack,
    Rolling,
    SinceLast,
)
from mlpipe.features.transform import Transform
from mlpipe.features.transforms.bin import Bin
from mlpipe.features.transforms.date import Date
from mlpipe.features.transforms.impute import Impute
from mlpipe.features.transforms.one_hot import OneHot
from mlpipe.features.transforms.ordinal import Ordinal
from mlpipe.features.transforms.reshape import Clip, Keep, Log
from mlpipe.features.transforms.scale import Scale
from mlpipe.features.transforms.target_encode import TargetEncode
from mlpipe.features.transforms.text import Svd, Tfidf
from mlpipe.spec.part import OneOf, frozen

__all__ = ["LOOK_BACKS", "TRANSFORMS", "Step", "step"]

TRANSFORMS: tuple[type[Transform], ...] = (
    Impute, Scale, Clip, Log, Bin, OneHot, Ordinal, TargetEncode, Date, Tfidf, Svd, Keep,
)  # fmt: skip
"""Steps that are fitted on train."""

LOOK_BACKS: tuple[type[LookBack], ...] = (
    Lag, Difference, Change, Rolling, Expanding, SinceLast,
)  # fmt: skip
"""Steps over earlier rows of the same entity."""

Step = Annotated[Transform | LookBack, OneOf(*TRANSFORMS, *LOOK_BACKS)]
"""One step of a block, as the spec writes it."""

_STEP: TypeAdapter[Transform | LookBack] = TypeAdapter(Step)


def step(written: object) -> Transform | LookBack:
    """Read one step from plain values, ``{"scale": {"method": "standard"}}``.

    Raises
    ------
    pydantic.ValidationError
        If it is not a step.
    """
    return _STEP.validate_python(frozen(written))
