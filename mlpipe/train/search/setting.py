"""What every trial of a search shares: the rows, their folds, the features and the metric."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlpipe.train.rows import Rows

if TYPE_CHECKING:
    from mlpipe.features.plan import Plan
    from mlpipe.metrics.scores import Metric

__all__ = ["Setting"]


@dataclass(frozen=True)
class Setting:
    """What a trial is fitted and judged on; the same for all of them.

    Attributes
    ----------
    rows : Rows
        Train and valid, and the folds of train: a search looks at nothing else.
    plan : Plan
        The features, fitted anew inside each fold.
    seed : int
    metric : Metric
        The one that chooses.
    calibrate : str
        ``none``, or how scores are calibrated before they are measured.
    resource : {"rows", "iterations"}
        What a trial with a share of less than 1 has less of.
    jobs : int or None
        Processes; nothing depends on it but the time.
    watch : callable
        Told a few words after each fit.
    times : callable
        Told the number of a trial and how many seconds its fits took.
    """

    rows: Rows
    plan: "Plan"
    seed: int
    metric: "Metric"
    calibrate: str = "none"
    resource: str = "rows"
    jobs: int | None = None
    watch: Callable[[str], None] = lambda _: None
    times: Callable[[int, float], None] = lambda *_: None
