"""The `evaluate` section of the spec."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from mlpipe.evaluate.gate import Gate
from mlpipe.evaluate.groups.spec import Fairness
from mlpipe.evaluate.slices.cut import Axes, Axis, Name, axes_of
from mlpipe.evaluate.slices.scan_spec import Scan
from mlpipe.metrics.business import Business
from mlpipe.metrics.fairness import DISPARITIES
from mlpipe.metrics.scores import METRICS, MetricName
from mlpipe.spec.part import Part
from mlpipe.spec.suggest import did_you_mean

__all__ = ["Business", "Evaluate", "Fairness", "Gate"]


def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if names.count(name) > 1:
            raise PydanticCustomError("twice", "'{name}' is named twice", {"name": name})
    return names


class Evaluate(Part):
    """How good the model is, for whom, and whether that is enough."""

    metrics: Annotated[tuple[MetricName, ...], AfterValidator(_once)] = ()
    """The metrics to report; left out, those usual for the task."""
    business: dict[Name, Business] = Field(default_factory=dict)
    """What the decisions are worth, by name."""
    fairness: Fairness | None = None
    """How the model treats groups of people."""
    slices: tuple[Axes, ...] = ()
    """Columns, cut or crossed if need be, whose values are looked at apart."""
    scan: bool | Scan = False
    """Look for the slices that do worst, over all columns and their pairs."""
    gates: tuple[Gate, ...] = ()
    """What must hold."""

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        taken = {*METRICS, *DISPARITIES}
        for name in self.business:
            if name in taken:
                raise _refuse(f"business metric '{name}' has the name of a metric")
        known = (*METRICS, *DISPARITIES, *self.business)
        unknown = [
            _unknown_metric(("gates", number, "metric"), gate.metric, known)
            for number, gate in enumerate(self.gates)
            if gate.metric not in known
        ]
        if unknown:
            raise ValidationError.from_exception_data("evaluate", unknown)
        return self

    @model_validator(mode="after")
    def _no_column_with_itself(self) -> Self:
        for each in self.slices:
            axes_of(each)
        return self

    @property
    def slice_columns(self) -> tuple[tuple[Axis, ...], ...]:
        """Each slice as a tuple of columns, cut or as they are."""
        return tuple(axes_of(each) for each in self.slices)

    @property
    def scanned(self) -> Scan | None:
        """What to look for without being told where; None where nothing is."""
        return self.scan if isinstance(self.scan, Scan) else Scan() if self.scan else None


def _unknown_metric(
    at: tuple[str | int, ...], name: str, known: tuple[str, ...]
) -> InitErrorDetails:
    message = "'{name}' is neither a metric nor a name under business"
    hint = did_you_mean(name, known) or f"expected one of: {', '.join(known)}"
    error = PydanticCustomError("unknown_metric", message, {"name": name, "hint": hint})
    return InitErrorDetails(type=error, loc=at, input=name)


def _refuse(message: str, hint: str = "") -> PydanticCustomError:
    return PydanticCustomError("evaluate", "{message}", {"message": message, "hint": hint})
