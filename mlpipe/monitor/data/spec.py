"""The ``monitor.checks`` section: the checks of validate over current data, on by default."""

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from mlpipe.checks.words import Rows
from mlpipe.spec.part import Part

__all__ = ["Checks", "Switch", "settings"]


class Checks(Part):
    """What current data is asked: the checks of ``validate``, without some, and its own size."""

    ignore: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Columns (plan), checks (unique), or checks of one column (plan.in)."""
    rows: Rows | None = None
    """How many rows there must be, {min, max}; `rows` of validate is about those of training."""


def _form(value: Any) -> str | None:
    if isinstance(value, bool):
        return "switch"
    return "checks" if isinstance(value, dict | Checks) else None


Switch = Annotated[
    Annotated[bool, Tag("switch")] | Annotated[Checks, Tag("checks")],
    Discriminator(
        _form,
        custom_error_type="monitor_checks",
        custom_error_message="expected true, false, or {ignore, rows}",
    ),
]


def settings(switch: bool | Checks) -> Checks | None:
    """Return which checks are asked; None where they are off."""
    if isinstance(switch, Checks):
        return switch
    return Checks() if switch else None
