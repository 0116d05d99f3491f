"""The section ``register``: what becomes of a model once it has been judged."""

from typing import Annotated, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from mlpipe.errors import SpecError
from mlpipe.registry.names import alias_name
from mlpipe.spec.part import Part

__all__ = ["Promote", "Register"]


def _alias(text: str) -> str:
    try:
        return alias_name(text)
    except SpecError as error:
        (problem,) = error.problems
        context = {"what": problem.message, "hint": problem.hint}
        raise PydanticCustomError("alias", "{what}", context) from error


Alias = Annotated[str, AfterValidator(_alias)]


class Promote(Part):
    """When an alias that others rely on is moved to the new version."""

    to: Alias = "champion"
    """The alias that is moved."""
    when: Literal["gates_pass"] = "gates_pass"
    """Only where every gate passed: an inconclusive one is not enough."""


class Register(Part):
    """Register the model after `run` and `evaluate`, unless the verdict is that it failed."""

    alias: Alias = "challenger"
    """The alias that points at the new version."""
    promote: Promote | None = None
    """Whether the new version is promoted at once."""
