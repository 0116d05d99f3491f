"""How far apart the groups are: one number over the rates of all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from mlpipe.metrics.arrays import Array
from mlpipe.metrics.fairness.rates import RATES
from mlpipe.spec.suggest import did_you_mean

__all__ = ["DISPARITIES", "Disparity", "DisparityName", "disparities_of"]


@dataclass(frozen=True)
class Disparity:
    """One number for how far apart the groups are.

    Attributes
    ----------
    name : str
    rates : tuple of str
        What it compares, by their names in `RATES`; of several, the widest gap counts.
    ratio : bool
        Least over greatest (1 is best) instead of greatest minus least (0 is best).
    description : str
    """

    name: str
    rates: tuple[str, ...]
    ratio: bool
    description: str

    @property
    def greater_is_better(self) -> bool:
        """A ratio is best at 1, a difference at 0."""
        return self.ratio

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks whose rates it compares."""
        return RATES[self.rates[0]].tasks

    @property
    def needs_score(self) -> bool:
        """Whether it compares probabilities."""
        return any(RATES[name].needs_score for name in self.rates)

    def value(self, rates: Mapping[str, Array]) -> Array:
        """Return the disparity, of shape (...); NaN where a group has no rate."""
        import numpy as np

        size = self.size(self.levels(rates))
        return np.asarray(np.exp(-size) if self.ratio else size)

    def levels(self, rates: Mapping[str, Array]) -> Array:
        """Return what is compared, of shape (..., rates, groups): rates, or their logarithms."""
        import numpy as np

        each = np.stack([rates[name] for name in self.rates], axis=-2)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(each) if self.ratio else each)

    @staticmethod
    def size(levels: Array) -> Array:
        """Return the widest gap between groups, of shape (...)."""
        import numpy as np

        with np.errstate(invalid="ignore"):  # no group selects anybody: −∞ less −∞
            return np.asarray((levels.max(axis=-1) - levels.min(axis=-1)).max(axis=-1))


_TABLE = (
    Disparity(
        "demographic_parity_difference",
        ("selection_rate",),
        False,
        "greatest minus least share of predicted positives",
    ),
    Disparity(
        "demographic_parity_ratio",
        ("selection_rate",),
        True,
        "least over greatest share of predicted positives; the four-fifths rule asks for 0.8",
    ),
    Disparity(
        "equal_opportunity_difference",
        ("tpr",),
        False,
        "greatest minus least share of positives found",
    ),
    Disparity(
        "equal_opportunity_ratio",
        ("tpr",),
        True,
        "least over greatest share of positives found",
    ),
    Disparity(
        "equalized_odds_difference",
        ("tpr", "fpr"),
        False,
        "the wider of the gaps in positives found and in false alarms",
    ),
    Disparity(
        "equalized_odds_ratio",
        ("tpr", "fpr"),
        True,
        "the lesser of the ratios of positives found and of false alarms",
    ),
    Disparity(
        "predictive_parity_difference",
        ("precision",),
        False,
        "greatest minus least share of predicted positives that are right",
    ),
    Disparity(
        "predictive_parity_ratio",
        ("precision",),
        True,
        "least over greatest share of predicted positives that are right",
    ),
    Disparity(
        "calibration_gap_difference",
        ("calibration_gap",),
        False,
        "greatest minus least of mean probability less share of positives",
    ),
    Disparity(
        "accuracy_difference",
        ("accuracy",),
        False,
        "greatest minus least share of labels that are right",
    ),
    Disparity(
        "mean_error_difference",
        ("mean_error",),
        False,
        "greatest minus least mean of prediction minus truth",
    ),
    Disparity(
        "mae_difference",
        ("mae",),
        False,
        "greatest minus least mean absolute error",
    ),
    Disparity(
        "mae_ratio",
        ("mae",),
        True,
        "least over greatest mean absolute error",
    ),
)

DISPARITIES: Mapping[str, Disparity] = MappingProxyType({each.name: each for each in _TABLE})
"""Every fairness metric by name."""


def disparities_of(task: str) -> list[str]:
    """Return the fairness metrics of a task."""
    return [each.name for each in DISPARITIES.values() if task in each.tasks]


def _known(name: str) -> str:
    if name not in DISPARITIES:
        raise PydanticCustomError(
            "unknown_metric",
            "'{name}' is not a fairness metric; expected one of: {known}",
            {
                "name": name,
                "known": ", ".join(DISPARITIES),
                "hint": did_you_mean(name, DISPARITIES),
            },
        )
    return name


DisparityName: TypeAlias = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(DISPARITIES)})
]
"""A field of the spec that names a fairness metric."""
