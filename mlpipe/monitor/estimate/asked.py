"""What is asked of every chunk: which metrics, which values, which gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.business import Business
from mlpipe.metrics.scores import Metric, for_task
from mlpipe.monitor.estimate.dle import ESTIMATED
from mlpipe.monitor.estimate.expected import estimable
from mlpipe.monitor.estimate.gaps import LEAST_GROUP, gaps
from mlpipe.monitor.estimate.quantity import Quantity, of_metric
from mlpipe.monitor.estimate.worth import unwatched_worths, worths

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mlpipe.metrics.arrays import Array

__all__ = ["Asked", "quantities"]


@dataclass(frozen=True)
class Asked:
    """What is asked of every chunk.

    Attributes
    ----------
    metrics : tuple of str
        The watched one first.
    business : mapping of str to Business
    fairness : tuple of str
        Fairness metrics.
    sensitive : tuple of str
        The columns whose groups they compare.
    least_group : int
        Fewest rows of a group that is compared.
    """

    metrics: tuple[str, ...] = ()
    business: Mapping[str, Business] = field(default_factory=dict)
    fairness: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    least_group: int = LEAST_GROUP

    def __bool__(self) -> bool:
        """Whether anything is asked."""
        return bool(self.metrics or self.business or (self.fairness and self.sensitive))

    def among(self, names: Sequence[str]) -> tuple[Asked, list[str]]:
        """Return what can be asked of a table that lacks columns, and what is left out."""
        there = set(names)
        lacking = {
            name: [column for column in each.columns if column not in there]
            for name, each in self.business.items()
        }
        business = {name: each for name, each in self.business.items() if not lacking[name]}
        sensitive = tuple(name for name in self.sensitive if name in there)
        gone = {name: [name] for name in self.sensitive if name not in there and self.fairness}
        said = [
            f"{name} is not looked at: {', '.join(columns)} is not in the current data"
            for name, columns in {**lacking, **gone}.items()
            if columns
        ]
        return replace(self, business=business, sensitive=sensitive), said

    def columns(self, learned: Mapping[str, Any]) -> list[str]:
        """Return the columns of the current data that are read."""
        worth = [name for each in self.business.values() for name in each.columns]
        leading = learned.get("errors", {}).get("names", [])[1:]
        return list(dict.fromkeys([*worth, *(self.sensitive if self.fairness else ()), *leading]))

    def estimable(self, task: str) -> tuple[dict[str, Metric], list[str]]:
        """Return the metrics that can be estimated, and why others cannot."""
        found, notes = {}, []
        for name in self.metrics:
            metric = for_task(name, task, "monitor.estimate.metrics")
            why = estimable(metric)
            if task == "regression":
                why = "" if name in ESTIMATED else f"is none of {', '.join(ESTIMATED)}"
            if why:
                notes.append(f"{name} is not estimated: it {why}")
            else:
                found[name] = metric
        return found, notes + unwatched_worths(self.business)


def quantities(
    asked: Asked,
    task: str,
    metrics: Mapping[str, Metric],
    pred: Array,
    frame: pd.DataFrame,
    classes: Sequence[Any],
    reference: Mapping[str, Any],
    margins: Mapping[str, float] = MappingProxyType({}),
) -> list[Quantity]:
    """Return what is asked of the rows of a chunk.

    Parameters
    ----------
    asked : Asked
    task : str
    metrics : mapping of str to Metric
        Those of `Asked.estimable`.
    pred : array, shape (n,)
        What was said of the rows.
    frame : DataFrame, n rows
        Those of `Asked.columns` that there are.
    classes : sequence
        In the order of their codes; empty of a regression.
    reference : mapping
        The profile: ``quality``, ``business`` and ``fairness``.
    margins : mapping, optional
        name -> how much worse is still fine: of metrics, business metrics and fairness metrics.
    """
    quality, worth, apart = (
        reference.get(key) or {} for key in ("quality", "business", "fairness")
    )
    found = [
        of_metric(metric, pred, quality.get(name), margins.get(name, 0.0))
        for name, metric in metrics.items()
    ]
    found += worths(asked.business, frame, pred, classes, worth, margins)
    for column in asked.sensitive:
        if column in frame:
            least = asked.least_group
            found += gaps(
                asked.fairness, column, frame[column], pred, task, apart, least, margins=margins
            )
    return found
