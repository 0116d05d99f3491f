"""A metric of the user's own: a function of a Python file, ``{python: metrics.py:my_cost, …}``."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag

from mlpipe.metrics.metric import CLASSES, NUMBERS, Needs
from mlpipe.metrics.scores import MetricName
from mlpipe.spec.names import function_of
from mlpipe.spec.part import Part

__all__ = ["AnyMetric", "Custom"]


class Custom(Part):
    """A metric of your own.

    The function is pure and takes what it names of ``actual``, ``predicted``, ``score`` and
    ``weight``, one entry for each row, and returns a number; NaN where it is undefined.
    """

    python: Annotated[str, function_of("metrics.py:my_cost")]
    """``file.py:function``; the function is ``def my_cost(actual, predicted) -> float``."""
    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,62}$")]
    """What gates and reports call it."""
    greater_is_better: bool | None
    """Which way is better; null where 0 is best and both sides are wrong."""
    needs: Literal["label", "score", "value"] | None = None
    """What it judges: label (the predicted class), score (probabilities) or value (regression);
    by default label, of a regression value."""

    @property
    def path(self) -> str:
        """The file of the function."""
        return self.python.rpartition(":")[0]

    @property
    def function(self) -> str:
        """The name of the function."""
        return self.python.rpartition(":")[2]

    def needed(self, task: str) -> Needs:
        """Return what it judges in a task."""
        return self.needs or ("value" if task == "regression" else "label")

    def tasks(self, task: str) -> tuple[str, ...]:
        """Return the tasks that have what it needs in this one."""
        return NUMBERS if self.needed(task) == "value" else CLASSES

    def misfits(
        self, at: tuple[str | int, ...], task: str
    ) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
        """Yield ``(place, message, hint)`` where the task has not what it needs."""
        if task not in self.tasks(task):
            there = "value" if task == "regression" else "label or score"
            yield (*at, "needs"), f"'{self.name}' needs a {self.needs}; {task} has {there}", ""


def _which(value: Any) -> str:
    own = isinstance(value, Custom) or (isinstance(value, dict) and "python" in value)
    return "custom" if own else "metric"


AnyMetric: TypeAlias = Annotated[
    Annotated[MetricName, Tag("metric")] | Annotated[Custom, Tag("custom")], Discriminator(_which)
]
"""A field that names a metric, or is one of the user's own."""
