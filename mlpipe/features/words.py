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
from mlpipe.features.transforms.age import Age
from mlpipe.features.transforms.bin import Bin
from mlpipe.features.transforms.by_path import ByPath
from mlpipe.features.transforms.count import Count
from mlpipe.features.transforms.date import Date
from mlpipe.features.transforms.embed import Embed
from mlpipe.features.transforms.hash import Hash
from mlpipe.features.transforms.hash_text import HashText
from mlpipe.features.transforms.holidays import Holidays
from mlpipe.features.transforms.impute import Impute
from mlpipe.features.transforms.normalize import Normalize
from mlpipe.features.transforms.one_hot import OneHot
from mlpipe.features.transforms.ordinal import Ordinal
from mlpipe.features.transforms.polynomial import Interactions, Polynomial
from mlpipe.features.transforms.power import Power, Quantile
from mlpipe.features.transforms.reshape import Clip, Keep, Log
from mlpipe.features.transforms.scale import Scale
from mlpipe.features.transforms.select import Select
from mlpipe.features.transforms.sentence_embed import SentenceEmbed
from mlpipe.features.transforms.spline import Spline
from mlpipe.features.transforms.target_encode import TargetEncode
from mlpipe.features.transforms.text import Counts, Lsa, Svd, Tfidf
from mlpipe.features.transforms.text_length import TextLength
from mlpipe.spec.part import OneOf, frozen

__all__ = ["LOOK_BACKS", "TRANSFORMS", "Step", "step"]

TRANSFORMS: tuple[type[Transform], ...] = (
    Impute, Scale, Normalize, Clip, Log, Power, Quantile, Bin, Polynomial, Spline, Interactions,
    OneHot, Ordinal, Count, TargetEncode, Hash, Embed, Date, Holidays, Age, Tfidf, Counts, HashText,
    TextLength, Lsa, SentenceEmbed, Svd, Select, ByPath, Keep,
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
