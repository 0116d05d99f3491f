"""How a model of the registry is called: ``churn@champion``, ``churn@3``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlpipe.errors import Problem, SpecError

__all__ = ["CHAMPION", "Reference", "alias_name", "reference"]

CHAMPION = "champion"
"""The alias that the verbs which use a model look for first."""

_ALIAS = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_RESERVED = ("latest",)


@dataclass(frozen=True)
class Reference:
    """A name and what is chosen of it: an alias, or the number of a version."""

    name: str
    chosen: str

    def __str__(self) -> str:
        """``churn@champion``."""
        return f"{self.name}@{self.chosen}"


def reference(text: str) -> Reference:
    """Read ``NAME@ALIAS`` or ``NAME@3``.

    Raises
    ------
    SpecError
        For anything else.
    """
    name, at, chosen = text.partition("@")
    if not at or not name or not chosen:
        hint = "as in churn@challenger or churn@3; `mlpipe models list` names them"
        raise SpecError(Problem(f"expected NAME@ALIAS or NAME@VERSION, not '{text}'", hint=hint))
    return Reference(name, chosen if chosen.isdecimal() else alias_name(chosen))


def alias_name(text: str) -> str:
    """Accept a word as an alias.

    Raises
    ------
    SpecError
        For one that could be a number, a path, or means something else.
    """
    if not _ALIAS.fullmatch(text) or text in _RESERVED:
        hint = "a word of small letters, digits, - and _, as champion; `latest` means a run"
        raise SpecError(Problem(f"'{text}' cannot be an alias", hint=hint))
    return text
