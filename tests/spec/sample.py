"""A small spec with every shape that real sections use, and what refuses it in words."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, field_validator
from pydantic_core import PydanticCustomError

from mlpipe.errors import SpecError
from mlpipe.spec.build import build
from mlpipe.spec.names import SafeName, distinct_ignoring_case
from mlpipe.spec.part import OneOf, Part, Word
from mlpipe.spec.resolve import Resolved, resolve
from mlpipe.spec.yaml import parse


class Impute(Word):
    """Fill missing values."""

    word: ClassVar[str] = "impute"
    main: ClassVar[str | None] = "strategy"

    strategy: Literal["median", "mean"] = "median"
    """What to fill in."""


class Inner(Part):
    """A part that two words share."""

    size: Annotated[int, Field(ge=1)] = 1
    """How large."""


class OneHot(Word):
    """A column a category."""

    word: ClassVar[str] = "one_hot"

    min_frequency: Annotated[int, Field(ge=1)] = 1
    """Rarer ones are put together."""
    inner: Inner = Inner()
    """Nested."""


class Tfidf(Word):
    """Weights of words; needs its parameter."""

    word: ClassVar[str] = "tfidf"

    max_features: Annotated[int, Field(gt=0, le=5000)]
    """How many words are kept."""


Step = Annotated[Impute | OneHot | Tfidf, OneOf(Impute, OneHot, Tfidf)]


class Linear(Part):
    """A linear model."""

    type: Literal["linear"]
    """Which."""
    C: Annotated[float, Field(gt=0)] = 1.0
    """How little it is held back."""


class Boosted(Part):
    """Boosted trees."""

    type: Literal["boosted"]
    """Which."""
    max_iter: int = 100
    """How many trees."""


Model = Annotated[Linear | Boosted, Field(discriminator="type")]


class Since(Part):
    """From a date on."""

    since: str
    """The date."""


class Target(Part):
    """What to predict."""

    name: Annotated[str, Field(min_length=1)]
    """The column to predict."""
    positive: str | int | bool | None = None
    """The positive class."""


def _share_or_since(value: object) -> str | None:
    if isinstance(value, dict | Since):
        return "since"
    return "share" if isinstance(value, int | float) else None


Test = Annotated[
    Annotated[float, Tag("share")] | Annotated[Since, Tag("since")],
    Discriminator(
        _share_or_since, custom_error_type="side", custom_error_message="expected a share or since"
    ),
]


class Train(Part):
    """Models."""

    models: Annotated[dict[SafeName, Model], AfterValidator(distinct_ignoring_case)] = Field(
        default_factory=dict
    )
    """By name."""
    folds: Annotated[int, Field(ge=2, le=20)] = 5
    """How many."""


class Sample(Part):
    """A spec."""

    version: int = 1
    """The version of the format."""
    name: SafeName
    """The name of the project."""
    task: Literal["binary", "regression"] = "binary"
    """What is predicted."""
    target: str | Target
    """What to predict."""
    keys: str | Annotated[tuple[str, ...], Field(min_length=1)] = ()
    """Which row."""
    test: Test = 0.2
    """What judges."""
    share: Annotated[int, Field(ge=0)] | Annotated[float, Field(ge=0, lt=1)] = 0
    """A count or a share."""
    steps: tuple[Step, ...] | Literal["auto", "drop"] = "auto"
    """What is done."""
    train: Train = Train()
    """How it is fitted."""
    kinds: dict[Literal["number", "text"], tuple[str, ...]] = Field(default_factory=dict)
    """By kind."""
    flag: bool = False
    """A switch."""
    api_token: str | None = None
    """A secret."""
    database: str = ""
    """An address."""

    @field_validator("version")
    @classmethod
    def _known_version(cls, version: int) -> int:
        if version > 1:
            raise PydanticCustomError(
                "newer_version",
                "version {version} was written for a newer mlpipe",
                {"version": version, "hint": "upgrade mlpipe"},
            )
        return version


def resolved(folder: Path, text: str, **options: object) -> Resolved:
    """Resolve a text as the file ``spec.yaml`` of a folder."""
    (folder / "spec.yaml").write_text(text, encoding="utf-8")
    given = {"environ": {}, "directory": folder, **options}
    return resolve("spec.yaml", **given)


def refusal(folder: Path, text: str, **options: object) -> str:
    """Return what is said to a spec that is refused."""
    try:
        build(Sample, resolved(folder, text, **options))
    except SpecError as error:
        return str(error)
    raise AssertionError("the spec was accepted")


def parse_refusal(data: bytes | str) -> str:
    """Return what is said to a file that is refused."""
    try:
        parse(data.encode() if isinstance(data, str) else data, "f.yaml")
    except SpecError as error:
        return str(error)
    raise AssertionError("the file was accepted")
