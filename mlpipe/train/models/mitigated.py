"""A candidate that decides by other thresholds for other groups, so that they are treated alike."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from mlpipe.train.models.ensembles import Ensemble
from mlpipe.train.models.model import Refusal

__all__ = ["ThresholdOptimizer"]

Constraint = Literal[
    "demographic_parity",
    "equalized_odds",
    "selection_rate_parity",
    "true_positive_rate_parity",
    "false_positive_rate_parity",
    "true_negative_rate_parity",
    "false_negative_rate_parity",
]
Objective = Literal[
    "accuracy_score",
    "balanced_accuracy_score",
    "selection_rate",
    "true_positive_rate",
    "true_negative_rate",
]
_OF_ODDS = ("accuracy_score", "balanced_accuracy_score")


def _alone(name: object) -> object:
    return (name,) if isinstance(name, str) else name


One = Annotated[
    tuple[str, ...],
    Field(min_length=1, max_length=1),
    BeforeValidator(_alone, json_schema_input_type=str),
]


class ThresholdOptimizer(Ensemble):
    """fairlearn's ThresholdOptimizer over another candidate (Hardt, Price and Srebro 2016)."""

    does: ClassVar[tuple[str, ...]] = ("binary",)

    type: Literal["threshold_optimizer"] = "threshold_optimizer"
    """The word for this model."""
    of: One
    """The name of the candidate whose scores are parted by thresholds."""
    sensitive: Annotated[str, Field(min_length=1)]
    """The column whose values are the groups: one of columns.sensitive, needed to predict."""
    constraint: Constraint = "demographic_parity"
    """What is to be alike in all groups."""
    objective: Objective = "balanced_accuracy_score"
    """What is made best under the constraint."""
    grid_size: Annotated[int, Field(ge=10, le=100_000)] = 1000
    """How many values of the constrained rate are tried."""
    flip: bool = False
    """Whether low scores may be chosen instead of high ones, where that is better."""
    tolerance: Annotated[float, Field(gt=0, lt=1)] | None = None
    """How far apart the constrained rates may be; not with equalized_odds."""
    folds: Annotated[int, Field(ge=2, le=50)] = 5
    """Over so many folds of the rows it is fitted on, at most; of the kind that split says."""
    instead: bool = False
    """Whether it stands for its member, which is then no candidate of its own: by accuracy alone
    the member mostly wins."""

    @property
    def package(self) -> str:
        """The package that it comes from."""
        return "fairlearn"

    @property
    def replaced(self) -> tuple[str, ...]:
        """The candidates that it stands for."""
        return self.of if self.instead else ()

    def refusals(self, task: str) -> Iterator[Refusal]:
        """Yield that fairlearn is not installed, and what equalised odds cannot have."""
        from importlib.util import find_spec

        yield from super().refusals(task)
        if find_spec("fairlearn") is None:
            yield ("type",), "fairlearn is not installed", "pip install 'mlpipe[fairness]'"
        if self.constraint != "equalized_odds":
            return
        if self.objective not in _OF_ODDS:
            what = f"equalized_odds fixes both rates: {self.objective} is no objective of it"
            yield ("objective",), what, " or ".join(_OF_ODDS)
        if self.tolerance is not None:
            yield ("tolerance",), "equalized_odds has no tolerance", "leave it out"
