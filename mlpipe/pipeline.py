"""The root spec: all sections together, and the one way to load them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from mlpipe.bundle.spec import Bundle
from mlpipe.errors import SpecError
from mlpipe.evaluate.misfits import misfits as evaluate_misfits
from mlpipe.evaluate.spec import Evaluate
from mlpipe.featurize.spec import Featurize
from mlpipe.ingest.misfits import misfits as ingest_misfits
from mlpipe.ingest.misfits import source_misfits
from mlpipe.ingest.other_files import over_other_files
from mlpipe.ingest.source import Source
from mlpipe.ingest.spec import Ingest
from mlpipe.metrics.fairness import disparities_of
from mlpipe.monitor.alerts.misfits import misfits as alerts_misfits
from mlpipe.monitor.misfits import misfits as monitor_misfits
from mlpipe.monitor.spec import Monitor
from mlpipe.registry.spec import Register
from mlpipe.spec.build import build, in_file_order, problem, told
from mlpipe.spec.names import SafeName
from mlpipe.spec.part import Part
from mlpipe.spec.reference import file_schema
from mlpipe.spec.resolve import Resolved, resolve
from mlpipe.spec.secret import in_clear, mask
from mlpipe.spec.suggest import did_you_mean
from mlpipe.split.spec import Split
from mlpipe.table.columns import Columns
from mlpipe.tracking.misfits import misfits as tracking_misfits
from mlpipe.tracking.spec import Tracking
from mlpipe.train.misfits import misfits as train_misfits
from mlpipe.train.models.mitigated import ThresholdOptimizer
from mlpipe.train.spec import Train
from mlpipe.validate.ignored import misfits as ignored_misfits
from mlpipe.validate.spec import Validate

__all__ = [
    "Loaded",
    "Pipeline",
    "Task",
    "current_ingest",
    "json_schema",
    "load",
    "resolved_values",
]

VERSION = 1
RESERVED = ("latest", "artifacts", "damaged", "fetched", "format", "locks", "receipts", "tmp")
Task = Literal["binary", "multiclass", "regression"]
Misfit = tuple[tuple[str | int, ...], str, str]


class Pipeline(Part):
    """One YAML file: from raw data to a monitored model."""

    version: Annotated[int, Field(ge=1)] = VERSION
    """The version of this format."""
    name: SafeName
    """The name of the pipeline; its runs are kept under it."""
    task: Task
    """What is predicted: one of two classes, one of many, or a number."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    """Every random choice follows from it."""
    vars: dict[str, str | int | float] = Field(default_factory=dict)
    """Values bound in SQL as $name."""
    columns: Columns
    """What the columns of the table mean."""
    ingest: Ingest
    """Where the data is and how it becomes one table."""
    split: Split = Split()
    """Which rows train, tune and test."""
    validate_: Annotated[Validate, Field(alias="validate")] = Validate()
    """What must hold for the table."""
    featurize: Featurize = Featurize()
    """How columns become features."""
    train: Train = Train()
    """Which models are compared, and how."""
    bundle: Bundle = Bundle()
    """What the bundle holds beside the model."""
    evaluate: Evaluate = Evaluate()
    """How the chosen model is judged."""
    monitor: Monitor | None = None
    """The current data, and how far it may move."""
    register_: Annotated[Register | None, Field(alias="register")] = None
    """What becomes of the model once it is judged; left out, it is only kept in its run."""
    registry: Annotated[str, Field(min_length=1)] = "models"
    """The folder of the registry, where registered models are kept."""
    tracking: Tracking | None = None
    """Where finished runs are told of: MLflow, Weights & Biases."""

    @field_validator("version")
    @classmethod
    def _known_version(cls, version: int) -> int:
        if version > VERSION:
            raise PydanticCustomError(
                "newer_version",
                "this spec is version {version}; this mlpipe reads version 1",
                {"version": version, "hint": "upgrade mlpipe"},
            )
        return version


@dataclass(frozen=True)
class Loaded:
    """A pipeline and where each of its values came from."""

    pipeline: Pipeline
    resolved: Resolved


def load(
    path: Path,
    *,
    profile: str | None = None,
    overrides: Sequence[str] = (),
    environ: Mapping[str, str],
) -> Loaded:
    """Read, merge, check and build the spec.

    Raises
    ------
    SpecError
        With every problem of the file, each at its place.
    """
    resolved = resolve(path, profile=profile, overrides=overrides, environ=environ)
    pipeline = build(Pipeline, resolved)
    found = [
        problem(resolved, at, message, hint) for at, message, hint in _misfits(pipeline, resolved)
    ]
    if found:
        raise SpecError(*in_file_order(found))
    return Loaded(pipeline, resolved)


def resolved_values(loaded: Loaded) -> dict[str, Any]:
    """Return the whole spec as plain values, defaults included and secrets masked."""
    values: dict[str, Any] = mask(loaded.pipeline.model_dump(mode="json", by_alias=True))
    return values


def current_ingest(pipeline: Pipeline) -> Ingest | None:
    """Return the ``ingest`` section over the current data; None where the spec has none.

    Sources under ``monitor.current`` replace those of the same name, field by field, and
    ``monitor.labels`` the labels; without them the current data has none. A ``path`` is one
    table that has the shape already.
    """
    monitor = pipeline.monitor
    if monitor is None or monitor.current is None:
        return None
    labels = monitor.labels.source_values() if monitor.labels else None
    return over_other_files(pipeline.ingest, monitor.current.ingest_values(), labels)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the spec: what editors complete and check while one types."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **file_schema(Pipeline.model_json_schema(by_alias=True)),
    }


def _misfits(pipeline: Pipeline, resolved: Resolved) -> Iterator[Misfit]:
    """Yield what contradicts another section: (path, message, hint)."""
    for at, message, hint in evaluate_misfits(pipeline.evaluate, pipeline.task, pipeline.columns):
        yield ("evaluate", *at), message, hint
    for at, message, hint in train_misfits(
        pipeline.train, pipeline.task, pipeline.evaluate.decidable
    ):
        yield ("train", *at), message, hint
    for at, message, hint in ingest_misfits(pipeline.ingest, resolved.environment):
        yield ("ingest", *at), message, hint
    for at, message, hint in tracking_misfits(
        pipeline.tracking or Tracking(), resolved.environment
    ):
        yield ("tracking", *at), message, hint
    yield from _feedback_misfits(pipeline, resolved)
    yield from _monitor_misfits(pipeline, resolved)
    yield from _aggregate_misfits(pipeline)
    yield from _name_misfits(pipeline)
    promote = pipeline.register_ and pipeline.register_.promote
    if promote and not pipeline.evaluate.gates:
        hint = "evaluate: {gates: [{metric: roc_auc, min: 0.8}]}"
        yield ("register", "promote"), "there are no gates that could pass", hint
    yield from _column_misfits(pipeline)


def _monitor_misfits(pipeline: Pipeline, resolved: Resolved) -> Iterator[Misfit]:
    """Check the metric, and the current sources as if they stood under ``ingest``."""
    monitor = pipeline.monitor
    if monitor is None:
        return
    yield from _watched_misfits(pipeline, monitor)
    if monitor.alerts is not None:
        for at, message, hint in alerts_misfits(monitor.alerts, resolved.environment):
            yield ("monitor", "alerts", *at), message, hint
    try:
        current = current_ingest(pipeline)
    except ValidationError as error:
        for fault, message, hint in told(error):
            section = () if fault[0] == "labels" else ("current",)
            yield ("monitor", *section, *fault), message, hint
        return
    stated = {(at, what) for at, what, _ in ingest_misfits(pipeline.ingest, resolved.environment)}
    for at, message, hint in ingest_misfits(current, resolved.environment) if current else ():
        if (at, message) not in stated:  # else the source is that of the training data
            place = ("labels",) if at[0] == "labels" else ("current", *at)
            yield ("monitor", *place), message, hint
    yield from _ignored_misfits(pipeline, monitor.ignored, current or pipeline.ingest)


def _ignored_misfits(
    pipeline: Pipeline, ignored: Sequence[str], ingest: Ingest
) -> Iterator[Misfit]:
    """Check that the names of checks which are not asked of current data are there."""
    of_sources = [check for source in ingest.sources.values() for check in source.checks]
    time = pipeline.columns.time
    for at, message, hint in ignored_misfits(ignored, pipeline.validate_, time, of_sources):
        yield ("monitor", "checks", "ignore", at), message, hint


def _watched_misfits(pipeline: Pipeline, monitor: Monitor) -> Iterator[Misfit]:
    """Check what is watched against the task and what evaluate names."""
    fairness = pipeline.evaluate.fairness
    names = (fairness.metrics or disparities_of(pipeline.task)) if fairness else ()
    for at, message, hint in monitor_misfits(
        monitor, pipeline.task, pipeline.evaluate.business, names
    ):
        yield ("monitor", *at), message, hint


def _feedback_misfits(pipeline: Pipeline, resolved: Resolved) -> Iterator[Misfit]:
    """Check the sources of answers as if they stood under ``ingest``."""
    for name, values in pipeline.evaluate.feedback_sources().items():
        at = ("evaluate", "business", name, "feedback")
        try:
            source = Source.read(values)
        except ValidationError as error:
            for fault, message, hint in told(error):
                yield (*at, *fault), message, hint
            continue
        yield from source_misfits(source, at, resolved.environment)


def _aggregate_misfits(pipeline: Pipeline) -> Iterator[Misfit]:
    """Check that aggregates are over sources that are there, before the time of a row."""
    sources = pipeline.ingest.sources
    for index, block in enumerate(pipeline.featurize.blocks):
        if block.aggregate is None:
            continue
        at, name = ("featurize", index, "aggregate"), block.aggregate.source
        if name not in sources:
            hint = did_you_mean(name, sources) or f"the sources are {', '.join(sources)}"
            yield (*at, "from"), f"there is no source '{name}'", hint
        if pipeline.columns.time is None:
            yield at, "'aggregate' counts events before the time of a row", "declare columns.time"


def _name_misfits(pipeline: Pipeline) -> Iterator[Misfit]:
    split = pipeline.split
    for name, value in pipeline.vars.items():
        if in_clear(name, value):
            hint = f"write ${{secret:{name.upper()}}} and set that variable"
            yield ("vars", name), "a secret stands in the spec in clear", hint
    if pipeline.name.lower() in RESERVED:
        yield ("name",), f"'{pipeline.name}' means something else on the command line", ""
    if split.by not in ("column", "file") and split.test == split.valid == 0.0:
        hint = "split: {test: 0.2}"
        yield ("split", "test"), "there is neither a test nor a valid part to judge on", hint


def _column_misfits(pipeline: Pipeline) -> Iterator[Misfit]:
    columns, split = pipeline.columns, pipeline.split
    if columns.target is None:
        yield ("columns",), "there is no target", "say what to predict: columns.target"
    if pipeline.task != "binary" and columns.positive is not None:
        yield ("columns", "target", "positive"), "positive is for binary tasks", ""
    if split.by == "time" and columns.time is None:
        yield ("split", "by"), "splitting by time needs columns.time", ""
    if split.by == "group" and split.column is None and columns.entity is None:
        yield ("split", "by"), "splitting by group needs columns.entity", ""
    for name, model in pipeline.train.models.items():
        if isinstance(model, ThresholdOptimizer) and model.sensitive not in columns.sensitive:
            hint = did_you_mean(model.sensitive, columns.sensitive) or "name it there"
            what = f"'{model.sensitive}' is not among columns.sensitive"
            yield ("train", "models", name, "sensitive"), what, hint
    if pipeline.ingest.labels is not None and not columns.keys:
        yield ("ingest", "labels"), "labels are joined on columns.key, which is not declared", ""
