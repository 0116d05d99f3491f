"""One finding of the doctor: what it saw, how sure that is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from glob import escape
from typing import TYPE_CHECKING, Any

from mlpipe.validate.doctor.spec import FindingKind

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SEVERE", "Finding", "ignoring", "percent", "quoted"]

SEVERE: frozenset[str] = frozenset(
    {"target_copy", "target_sum", "shared_entity", "shared_key", "shared_time"}
)
"""Kinds that are an error by themselves: they hold exactly, and no score means anything then."""


@dataclass(frozen=True)
class Finding:
    """What the doctor found in one column, or in several together.

    Attributes
    ----------
    kind : str
        The word of it in ``validate.doctor``.
    columns : tuple of str
        The columns it is about.
    message : str
        What was found, in a sentence with its numbers.
    advice : str
        What to do, where possible as a line of YAML or SQL.
    evidence : dict
        The numbers behind it; JSON-safe.
    lenient : bool
        Whether a kind that is an error otherwise is only a warning here.
    """

    kind: FindingKind
    columns: tuple[str, ...]
    message: str
    advice: str
    evidence: dict[str, Any] = field(default_factory=dict)
    lenient: bool = False

    @property
    def severity(self) -> str:
        """Error or warn, where the spec does not say which."""
        return "error" if self.kind in SEVERE and not self.lenient else "warn"


def ignoring(names: Sequence[str]) -> str:
    """Return the YAML that keeps columns from being features.

    >>> ignoring(["casual", "a*"])
    'columns: {ignore: [casual, "a[*]"]}'
    """
    return f"columns: {{ignore: [{', '.join(_scalar(escape(name)) for name in names)}]}}"


def _scalar(text: str) -> str:
    import json

    return text if text.isidentifier() else json.dumps(text, ensure_ascii=False)


def quoted(values: Sequence[Any], most: int = 3) -> str:
    """Write a few values: quoted, and how many more there are.

    >>> quoted(["NY", "ny ", "N.Y.", "n.y."])
    "'NY', 'ny ', 'N.Y.' and 1 more"
    """
    shown = ", ".join(repr(value) for value in values[:most])
    return f"{shown} and {len(values) - most} more" if len(values) > most else shown


def percent(part: int, whole: int) -> str:
    """Write a share.

    >>> percent(1, 3), percent(1, 100_000)
    ('33.3 %', '0.001 %')
    """
    return f"{100 * part / whole:.3g} %" if whole else "0 %"
