"""A family of metrics: one word with a parameter, ``fbeta_2`` or ``{fbeta: {beta: 2}}``."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlpipe.metrics.metric import Metric

__all__ = ["Family", "Parameter"]

_NUMBER = re.compile(r"\d+(\.\d+)?(e-?\d+)?", re.ASCII)
_LONGEST = 40
"""Digits of a number: what is longer is a mistake."""
_GREATEST = 1e15
"""Up to here a float is that whole number, and its square is finite."""


@dataclass(frozen=True)
class Parameter:
    """What stands behind the word.

    Attributes
    ----------
    name : str
        Its key in YAML.
    whole : bool
        Whether it is a whole number, from `least` on; else it lies between the ends.
    least : float
    most : float or None
    """

    name: str
    whole: bool = False
    least: float = 0
    most: float | None = None

    @property
    def expected(self) -> str:
        """Say the range: ``share, a number above 0 and below 1``."""
        if self.whole:
            return f"{self.name}, a whole number from {self.least:g} on"
        below = "" if self.most is None else f" and below {self.most:g}"
        return f"{self.name}, a number above {self.least:g}{below}"

    def accepts(self, value: Any) -> bool:
        """Whether a number of YAML is one of these."""
        if isinstance(value, bool) or not isinstance(value, int | float) or value > _GREATEST:
            return False
        if self.whole:
            return isinstance(value, int) and value >= self.least
        return self.least < value < (float("inf") if self.most is None else self.most)

    def schema(self) -> dict[str, Any]:
        """Describe the number for editors."""
        if self.whole:
            return {"type": "integer", "minimum": self.least}
        above: dict[str, Any] = {"type": "number", "exclusiveMinimum": self.least}
        return above if self.most is None else {**above, "exclusiveMaximum": self.most}


@dataclass(frozen=True)
class Family:
    """Metrics of one formula that differ by a number.

    Attributes
    ----------
    word : str
    parameters : tuple of Parameter
        One, or the ways to say it: a share or a number of rows.
    make : callable
        From the canonical name and the number to the metric.
    example : str
        A parameter, for messages and the documentation.
    """

    word: str
    parameters: tuple[Parameter, ...]
    make: Callable[[str, float], Metric]
    example: str

    @property
    def shape(self) -> str:
        """How a name is written: ``precision_at_SHARE``."""
        return f"{self.word}_{self.parameters[0].name.upper()}"

    @property
    def expected(self) -> str:
        """Say what the parameter is."""
        return ", or ".join(each.expected for each in self.parameters)

    @property
    def sample(self) -> Metric:
        """One metric of the family: all have its tasks."""
        found = self.named(f"{self.word}_{self.example}")
        assert found is not None  # noqa: S101  (the table's own example)
        return found

    def named(self, name: str) -> Metric | None:
        """Return the metric of a name; None where the parameter is missing or out of range."""
        text = name.removeprefix(f"{self.word}_")
        if len(text) > _LONGEST or not _NUMBER.fullmatch(text):
            return None
        return self.of(int(text) if text.isdigit() else float(text))

    def of(self, value: Any) -> Metric | None:
        """Return the metric of a number, or of a mapping that names it; None where it is none."""
        known = {each.name: each for each in self.parameters}
        if isinstance(value, Mapping):
            ((key, value),) = value.items() if len(value) == 1 else ((None, None),)
            known = {key: known[key]} if key in known else {}
        if not any(each.accepts(value) for each in known.values()):
            return None
        whole = any(each.whole and each.accepts(value) for each in known.values())
        number = int(value) if whole else float(value)
        return self.make(f"{self.word}_{_text(number)}", number)

    def claims(self, name: str) -> bool:
        """Whether a name is meant for the family, whatever its parameter is worth."""
        return name == self.word or name.startswith(f"{self.word}_")

    def schema(self) -> dict[str, Any]:
        """Describe the ways to write it for editors."""
        numbers = [each.schema() for each in self.parameters]
        written = {
            "type": "object",
            "properties": {each.name: each.schema() for each in self.parameters},
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
        }
        mapping = {
            "type": "object",
            "properties": {self.word: {"anyOf": [*numbers, written]}},
            "required": [self.word],
            "additionalProperties": False,
            "description": self.sample.description,
        }
        text = {"type": "string", "pattern": f"^{self.word}_{_NUMBER.pattern}$"}
        return {"anyOf": [text, mapping]}


def _text(number: float) -> str:
    return repr(number).removesuffix(".0").replace("e+", "e")
