"""The `evaluate` section of the spec."""

from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from mlpipe.evaluate.behaviour.spec import Behaviour
from mlpipe.evaluate.custom import AnyMetric, Custom
from mlpipe.evaluate.gate import Gate
from mlpipe.evaluate.groups.spec import Fairness
from mlpipe.evaluate.slices.cut import Axes, Axis, Name, axes_of
from mlpipe.evaluate.slices.scan_spec import Scan
from mlpipe.evaluate.timing import Timing
from mlpipe.explain.spec import ExplainAsked
from mlpipe.metrics.business import Business
from mlpipe.metrics.fairness import DISPARITIES
from mlpipe.metrics.operational import OPERATIONAL
from mlpipe.metrics.scores import METRICS
from mlpipe.spec.names import once
from mlpipe.spec.part import Part
from mlpipe.spec.suggest import did_you_mean

__all__ = ["Business", "Custom", "Evaluate", "Fairness", "Gate", "without_operational"]


def _once(named: tuple[Any, ...]) -> tuple[Any, ...]:
    once(_names(named))
    return named


def _names(metrics: tuple[str | Custom, ...]) -> tuple[str, ...]:
    return tuple(each.name if isinstance(each, Custom) else each for each in metrics)


class Evaluate(Part):
    """How good the model is, for whom, and whether that is enough."""

    metrics: Annotated[tuple[AnyMetric, ...], AfterValidator(_once)] = ()
    """The metrics to report, your own among them; left out, those usual for the task."""
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
    explain: ExplainAsked = True
    """What the model uses: importance, curves and its worst rows; false leaves it out."""
    behaviour: tuple[Behaviour, ...] = ()
    """What the model must do with given rows, or when held-out rows are changed."""
    operational: bool | Timing = False
    """Measure latency, memory and size on this machine; a gate that names one asks for it too."""

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        wrong = [*self._taken(), *self._unknown(), *self._on_the_better_side(), *self._crossed()]
        if wrong:
            raise ValidationError.from_exception_data("evaluate", wrong)
        return self

    def _taken(self) -> Iterator[InitErrorDetails]:
        """Yield the names of the user's that something else has."""
        for number, each in enumerate(self.metrics):
            if isinstance(each, Custom) and (_of_ours(each.name) or each.name in self.business):
                what = f"metric of your own '{each.name}' has the name of a metric"
                yield _wrong(("metrics", number, "name"), _refuse(what), each.name)
        for name in self.business:
            if _of_ours(name):
                what = f"business metric '{name}' has the name of a metric"
                yield _wrong(("business", name), _refuse(what), name)

    def _unknown(self) -> Iterator[InitErrorDetails]:
        own = [each.name for each in self.custom]
        more = (*DISPARITIES, *OPERATIONAL, *self.business, *own)
        for number, gate in enumerate(self.gates):
            if gate.metric not in METRICS and gate.metric not in more:
                yield _unknown_metric(("gates", number, "metric"), gate.metric, more)

    def _on_the_better_side(self) -> Iterator[InitErrorDetails]:
        own = {each.name: each for each in self.custom}
        for number, gate in enumerate(self.gates):
            if gate.metric in own:
                try:
                    gate.bound_on_the_worse_side(own[gate.metric].greater_is_better)
                except PydanticCustomError as error:
                    yield _wrong(("gates", number), error, gate.metric)

    def _crossed(self) -> Iterator[InitErrorDetails]:
        """Yield slices that cross a column with itself, or no column."""
        for number, each in enumerate(self.slices):
            try:
                axes_of(each)
            except PydanticCustomError as error:
                yield _wrong(("slices", number), error, each)

    def feedback_sources(self) -> dict[str, dict[str, Any]]:
        """Return plain values of the source of each business metric that is feedback, by name."""
        return {
            name: each.feedback.source_values()
            for name, each in self.business.items()
            if each.feedback is not None
        }

    @property
    def decidable(self) -> tuple[str, ...]:
        """The business metrics that a threshold can maximize."""
        return tuple(
            name for name, each in self.business.items() if each.kind in ("value", "matrix")
        )

    @property
    def operational_gates(self) -> tuple[Gate, ...]:
        """The gates that are judged by what is measured on this machine, in each run anew."""
        return tuple(gate for gate in self.gates if gate.metric in OPERATIONAL)

    @property
    def timing(self) -> Timing | None:
        """How operational metrics are measured; None where nobody asks for them."""
        if isinstance(self.operational, Timing):
            return self.operational
        return Timing() if self.operational or self.operational_gates else None

    @property
    def custom(self) -> tuple[Custom, ...]:
        """The metrics of the user's own code."""
        return tuple(each for each in self.metrics if isinstance(each, Custom))

    @property
    def metric_names(self) -> tuple[str, ...]:
        """The names of the metrics to report, in the order of the spec."""
        return _names(self.metrics)

    @property
    def slice_columns(self) -> tuple[tuple[Axis, ...], ...]:
        """Each slice as a tuple of columns, cut or as they are."""
        return tuple(axes_of(each) for each in self.slices)

    @property
    def scanned(self) -> Scan | None:
        """What to look for without being told where; None where nothing is."""
        return self.scan if isinstance(self.scan, Scan) else Scan() if self.scan else None


def without_operational(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of the section without what is measured anew in each run."""
    gates = [gate for gate in values["gates"] if gate["metric"] not in OPERATIONAL]
    return {**{k: v for k, v in values.items() if k != "operational"}, "gates": gates}


def _unknown_metric(
    at: tuple[str | int, ...], name: str, more: tuple[str, ...]
) -> InitErrorDetails:
    if METRICS.family(name):
        try:
            METRICS.canonical(name)
        except PydanticCustomError as out_of_range:
            return InitErrorDetails(type=out_of_range, loc=at, input=name)
    message = "'{name}' is neither a metric nor a name under business"
    known = f"expected one of: {', '.join((*METRICS.shapes(), *more))}"
    hint = did_you_mean(name, more) or METRICS.nearest(name) or known
    error = PydanticCustomError("unknown_metric", message, {"name": name, "hint": hint})
    return InitErrorDetails(type=error, loc=at, input=name)


def _of_ours(name: str) -> bool:
    return name in METRICS or name in DISPARITIES or name in OPERATIONAL


def _wrong(at: tuple[str | int, ...], error: PydanticCustomError, given: Any) -> InitErrorDetails:
    return InitErrorDetails(type=error, loc=at, input=given)


def _refuse(message: str, hint: str = "") -> PydanticCustomError:
    return PydanticCustomError("evaluate", "{message}", {"message": message, "hint": hint})
