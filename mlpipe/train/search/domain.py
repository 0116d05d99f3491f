"""The words of ``train.search.space``: what values a parameter may take."""

import json
import math
from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.spec.part import OneOf, Word

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["AnyDomain", "Choices", "Domain", "Integers", "LogUniform", "Uniform"]

Scalar: TypeAlias = bool | int | float | str | None
Value: TypeAlias = Scalar | tuple[Scalar, ...]
"""A value of a parameter, as YAML writes it: a scalar, or a list of them (layers, weights)."""


class Domain(Word):
    """The values that one parameter may take."""

    @abstractmethod
    def draw(self, random: "Generator") -> Value:
        """Return one of the values at random."""

    @abstractmethod
    def ends(self) -> tuple[Value, ...]:
        """Return the values that show whether all of them are legal."""

    @abstractmethod
    def holds(self, value: Any) -> bool:
        """Whether a value is one of them."""

    def grid(self) -> tuple[Value, ...] | range | None:
        """Return all values in order; None where there is no end of them."""
        return None


def _different(values: tuple[Value, ...]) -> tuple[Value, ...]:
    written = [json.dumps(value) for value in values]
    twice = next((text for text in written if written.count(text) > 1), None)
    if twice is not None:
        raise PydanticCustomError(
            "twice", "{value} stands there twice", {"value": twice, "hint": "leave one out"}
        )
    return values


class Choices(Domain):
    """One of a list of values; written as the list alone."""

    word: ClassVar[str] = "choices"
    main: ClassVar[str | None] = "values"

    values: Annotated[tuple[Value, ...], Field(min_length=1), AfterValidator(_different)]
    """The values; a grid takes them in this order."""

    def draw(self, random: "Generator") -> Value:
        """Return each of the values as often as any other."""
        return self.values[int(random.integers(len(self.values)))]

    def ends(self) -> tuple[Value, ...]:
        """Return every value."""
        return self.values

    def holds(self, value: Any) -> bool:
        """Whether it is in the list; 1 and true are two things."""
        return any(value == each and type(value) is type(each) for each in self.values)

    def grid(self) -> tuple[Value, ...]:
        """Return the values as they were written."""
        return self.values


def _rising(between: tuple[Any, Any]) -> tuple[Any, Any]:
    low, high = between
    if not low < high:
        raise PydanticCustomError(
            "not_rising",
            "the first number must be less than the second, got {low} and {high}",
            {"low": f"{low:g}", "high": f"{high:g}", "hint": f"[{high:g}, {low:g}]?"},
        )
    return between


def _positive(between: tuple[Any, Any]) -> tuple[Any, Any]:
    if between[0] <= 0:
        raise PydanticCustomError(
            "no_logarithm",
            "{low} has no logarithm: a logarithmic range starts above 0",
            {"low": f"{between[0]:g}", "hint": "uniform: […] takes any numbers"},
        )
    return between


Finite = Annotated[float, Field(allow_inf_nan=False)]
Numbers = Annotated[tuple[Finite, Finite], AfterValidator(_rising)]


class Uniform(Domain):
    """Any number between two, each as likely."""

    word: ClassVar[str] = "uniform"
    main: ClassVar[str | None] = "between"

    between: Numbers
    """The lowest and the highest."""

    def draw(self, random: "Generator") -> float:
        """Return a number of the uniform distribution."""
        return float(random.uniform(*self.between))

    def ends(self) -> tuple[Value, ...]:
        """Return both ends."""
        return self.between

    def holds(self, value: Any) -> bool:
        """Whether it is a number between the two."""
        return _number(value) and self.between[0] <= value <= self.between[1]


class LogUniform(Uniform):
    """Any number between two, each order of magnitude as likely: for rates and penalties."""

    word: ClassVar[str] = "log_uniform"

    between: Annotated[Numbers, AfterValidator(_positive)]
    """The lowest, above 0, and the highest."""

    def draw(self, random: "Generator") -> float:
        """Return a number whose logarithm is uniform."""
        low, high = self.between
        drawn = math.exp(random.uniform(math.log(low), math.log(high)))
        return min(max(drawn, low), high)


class Integers(Domain):
    """Any whole number between two, both ends among them."""

    word: ClassVar[str] = "integers"
    main: ClassVar[str | None] = "between"

    between: Annotated[tuple[int, int], AfterValidator(_rising)]
    """The lowest and the highest."""
    log: bool = False
    """Whether each order of magnitude is as likely, rather than each number."""

    @model_validator(mode="after")
    def _has_logarithms(self) -> "Integers":
        if self.log:
            _positive(self.between)
        return self

    def draw(self, random: "Generator") -> int:
        """Return a whole number; a logarithmic one is rounded from between the half steps."""
        low, high = self.between
        if not self.log:
            return int(random.integers(low, high, endpoint=True))
        drawn = math.exp(random.uniform(math.log(low - 0.5), math.log(high + 0.5)))
        return min(max(round(drawn), low), high)

    def ends(self) -> tuple[Value, ...]:
        """Return both ends."""
        return self.between

    def holds(self, value: Any) -> bool:
        """Whether it is a whole number between the two."""
        return type(value) is int and self.between[0] <= value <= self.between[1]

    def grid(self) -> range:
        """Return every whole number, the lowest first."""
        return range(self.between[0], self.between[1] + 1)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _listed(value: Any) -> Any:
    """Read a bare list as the word that it is short for."""
    return {Choices.word: value} if isinstance(value, list | tuple) else value


_Written: TypeAlias = Annotated[
    Choices | Uniform | LogUniform | Integers, OneOf(Choices, Uniform, LogUniform, Integers)
]

AnyDomain: TypeAlias = Annotated[
    _Written, BeforeValidator(_listed, json_schema_input_type=tuple[Value, ...] | _Written)
]
"""What a parameter may be: a list of values, or a word such as ``log_uniform: [0.01, 0.3]``."""
