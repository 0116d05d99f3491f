"""How a binary decision differs between groups of people."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, TypeAlias

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from mlpipe.metrics.arrays import share, total
from mlpipe.spec.suggest import did_you_mean

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = ["DISPARITIES", "Disparity", "DisparityName", "GroupRates", "group_rates"]


@dataclass(frozen=True)
class GroupRates:
    """Rates of each group; each of shape (..., groups), NaN where a group has no such rows."""

    rows: "Array"
    positives: "Array"
    selection_rate: "Array"
    tpr: "Array"
    fpr: "Array"
    accuracy: "Array"


def group_rates(
    y: "Array", pred: "Array", codes: "Array", count: int, weight: "Array"
) -> GroupRates:
    """Return the rates of each group.

    Parameters
    ----------
    y, pred : array of 0 and 1, shape (n,)
    codes : array of int, shape (n,)
        Each row's group; −1 for rows that belong to none.
    count : int
        How many groups there are.
    weight : array, shape (..., n)
    """
    import numpy as np

    def each(mask: "Array") -> "Array":
        return np.stack([total(weight, mask & (codes == code)) for code in range(count)], axis=-1)

    said, true = pred == 1, y == 1
    rows, positives = each(codes >= 0), each(true)
    hits, alarms = each(true & said), each(~true & said)
    return GroupRates(
        rows=rows,
        positives=positives,
        selection_rate=share(hits + alarms, rows),
        tpr=share(hits, positives),
        fpr=share(alarms, rows - positives),
        accuracy=share(rows - positives - alarms + hits, rows),
    )


@dataclass(frozen=True)
class Disparity:
    """One number for how far apart the groups are.

    Attributes
    ----------
    name : str
    rates : tuple of str
        The fields of `GroupRates` it compares; of several, the widest gap counts.
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

    def value(self, rates: GroupRates) -> "Array":
        """Return the disparity, of shape (...); NaN where a group has no rate."""
        import numpy as np

        size = self.size(self.levels(rates))
        return np.asarray(np.exp(-size) if self.ratio else size)

    def levels(self, rates: GroupRates) -> "Array":
        """Return what is compared, of shape (..., rates, groups): rates, or their logarithms."""
        import numpy as np

        each = np.stack([getattr(rates, name) for name in self.rates], axis=-2)
        with np.errstate(divide="ignore"):
            return np.log(each) if self.ratio else each

    @staticmethod
    def size(levels: "Array") -> "Array":
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
)

DISPARITIES: Mapping[str, Disparity] = MappingProxyType({each.name: each for each in _TABLE})
"""Every fairness metric by name."""


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
