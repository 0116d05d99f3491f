"""The ``validate.doctor`` section: on unless it is said otherwise."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from mlpipe.checks.asked import Severity
from mlpipe.spec.part import Part

__all__ = ["Doctor", "FindingKind", "Leakage", "Switch", "settings"]

FindingKind = Literal[
    "target_copy",
    "target_proxy",
    "target_sum",
    "target_nulls",
    "identifier",
    "shared_entity",
    "shared_key",
    "shared_time",
    "shared_rows",
    "near_rows",
    "repeated_rows",
    "conflicting_labels",
    "nearly_constant",
    "spellings",
    "default_dates",
    "future_dates",
    "date_spike",
    "new_year_dates",
    "mixed_times",
    "sentinel",
    "capped",
]


class Leakage(Part):
    """When one column alone predicts the target too well to be honest."""

    auc: Annotated[float, Field(gt=0.5, le=1)] = 0.99
    """Area under the ROC curve of one column from which on it is reported (classes)."""
    correlation: Annotated[float, Field(gt=0, le=1)] = 0.99
    """Rank correlation, or share of the ranks explained, from which on it is (regression)."""


class Doctor(Part):
    """What the data doctor passes over, and how serious its findings are."""

    ignore: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Columns and kinds of finding that are not reported."""
    severity: dict[FindingKind, Severity] = Field(default_factory=dict)
    """Whether a kind of finding is an error (exit code 1) or a warning."""
    leakage: Leakage = Leakage()
    """When one column alone predicts the target too well."""


def _form(value: Any) -> str | None:
    if isinstance(value, bool):
        return "switch"
    return "doctor" if isinstance(value, dict | Doctor) else None


Switch = Annotated[
    Annotated[bool, Tag("switch")] | Annotated[Doctor, Tag("doctor")],
    Discriminator(
        _form,
        custom_error_type="doctor",
        custom_error_message="expected true, false, or {ignore, severity, leakage}",
    ),
]


def settings(switch: bool | Doctor) -> Doctor | None:
    """Return how the doctor looks; None where it is off."""
    if isinstance(switch, Doctor):
        return switch
    return Doctor() if switch else None
