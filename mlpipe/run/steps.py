"""The one table of steps: what each reads of the spec, stands on, and calls.

A step may read only what its row names: a slice of the spec that is not in ``reads`` is not in
the key either, and asking for it is refused.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.explain.spec import asked
from mlpipe.pipeline import Pipeline
from mlpipe.run import named
from mlpipe.run.plan import closure
from mlpipe.run.wiring import data, judging, learning
from mlpipe.run.words import words

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from mlpipe.run.champion import Champion
    from mlpipe.run.store import Artifact
    from mlpipe.table.session import Session

__all__ = ["STEPS", "Step", "Task", "selected"]

TABLES = ("duckdb", "ibis-framework", "pyarrow", "sqlglot")
FEATURES = frozenset({"featurize", "bundle"})
"""The steps whose artifacts hold what makes features."""
LEARNING = ("scikit-learn", "numpy", "scipy", "pandas")

_ATTRIBUTES = {"validate": "validate_"}
"""Sections whose name pydantic keeps for itself."""

_INGESTED = ("ingest", "current")
"""Steps whose table does not store ``_row``: it is the position of a row in the file."""

_VERDICTS = {
    "validate": ("report", "status", ("failed",)),
    "evaluate": ("verdict", "status", ("failed",)),
    "monitor": ("report", "exit", ("fail",)),
}
"""step -> the document, its field, and the values that make the command exit with 1."""


@dataclass(frozen=True)
class Step:
    """One row of the table.

    Attributes
    ----------
    name : str
        What the user sees, and the folder its artifacts are kept in.
    run : callable
        From a `Task` to outputs by name.
    version : int
        Raised when the step computes something else from the same inputs.
    reads : tuple of str
        The slices of the spec that it sees, as dotted paths.
    needs : tuple of str
        The steps whose artifacts it reads.
    after : tuple of str
        The steps that must have passed first, without being read.
    libraries : tuple of str
        The distributions whose versions can change its result.
    sources : callable
        The path patterns of the files it reads, out of the spec.
    code : callable
        The files of user code that it calls, out of the spec.
    packages : callable
        The distributions that the spec itself names.
    resumes : tuple of str
        Slices of the spec in which an artifact before it may differ and still save time: the step
        is handed those artifacts, and its result must not depend on them.
    has_rival : bool
        Whether it holds the model of ``bundle`` against the champion of the registry.
    """

    name: str
    run: Callable[["Task"], dict[str, Any]]
    version: int
    reads: tuple[str, ...]
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    libraries: tuple[str, ...] = TABLES
    sources: Callable[[Pipeline], tuple[str, ...]] = named.no_files
    code: Callable[[Pipeline], tuple[str, ...]] = named.no_files
    packages: Callable[[Pipeline], tuple[str, ...]] = named.no_libraries
    resumes: tuple[str, ...] = ()
    has_rival: bool = False

    @property
    def featurizes(self) -> bool:
        """Whether it makes features of rows, in its own right or through a model."""
        return not FEATURES.isdisjoint((self.name, *self.needs))

    def patterns(self, pipeline: Pipeline) -> tuple[str, ...]:
        """Return the path patterns of the files it reads."""
        return (*self.sources(pipeline), *(named.word_files(pipeline) if self.featurizes else ()))

    def distributions(self, pipeline: Pipeline) -> tuple[str, ...]:
        """Return every distribution whose version can change its result."""
        words = named.word_libraries(pipeline) if self.featurizes else ()
        return tuple(dict.fromkeys([*self.libraries, *self.packages(pipeline), *words]))

    def files(self, pipeline: Pipeline) -> list[Path]:
        """Return every file it reads: data, SQL and user code with what that imports.

        Raises
        ------
        SpecError
            For a pattern that matches nothing.
        """
        from mlpipe.ingest.files import expand
        from mlpipe.run.code import source_closure

        tables = [file for pattern in self.patterns(pipeline) for file in expand(pattern)]
        code = [file for path in self.code(pipeline) for file in source_closure(Path(path))]
        return list(dict.fromkeys([*tables, *code]))

    def stops(self, artifact: "Artifact") -> bool:
        """Whether its verdict stops what follows: checks that failed do."""
        return self.name == "validate" and _read(artifact.path, "report")["status"] == "failed"

    def says_no(self, artifacts: Mapping[str, "Artifact"]) -> bool:
        """Whether its verdict makes the command exit with 1."""
        artifact = artifacts.get(self.name)
        if artifact is None or self.name not in _VERDICTS:
            return False
        name, field, no = _VERDICTS[self.name]
        return _read(artifact.path, name)[field] in no

    def words(self, artifact: "Artifact") -> str:
        """Return a few words on its result, for the terminal."""
        return str(artifact.summary.get("words", ""))

    def summary(self, outputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the manifest keeps for the terminal."""
        return {"words": words(self.name, outputs)}


@dataclass(frozen=True)
class Task:
    """What a step is given: its slices of the spec, its inputs, an engine for tables."""

    step: Step
    pipeline: Pipeline
    inputs: Mapping[str, Path]
    session: "Session"
    progress: Callable[[int, int, str], None]
    local: Mapping[str, str] = field(default_factory=dict)
    """Where the files of its remote sources are, by the name of the source."""
    earlier: tuple[Path, ...] = ()
    """Artifacts of the step that differ in what it resumes: they save time and change nothing."""
    times: Callable[[str, float], None] = lambda *_: None
    """Told the seconds of a part of the step, for the record of the run."""
    rival: "Champion | None" = None
    """The champion that the model is held against, where the step has one."""

    def section(self, path: str) -> Any:
        """Return a slice of the spec, e.g. ``train.folds``.

        Raises
        ------
        KeyError
            For a slice that is not in the step's row, and so not in its key.
        """
        if not any(path == read or path.startswith(f"{read}.") for read in self.step.reads):
            raise KeyError(f"{self.step.name} does not read {path}")
        value: Any = self.pipeline
        for name in path.split("."):
            value = getattr(value, _ATTRIBUTES.get(name, name)) if value is not None else None
        return value

    def table(self, step: str, name: str = "table") -> "ir.Table":
        """Return a table of a step it needs, lazily; ingested rows with their position."""
        path = self.folder(step) / f"{name}.parquet"
        if name == "table" and step in _INGESTED:
            return self.session.positioned(path)
        return self.session.read(path)

    def json(self, step: str, name: str) -> Any:
        """Return a document of a step it needs."""
        return _read(self.folder(step), name)

    def folder(self, step: str) -> Path:
        """Return the artifact folder of a step it needs."""
        return self.inputs[step]


def _read(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_bytes())


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
        version=2,
        reads=("train.decide", "evaluate.business", "name", "task", "seed", "columns", "ingest",
               "vars", "monitor.every", "monitor.quality.metric", "bundle"),
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
        version=1,
        reads=("monitor.current", "monitor.labels", "ingest", "vars", "columns"),
        sources=named.current_files,
        code=named.ingest_code,
        packages=named.current_readers,
    ),
    Step(
        "monitor",
        judging.monitor,
        version=3,
        reads=("monitor", "ingest.sources", "columns", "task", "seed"),
        needs=("bundle", "current"),
        libraries=(*TABLES, *LEARNING, "skops"),
        sources=named.log_files,
        code=named.user_code,
    ),
)  # fmt: skip


def selected(pipeline: Pipeline, verb: str) -> tuple[Step, ...]:
    """Return the steps of a verb, in order.

    ``train`` ends with what predicts; ``run`` goes as far as the spec does; ``monitor`` takes a
    model as it is, so that only the current data and the comparison are left to do.

    Raises
    ------
    SpecError
        For ``monitor`` where the spec has no current data.
    """
    if verb == "monitor":
        data.require_current(pipeline)
        return tuple(step for step in STEPS if step.name in ("current", "monitor"))
    last = ["bundle"] if verb == "train" else [verb]
    if verb == "run":
        last = ["evaluate", "monitor"] if data.has_current(pipeline) else ["evaluate"]
    if "evaluate" in last and asked(pipeline.evaluate.explain):
        last = [*last, "explain"]
    names = closure(STEPS, last)
    return tuple(step for step in STEPS if step.name in names)
