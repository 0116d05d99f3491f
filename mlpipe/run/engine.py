"""The engine: for each step, find its artifact or compute it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from mlpipe.errors import MlpipeError
from mlpipe.run.digests import digest_json
from mlpipe.run.formats import read_json
from mlpipe.run.ingredients import Facts, ingredients
from mlpipe.run.plan import Planned, foresee, judge
from mlpipe.run.result import Done
from mlpipe.run.secrets import hush

if TYPE_CHECKING:
    from mlpipe.pipeline import Pipeline
    from mlpipe.run.champion import Champion
    from mlpipe.run.remembered import Past
    from mlpipe.run.step import Step
    from mlpipe.run.store import Artifact, Store
    from mlpipe.table.session import Session

__all__ = ["Engine", "Outcome", "Watch"]


class Watch(Protocol):
    """Whoever looks on: the terminal, or nobody."""

    def begins(self, step: str, why: str) -> None:
        """Say that a step is being computed, and why."""

    def advances(self, done: int, total: int, words: str) -> None:
        """Say how far a long step is."""

    def ends(self, done: Done) -> None:
        """Say how a step ended."""

    def waits(self, step: str) -> None:
        """Say that another process is computing this very step."""


@dataclass
class Outcome:
    """What an execution left: a line a step, the artifacts, and the error that ended it."""

    done: list[Done] = field(default_factory=list)
    artifacts: dict[str, "Artifact"] = field(default_factory=dict)
    error: MlpipeError | None = None
    stopped_by: str = ""
    times: dict[str, dict[str, float]] = field(default_factory=dict)
    """Seconds of the parts of a step, by step: for the record of the run, never for an output."""
    operational: dict[str, Any] = field(default_factory=dict)
    """What was measured of the model on this machine: for the record too."""
    measured_anew: bool = False
    """Whether that was measured now, and not in the run before."""
    verdict: dict[str, Any] | None = None
    """The verdict where more than the artifact decides it."""
    host: dict[str, Any] = field(default_factory=dict)
    """What was measured of this machine, and judged: for the record too."""


@dataclass(frozen=True)
class Engine:
    """Finds or computes; knows the store and the steps, and nothing of what a step means."""

    store: "Store"
    steps: Sequence["Step"]
    pipeline: "Pipeline"
    facts: Facts
    before: Mapping[str, Mapping[str, Any]]
    forced: frozenset[str]
    given: Mapping[str, "Artifact"] = field(default_factory=dict)

    def plan(self) -> list[Planned]:
        """Judge every step whose inputs are there; compute nothing."""
        judged: dict[str, Planned] = {}
        found = dict(self.given)
        stopped_by = ""
        for step in self.steps:
            if stopped_by:
                judged[step.name] = Planned(step.name, "skipped", f"{stopped_by} failed")
                continue
            if not all(need in found for need in step.needs):
                continue
            planned, artifact, _ = self._judge(step, found)
            judged[step.name] = planned
            if artifact is not None and planned.status == "reused":
                found[step.name] = artifact
                stopped_by = step.name if step.stops(artifact) else ""
        return foresee(self.steps, judged)

    def execute(self, watch: Watch) -> Outcome:
        """Run the steps in order; a step that fails ends it, and the rest is skipped.

        An error of the user's data or spec is part of the outcome; a bug of ours is raised.
        """
        outcome = Outcome(artifacts=dict(self.given))
        for step in self.steps:
            if step.name == outcome.stopped_by:  # it said so before its turn
                continue
            if outcome.stopped_by:
                self._tell(
                    outcome, watch, Done(step.name, "skipped", f"{outcome.stopped_by} failed")
                )
                continue
            try:
                self._tell(outcome, watch, self._advance(step, outcome, watch))
            except MlpipeError as error:
                self._fail(step, error, outcome, watch)
                continue
            if step.stops(outcome.artifacts[step.name]):
                outcome.stopped_by = step.name
            if step.name == "ingest":
                self._ask_all(outcome, watch)
        return outcome

    def _ask_all(self, outcome: Outcome, watch: Watch) -> None:
        """Have each step say now which of its columns the ingested table lacks."""
        columns = [
            each["name"] for each in read_json(outcome.artifacts["ingest"], "report")["columns"]
        ]
        for step in self.steps:
            try:
                step.expects(self.pipeline, columns)
            except MlpipeError as error:
                self._fail(step, error, outcome, watch)
                return

    def _fail(self, step: "Step", told: MlpipeError, outcome: Outcome, watch: Watch) -> None:
        error = hush(told, self.facts.values)
        outcome.error = error
        outcome.stopped_by = step.name
        self._tell(outcome, watch, Done(step.name, "failed", error.problems[0].message))

    def _tell(self, outcome: Outcome, watch: Watch, done: Done) -> None:
        outcome.done.append(done)
        watch.ends(done)

    def _judge(
        self, step: "Step", made: Mapping[str, "Artifact"]
    ) -> tuple[Planned, "Artifact | None", dict[str, Any]]:
        digests = {need: made[need].digest for need in step.needs}
        now = ingredients(step, self.pipeline, digests, self.facts, self._past(step, made))
        key = digest_json(now)[:32]
        artifact = self.store.find(step.name, key)
        planned = judge(
            step.name,
            key,
            found=artifact is not None,
            forced=step.name in self.forced,
            now=now,
            before=self.before.get(step.name),
        )
        return planned, artifact, now

    def _advance(self, step: "Step", outcome: Outcome, watch: Watch) -> Done:
        planned, artifact, made_from = self._judge(step, outcome.artifacts)
        began = time.perf_counter()
        status, why = planned.status, planned.why
        if artifact is None or status == "computed":
            with self.store.lock(step.name, planned.key, on_wait=lambda _: watch.waits(step.name)):
                # Whoever held the lock may have made just this.
                artifact = None if why == "forced" else self.store.find(step.name, planned.key)
                if artifact is None:
                    watch.begins(step.name, why)
                    artifact = self._compute(step, planned.key, made_from, outcome, watch)
                else:
                    status, why = "reused", "another run computed it just now"
        outcome.artifacts[step.name] = artifact
        seconds = round(time.perf_counter() - began, 3) if status == "computed" else 0.0
        path = str(artifact.path)
        return Done(step.name, status, why, seconds, planned.key, path, step.words(artifact))

    def _compute(
        self,
        step: "Step",
        key: str,
        made_from: dict[str, Any],
        outcome: Outcome,
        watch: Watch,
    ) -> "Artifact":
        from mlpipe.run.formats import write
        from mlpipe.run.task import Task

        def fill(folder: Path) -> dict[str, Any]:
            with _session(folder) as session:
                inputs = {need: outcome.artifacts[need].path for need in step.needs}
                snapshots = self.facts.fetched(step.name)
                local = {name: each.path for name, each in snapshots.items()}
                past = self._past(step, outcome.artifacts)
                times = outcome.times.setdefault(step.name, {})
                task = Task(
                    step,
                    self.pipeline,
                    inputs,
                    session,
                    watch.advances,
                    local,
                    earlier=self._earlier(step, made_from),
                    times=times.__setitem__,
                    rival=self._rival(step, outcome),
                    past=past.records if past else (),
                )
                outputs = step.run(task)
                write(outputs, folder, session)
            for file in step.files(self.pipeline):
                self.facts.unchanged(file)
            return step.summary(outputs)

        return self.store.put(step.name, key, made_from, fill, replace=step.name in self.forced)

    def _rival(self, step: "Step", outcome: Outcome) -> "Champion | None":
        return self.facts.rival(outcome.artifacts["bundle"].digest) if step.has_rival else None

    def _past(self, step: "Step", made: Mapping[str, "Artifact"]) -> "Past | None":
        return self.facts.past(made[step.needs[0]].path) if step.remembers else None

    def _earlier(self, step: "Step", made_from: Mapping[str, Any]) -> tuple[Path, ...]:
        """Return the artifacts that differ in nothing but what the step can resume from."""
        if not step.resumes or step.name in self.forced:
            return ()
        same = _but(made_from, step.resumes)
        keys = [key for name, key in self.store.artifacts() if name == step.name]
        near = [
            key
            for key in keys
            if (other := self.store.made_from(step.name, key)) and _but(other, step.resumes) == same
        ]
        found = (self.store.find(step.name, key) for key in near)
        return tuple(artifact.path for artifact in found if artifact is not None)


def _but(made_from: Mapping[str, Any], slices: tuple[str, ...]) -> dict[str, Any]:
    names = {f"spec {name}" for name in slices}
    return {name: value for name, value in made_from.items() if name not in names}


@contextmanager
def _session(folder: Path) -> Iterator["Session"]:
    """Open an engine whose scratch space goes away with the staging folder."""
    import shutil

    from mlpipe.table.session import Session

    scratch = folder / ".scratch"
    scratch.mkdir()
    try:
        with Session(scratch) as session:
            yield session
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
