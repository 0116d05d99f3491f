"""A behaviour test of the spec: given rows, or a change of held-out ones, and what must follow."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.spec.names import function_of
from mlpipe.spec.part import Part

__all__ = ["MOST_VARIANTS", "TEXT_WORDS", "Behaviour", "Bounds", "Change", "Direction", "Expect"]

Name = Annotated[str, Field(min_length=1)]
Names = Name | tuple[Name, ...]
Scalar = str | int | float | bool | None

TEXT_WORDS = ("typo", "swap_words", "strip_punctuation", "uppercase", "lowercase")
"""The changes of texts."""
MOST_VARIANTS = 20
"""So many versions of a row are predicted at most."""


class Bounds(Part):
    """Between which values a number must lie, both included."""

    min: float | None = None
    """The least value."""
    max: float | None = None
    """The greatest value."""

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        if self.min is None and self.max is None:
            raise _refuse("expected min, max or both", "e.g. {min: 0.6}")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise _refuse("min is above max")
        return self


class Expect(Part):
    """What must be predicted for each given row."""

    label: str | int | float | bool | None = None
    """The class."""
    score: Bounds | None = None
    """Of a binary task, the probability of the positive class; of many, that of `score_of`."""
    prediction: Bounds | None = None
    """Of regression, the value."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.label is None and self.score is None and self.prediction is None:
            raise _refuse("expected label, score or prediction", 'e.g. {label: "yes"}')
        return self


class Change(Part):
    """How held-out rows are changed; several changes are made one after the other."""

    set: dict[Name, Scalar | tuple[Scalar, ...]] = Field(default_factory=dict)
    """Columns and the value, or each of the values in turn, that they get."""
    add: dict[Name, float] = Field(default_factory=dict)
    """Numeric columns and what is added to them."""
    multiply: dict[Name, float] = Field(default_factory=dict)
    """Numeric columns and what they are multiplied by; whole numbers are rounded."""
    missing: Names | None = None
    """Columns that are made null."""
    typo: Names | None = None
    """Texts in which two neighbouring letters are swapped."""
    swap_words: Names | None = None
    """Texts in which two neighbouring words are swapped."""
    strip_punctuation: Names | None = None
    """Texts that lose their punctuation."""
    uppercase: Names | None = None
    """Texts that are written in capitals."""
    lowercase: Names | None = None
    """Texts that are written in small letters."""
    python: Annotated[str, function_of("changes.py:rewrite")] | None = None
    """file.py:function, a frame of rows in, the changed frame with the same index out."""

    @model_validator(mode="after")
    def _some_change(self) -> Self:
        if not self.places and self.python is None:
            raise _refuse("nothing is changed", "e.g. set: {gender: [female, male]}")
        if self.variants > MOST_VARIANTS:
            what = f"{self.variants} versions of each row; at most {MOST_VARIANTS}"
            raise _refuse(what, "fewer values, or a test for each column")
        return self

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Each word with a column that it changes: ``("add", "tenure")``."""
        by_word: dict[str, tuple[str, ...]] = {
            **{word: tuple(getattr(self, word)) for word in ("set", "add", "multiply")},
            **{word: self.columns_of(word) for word in ("missing", *TEXT_WORDS)},
        }
        return tuple((word, name) for word, names in by_word.items() for name in names)

    @property
    def variants(self) -> int:
        """How many versions of a row there are: each combination of the values that are set."""
        count = 1
        for values in self.set.values():
            count *= len(values) if isinstance(values, tuple) else 1
        return count

    def columns_of(self, word: str) -> tuple[str, ...]:
        """Return the columns of a word that names columns alone."""
        given: Names | None = getattr(self, word)
        return () if given is None else (given,) if isinstance(given, str) else given


class Direction(Change):
    """A change of held-out rows and the way that the score must, or must not, move."""

    expect: Literal["up", "down", "not_up", "not_down"]
    """Of a binary task the score, of regression the prediction, of many the score of `score_of`."""


class Behaviour(Part):
    """What the model must do with given rows, or when held-out rows are changed."""

    name: Name
    """What is tested, in words of yours."""
    invariance: Change | None = None
    """A change that must not matter."""
    direction: Direction | None = None
    """A change that must move the score one way, or must not move it the other way."""
    given: Annotated[tuple[dict[Name, Scalar], ...], Field(min_length=1)] | None = None
    """Rows, each a mapping of column to value; they go with `expect`."""
    expect: Expect | None = None
    """What must be predicted for each of the given rows."""
    others: Literal["typical"] | None = None
    """Columns that given rows leave out get the median or the most frequent held-out value."""
    where: dict[Name, Scalar] = Field(default_factory=dict)
    """Change only held-out rows with these values."""
    tolerance: Annotated[float, Field(ge=0)] | None = None
    """How far the score may move; left out, an invariance of classes asks for the same class."""
    score_of: Scalar = None
    """Of a task with many classes, the class whose score is looked at."""
    mostly: Annotated[float, Field(gt=0, le=1)] | None = None
    """The share of rows that must pass; left out, 1 of given rows and 0.95 of held-out ones."""
    rows: Annotated[int, Field(ge=1, le=100_000)] = 500
    """How many held-out rows are changed, drawn at random where there are more."""
    severity: Literal["error", "warn"] = "error"
    """Whether a failure makes the command fail."""
    on_inconclusive: Literal["warn", "fail", "pass"] = "warn"
    """What it means when the interval of the share holds `mostly`."""

    @property
    def change(self) -> Change | None:
        """The change, of an invariance or a direction."""
        return self.invariance or self.direction

    @property
    def kind(self) -> str:
        """The field's term: minimum functionality, invariance or direction."""
        if self.change is None:
            return "minimum functionality"
        return "invariance" if self.invariance else "direction"

    @property
    def share(self) -> float:
        """The share of rows that must pass."""
        default = 1.0 if self.given is not None else 0.95
        return default if self.mostly is None else self.mostly

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [self.invariance, self.direction, self.given]
        if sum(kind is not None for kind in kinds) != 1:
            raise _refuse("expected one of invariance, direction and given")
        if (self.given is None) != (self.expect is None):
            raise _refuse("given rows go with expect", 'e.g. expect: {label: "yes"}')
        if self.given is None and self.others is not None:
            raise _refuse("others goes with given rows")
        if self.given is not None and (self.where or self.tolerance is not None):
            raise _refuse("where and tolerance go with changes of held-out rows")
        return self


def _refuse(message: str, hint: str = "") -> PydanticCustomError:
    return PydanticCustomError("behaviour", "{message}", {"message": message, "hint": hint})
