"""The one table of steps: what each reads of the spec, stands on, and calls.

A step may read only what its row names: a slice of the spec that is not in ``reads`` is not in
the key either, and asking for it is refused.
"""

from dataclasses import replace

from mlpipe.explain.spec import asked
from mlpipe.monitor.spec import ANSWERING, OBSERVING
from mlpipe.pipeline import Pipeline
from mlpipe.run import named
from mlpipe.run.plan import closure
from mlpipe.run.step import TABLES, Step
from mlpipe.run.wiring import checking, data, judging, learning, watching

__all__ = ["STEPS", "selected"]

WATCHING = ("current", "checks", "observe", "monitor")
"""The steps that take a model as it is."""

LEARNING = ("scikit-learn", "numpy", "scipy", "pandas")

DECIDING = ("numpy", "scipy")
"""What decay sums with, and what reads percentiles off a log."""

STEPS: tuple[Step, ...] = (
    Step(
        "ingest",
        data.ingest,
        version=1,
        reads=("ingest", "vars", "columns", "validate.references"),
        sources=named.ingest_files,
        code=named.ingest_code,
        packages=named.ingest_readers,
    ),
    Step(
        "split",
        data.split,
        version=1,
        reads=("split", "columns", "train.folds", "seed"),
        needs=("ingest",),
    ),
    Step(
        "validate",
        data.validate,
        version=3,
        reads=("validate", "columns", "split.by", "split.column", "task"),
        needs=("ingest", "split"),
        libraries=(*TABLES, "numpy"),
    ),
    Step(
        "featurize",
        learning.featurize,
        version=2,
        reads=("featurize", "columns", "train.families", "task", "seed"),
        needs=("ingest", "split"),
        after=("validate",),
        libraries=(*TABLES, *LEARNING, "skops"),
        code=named.feature_code,
        packages=named.feature_libraries,
    ),
    Step(
        "train",
        learning.train,
        version=1,
        reads=("train.models", "train.search", "train.folds", "train.select", "train.calibrate",
               "train.refit", "train.target", "train.learning_curve", "train.importance",
               "split.gap", "columns", "task", "seed"),
        needs=("split", "featurize"),
        after=("validate",),
        libraries=(*TABLES, *LEARNING, "joblib", "skops"),
        code=named.user_code,
        packages=named.training_libraries,
        resumes=("train.search.trials",),
    ),
    Step(
        "bundle",
        learning.bundle,
        version=6,
        reads=("train.decide", "evaluate.business", "evaluate.fairness", "name", "task", "seed",
               "columns", "ingest", "vars", "monitor.every", "monitor.quality.metric",
               "monitor.estimate.metrics", "monitor.multivariate", "bundle"),
        needs=("ingest", "split", "featurize", "train"),
        libraries=(*TABLES, *LEARNING, "skops"),
        code=named.user_code,
        packages=named.onnx_libraries,
    ),
    Step(
        "evaluate",
        judging.evaluate,
        version=2,
        reads=("evaluate.metrics", "evaluate.business", "evaluate.fairness", "evaluate.slices",
               "evaluate.scan", "evaluate.gates", "evaluate.behaviour", "columns", "task", "seed"),
        needs=("ingest", "split", "featurize", "train", "bundle"),
        libraries=(*TABLES, *LEARNING, "skops"),
        sources=named.feedback_files,
        code=named.judging_code,
        packages=named.feedback_readers,
        has_rival=True,
        expects=judging.expected,
    ),
    Step(
        "explain",
        judging.explain,
        version=1,
        reads=("evaluate.explain", "columns", "task", "seed"),
        needs=("ingest", "split", "featurize", "train", "bundle"),
        libraries=(*TABLES, *LEARNING, "skops"),
        code=named.user_code,
    ),
    Step(
        "current",
        data.current,
        version=4,
        reads=("monitor.current", "monitor.labels", "ingest", "vars", "columns",
               "validate.references"),
        sources=named.current_files,
        code=named.ingest_code,
        packages=named.current_readers,
    ),
    Step(
        "checks",
        checking.checks,
        version=2,
        reads=("validate", "monitor.checks", "monitor.as_of", "ingest.sources", "columns"),
        needs=("bundle", "current"),
    ),
    Step(
        "observe",
        watching.observe,
        version=8,
        reads=(*(f"monitor.{name}" for name in OBSERVING), "evaluate.business",
               "evaluate.fairness", "ingest.sources", "columns", "task", "seed"),
        needs=("bundle", "current", "checks"),
        libraries=(*TABLES, *LEARNING, "skops"),
        sources=named.log_files,
        code=named.user_code,
    ),
    Step(
        "monitor",
        watching.monitor,
        version=6,
        reads=tuple(f"monitor.{name}" for name in ANSWERING),
        needs=("observe", "bundle"),
        libraries=(*TABLES, *DECIDING),
        remembers=True,
    ),
)  # fmt: skip

OF_LOG = Step(
    "observe",
    watching.observe_log,
    version=2,
    reads=tuple(f"monitor.{name}" for name in OBSERVING),
    libraries=(*TABLES, *DECIDING),
    sources=named.log_files,
)
"""What takes the place of ``observe`` where there is a prediction log and no current data."""


def selected(pipeline: Pipeline, verb: str) -> tuple[Step, ...]:
    """Return the steps of a verb, in order.

    ``train`` ends with what predicts; ``run`` goes as far as the spec does; ``monitor`` takes a
    model as it is, so that only the current data and the comparison are left to do.

    Raises
    ------
    SpecError
        For ``monitor`` where the spec has neither current data nor a prediction log.
    """
    if verb == "monitor":
        data.require_watched(pipeline)
        if not data.has_current(pipeline):
            return OF_LOG, _without_model(next(step for step in STEPS if step.name == "monitor"))
        return tuple(step for step in STEPS if step.name in WATCHING)
    last = ["bundle"] if verb == "train" else [verb]
    if verb == "run":
        last = ["evaluate", "monitor"] if data.has_current(pipeline) else ["evaluate"]
    if "evaluate" in last and asked(pipeline.evaluate.explain):
        last = [*last, "explain"]
    names = closure(STEPS, last)
    return tuple(step for step in STEPS if step.name in names)


def _without_model(step: Step) -> Step:
    """Return a step that is asked of a log alone: no model, and no counts to hold against one."""
    return replace(step, needs=tuple(need for need in step.needs if need != "bundle"))
