"""The `monitor` section: which data is current, and when its change is worth an alert."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from mlpipe.checks.asked import Day
from mlpipe.metrics.scores import UnscaledName
from mlpipe.monitor.alerts.spec import Alerts, Host, Silence
from mlpipe.monitor.data.spec import Checks
from mlpipe.monitor.data.spec import Switch as ChecksSwitch
from mlpipe.monitor.serving.spec import Health, Latency, LogSource
from mlpipe.spec.part import Part

__all__ = [
    "ANSWERING",
    "OBSERVING",
    "Current",
    "Drift",
    "Estimate",
    "Every",
    "Labels",
    "Monitor",
    "Quality",
    "Rows",
]


class Rows(Part):
    """Chunks of as many rows each."""

    rows: Annotated[int, Field(ge=1)]
    """Rows of a chunk, in the order of `columns.time`, or of their position without one."""


Every = Literal["day", "week", "month", "file", "all"] | Rows


def _something(values: dict[str, Any]) -> dict[str, Any]:
    if not values:
        what = {"hint": "what is left out is that of training: name at least the path"}
        raise PydanticCustomError("nothing_current", "nothing of it is current", what)
    return values


Replaced = Annotated[dict[str, Any], AfterValidator(_something)]


class Current(Part):
    """The current data: one shaped table, files that replace sources, or what a log holds."""

    path: str | None = None
    """Path or glob of one table that already has the shape of the training table."""
    sources: Annotated[dict[str, Replaced], AfterValidator(_something)] | None = None
    """Sources that replace those of the same name; the same SQL runs over them."""
    log: Annotated[str, Field(min_length=1)] | None = None
    """The prediction log whose features are the rows: a file, a folder or a pattern."""
    types: dict[str, str] = Field(default_factory=dict)
    """Types of features that JSON has no word for, with `log`: date, timestamp, decimal(p,s)."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if sum(each is not None for each in (self.path, self.sources, self.log)) != 1:
            raise PydanticCustomError(
                "monitor_current",
                "expected either a path, sources or a log",
                {
                    "hint": "path: one shaped table; sources: files under the same SQL; "
                    "log: the features of the prediction log"
                },
            )
        if self.types and self.log is None:
            raise PydanticCustomError(
                "monitor_current",
                "types are for a log",
                {"hint": "ingest.sources.NAME.types declares those of files"},
            )
        return self

    def ingest_values(self) -> dict[str, Any]:
        """Return plain `ingest` values, which replace those of the training data."""
        if self.path is not None:
            return {"path": self.path}
        if self.log is not None:
            return {"log": self.log, "types": self.types}
        return {"sources": dict(self.sources or {})}


class Labels(Part):
    """Where the labels of the current data are, joined on `columns.key`."""

    path: str | None = None
    """Path, glob or URL of the labels; or name a database among the options."""
    options: dict[str, Any] = Field(default_factory=dict)
    """How to read them: any further field of a source."""

    @model_validator(mode="before")
    @classmethod
    def _beside_the_path(cls, values: Any) -> Any:
        if not isinstance(values, dict) or "options" in values:
            return values
        rest = {key: value for key, value in values.items() if key != "path"}
        path = {"path": values["path"]} if "path" in values else {}
        return {**path, "options": rest}

    @model_validator(mode="after")
    def _from_somewhere(self) -> Self:
        if self.path is None and "database" not in self.options:
            raise PydanticCustomError("monitor_labels", "labels need a path, or a database")
        return self

    def source_values(self) -> dict[str, Any]:
        """Return plain values of a source, for the room that reads it."""
        return {**({"path": self.path} if self.path is not None else {}), **self.options}


class Drift(Part):
    """Effect sizes (Cohen's w) that a change must exceed: 0.1 is small, 0.3 is medium."""

    warn: Annotated[float, Field(gt=0, lt=10)] = 0.1
    """Warn where the effect is significantly above this."""
    alert: Annotated[float, Field(gt=0, lt=10)] = 0.2
    """Alert where the effect is significantly above this."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.warn > self.alert:
            raise PydanticCustomError(
                "monitor_drift",
                "warn ({warn}) is above alert ({alert})",
                {"warn": self.warn, "alert": self.alert, "hint": "an alert is the larger effect"},
            )
        return self


class Quality(Part):
    """The metric that is watched where labels are there."""

    metric: UnscaledName
    """Name of a metric, as under `evaluate.metrics`."""
    margin: Annotated[float, Field(ge=0)] = 0.0
    """How much worse than at training is still fine, in units of the metric."""


class Estimate(Part):
    """Quality before labels come: estimated from calibrated scores, or from learned errors."""

    metrics: tuple[UnscaledName, ...] = ()
    """Metrics to estimate beside the watched one."""
    business: bool = True
    """Estimate what `evaluate.business` names, where it is a sum over cells."""
    fairness: bool = True
    """Estimate the gaps of `evaluate.fairness` across `columns.sensitive`."""


class Monitor(Part):
    """Compares current data with the reference profile that the model carries."""

    current: Current | None = None
    """The current data; left out, there is nothing to compare."""
    labels: Labels | None = None
    """Labels of the current data, as far as they have arrived."""
    checks: ChecksSwitch = True
    """Ask the checks of validate of current data too; false, or what is asked otherwise."""
    every: Every = "month"
    """Length of a chunk: calendar periods of `columns.time`, `file`, `all`, or `{rows: 1000}`."""
    drift: Drift = Drift()
    """Effect sizes that warn and alert."""
    quality: Quality | None = None
    """The metric to watch, where there are labels."""
    estimate: Estimate | None = None
    """What is estimated beside the watched metric while labels are missing."""
    margins: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    """How much worse is still fine, by name: business and fairness metrics, estimated metrics.

    In their units: of a business metric those of 1,000 predictions.
    """
    decay: bool = True
    """Look for a lasting rise of the loss of the rows, where there are labels."""
    multivariate: bool = False
    """Look for drift of all columns together; the bundle then keeps 2,000 rows of train."""
    history: bool = True
    """Remember each chunk beside the registry, and judge later ones with those before."""
    on_alert: Literal["fail", "warn"] = "fail"
    """Whether an alert makes the command end with exit code 1."""
    silence: tuple[Silence, ...] = ()
    """Alerts that are known: until a day they fail nothing."""
    alerts: Alerts | None = None
    """Who is told once the steps are done."""
    host: Host | None = None
    """Limits of the machine that monitors, which is measured with each command."""
    as_of: Day | None = None
    """The day (UTC) that the data was taken and silences count to; today, where one is needed.

    Rows whose time is later are set aside and never judged.
    """
    minimum_rows: Annotated[int, Field(ge=2)] = 200
    """Chunks with fewer rows are merged; less than this in all is `insufficient`."""
    log: Annotated[str, Field(min_length=1)] | LogSource | None = None
    """The prediction log: a path, or a mapping."""
    latency: Latency = Latency()
    """Limits of latency, judged over the log."""
    health: Health = Health()
    """Limits of errors, memory and silence, judged over the log."""

    @model_validator(mode="after")
    def _with_a_log(self) -> Self:
        asked = [name for name in ("latency", "health") if getattr(self, name).limited]
        if asked and self.log is None:
            hint = "add monitor: {log: …}; or host: {max_memory: …} for this machine"
            what = "monitor.log is not there, and {asked} cannot be judged without it"
            raise PydanticCustomError("no_log", what, {"asked": " and ".join(asked), "hint": hint})
        return self

    @property
    def allowed(self) -> dict[str, float]:
        """How much worse is still fine, by the name of all that has a margin."""
        watched = {self.quality.metric: self.quality.margin} if self.quality else {}
        return {**self.margins, **watched}

    @property
    def length(self) -> str:
        """What cuts chunks: day, week, month, file, all or rows."""
        return "rows" if isinstance(self.every, Rows) else self.every

    @property
    def ignored(self) -> tuple[str, ...]:
        """Names of checks that are not asked of current data."""
        return self.checks.ignore if isinstance(self.checks, Checks) else ()

    @property
    def log_source(self) -> LogSource | None:
        """The prediction log, where there is one."""
        return LogSource(path=self.log) if isinstance(self.log, str) else self.log


ANSWERING = ("as_of", "on_alert", "silence")
"""What turns findings into an answer: another value of these observes nothing anew."""

OBSERVING = tuple(
    name
    for name in Monitor.model_fields
    if name not in ("on_alert", "silence", "alerts", "host", "checks")
)
"""What findings depend on."""
