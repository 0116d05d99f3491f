"""One gate of the spec: a bound that a metric must keep."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.metrics.fairness import DISPARITIES
from mlpipe.metrics.operational import OPERATIONAL
from mlpipe.metrics.scores import METRICS, SomeName
from mlpipe.spec.part import Part

__all__ = ["Gate"]

Name = Annotated[str, Field(min_length=1)]
OneOrMore = Name | tuple[Name, ...]


class Gate(Part):
    """A bound that a metric must keep; judged by its interval."""

    metric: SomeName
    """A metric, fairness or operational, or the name of a business metric (per 1,000 rows)."""
    min: float | None = None
    """The least value that passes."""
    max: float | None = None
    """The greatest value that passes."""
    versus: Literal["baseline", "champion"] | None = None
    """Judge the difference to the naive baseline or to the champion on the same rows."""
    margin: Annotated[float, Field(ge=0)] | None = None
    """With versus: how much worse it may be (non-inferiority)."""
    gain: Annotated[float, Field(ge=0)] | None = None
    """With versus: how much better it must be; 0 where neither margin nor gain is given."""
    across: OneOrMore | None = None
    """For a fairness metric: the columns of the groups; by default, all that are reported."""
    slice: OneOrMore | dict[Name, str | int | float | bool] | None = None
    """Judge each value of a column (or combination of columns), or one value: {plan: pro}."""
    class_: Annotated[str | int | float | bool | None, Field(alias="class")] = None
    """Judge one class against all others: {metric: recall, class: spam, min: 0.8}."""
    part: Literal["test", "valid"] | None = None
    """The rows to judge; by default test, or valid where the split has no test part."""
    severity: Literal["error", "warn"] = "error"
    """Whether a failure makes the command fail."""
    on_inconclusive: Literal["warn", "fail", "pass"] = "warn"
    """What it means when the interval holds the bound, or a slice is too small to judge."""
    on_missing: Literal["pass", "fail"] = "pass"
    """What it means when there is no champion to compare with yet."""

    @property
    def groups(self) -> tuple[str, ...] | None:
        """The columns of `across`."""
        return (self.across,) if isinstance(self.across, str) else self.across

    @property
    def slice_columns(self) -> tuple[str, ...]:
        """The columns that the slice reads; empty where the gate judges all rows."""
        if self.slice is None:
            return ()
        return (self.slice,) if isinstance(self.slice, str) else tuple(self.slice)

    @property
    def slice_value(self) -> dict[str, str | int | float | bool] | None:
        """The one value to judge, where the gate names one."""
        return self.slice if isinstance(self.slice, dict) else None

    @model_validator(mode="after")
    def _one_kind_of_bound(self) -> Self:
        fixed, relative = self.min is not None or self.max is not None, self.versus is not None
        if fixed == relative:
            raise _refuse("a gate has either min or max, or versus", "e.g. {metric: f1, min: 0.6}")
        if not relative and (self.margin is not None or self.gain is not None):
            raise _refuse("margin and gain go with versus", "add versus: baseline or champion")
        if self.margin is not None and self.gain is not None:
            raise _refuse("margin (worse by at most) and gain (better by at least) exclude another")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise _refuse("min is above max")
        if self.on_missing == "fail" and self.versus != "champion":
            raise _refuse("on_missing goes with versus: champion")
        return self

    @model_validator(mode="after")
    def _what_fits(self) -> Self:
        disparity = DISPARITIES.get(self.metric)
        if disparity is None and self.across is not None:
            raise _refuse("across goes with fairness metrics", "use slice for other metrics")
        if disparity and (self.versus or self.slice):
            raise _refuse(f"{self.metric} takes min or max over all rows, not versus or slice")
        if disparity and self.class_ is not None:
            raise _refuse(f"{self.metric} compares groups, not a class with the others")
        operational = OPERATIONAL.get(self.metric)
        if operational and (self.versus or self.slice or self.part or self.class_ is not None):
            what = "is measured of the model as a whole"
            raise _refuse(f"{self.metric} {what}: it takes min or max, not versus, slice or part")
        known = disparity or operational or METRICS.get(self.metric)
        if known:
            self.bound_on_the_worse_side(known.greater_is_better)
        return self

    def bound_on_the_worse_side(self, greater_is_better: bool | None) -> None:
        """Refuse the bound that an improvement would cross.

        Raises
        ------
        PydanticCustomError
            ``gate``; never where both sides are wrong (None).
        """
        if greater_is_better is None:
            return
        wrong, right = ("max", "min") if greater_is_better else ("min", "max")
        if getattr(self, wrong) is not None:
            better = "greater" if greater_is_better else "less"
            raise _refuse(
                f"{self.metric} is better when {better}: a {wrong} would fail an improvement",
                f"use {right}",
            )


def _refuse(message: str, hint: str = "") -> PydanticCustomError:
    return PydanticCustomError("gate", "{message}", {"message": message, "hint": hint})
