"""One command from a request to a result: load, plan, execute, record."""

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import MlpipeError, Problem, SpecError
from mlpipe.evaluate.spec import without_operational
from mlpipe.pipeline import Loaded, Pipeline, load
from mlpipe.run import receipt
from mlpipe.run.alerting.deliver import check, delivered
from mlpipe.run.alerting.verdict import measured_host, monitored
from mlpipe.run.champion import Champion, Champions
from mlpipe.run.days import dated, needs_day
from mlpipe.run.digests import Stamp, check_unchanged
from mlpipe.run.engine import Engine, Outcome, Watch
from mlpipe.run.environment import library_versions, mlpipe_version, python_version
from mlpipe.run.fetched import Remote, without_fetching
from mlpipe.run.history import newest_with
from mlpipe.run.ingredients import Facts
from mlpipe.run.models import Given, given
from mlpipe.run.record import Work, conclude
from mlpipe.run.registering import folder_of
from mlpipe.run.remembered import Memory, Past
from mlpipe.run.request import Request
from mlpipe.run.result import Result
from mlpipe.run.secrets import hush
from mlpipe.run.snapshots import Snapshot
from mlpipe.run.step import Step
from mlpipe.run.steps import selected
from mlpipe.run.store import Store
from mlpipe.spec.suggest import did_you_mean

if TYPE_CHECKING:
    from mlpipe.run.plan import Planned

__all__ = ["execute", "facts_of", "foresee", "load_dated"]


def execute(request: Request, *, force: tuple[str, ...], watch: Watch) -> Result:
    """Run the verb's steps, record the run, and keep a receipt of the answer."""
    began_ns = time.time_ns()
    with _prepared(request, force, began_ns) as work:
        check(work)
        host = measured_host(work)  # before the steps, which load it themselves
        outcome = work.engine.execute(watch)
        outcome.host = host
        _measure(work, outcome, watch)
        _place_problems(outcome, work.loaded)
        result = conclude(work, outcome, began_ns)
        work.store.digests.save()
        return delivered(work, monitored(work, outcome), result)


def _measure(work: Work, outcome: Outcome, watch: Watch) -> None:
    """Measure speed and size where the spec asks for it, outside of all steps."""
    if work.loaded.pipeline.evaluate.timing is not None:
        from mlpipe.run.operational.measure import measure

        measure(work, outcome, watch)


def foresee(request: Request, *, force: tuple[str, ...]) -> "list[Planned]":
    """Judge every step and compute nothing."""
    with _prepared(request, force, time.time_ns()) as work:
        try:
            planned = work.engine.plan()
        except MlpipeError as error:
            raise hush(error, work.engine.facts.values) from None
        work.store.digests.save()
        return planned


def load_dated(request: Request) -> Loaded:
    """Load the spec, with today (UTC) where it counts from a day and does not name it."""
    loaded = load(
        Path(request.spec),
        profile=request.profile,
        overrides=request.overrides,
        environ=os.environ,
    )
    if not (sections := needs_day(loaded.pipeline)):
        return loaded
    days = dict.fromkeys(sections, receipt.today())
    return replace(loaded, pipeline=dated(loaded.pipeline, days))


def facts_of(
    steps: tuple[Step, ...],
    pipeline: Pipeline,
    store: Store,
    fetched: Callable[[str], Mapping[str, Snapshot]],
    rival: Callable[[str], Champion | None],
    past: Callable[[Path], Past | None],
) -> Facts:
    """Gather what the keys of steps need to know of the world.

    Parameters
    ----------
    steps : tuple of Step
        Whose keys are wanted.
    pipeline : Pipeline
        The spec.
    store : Store
        Whose cache spares reading files twice.
    fetched : callable
        From a step to the snapshots of its remote sources.
    rival : callable
        From the digest of a model to the champion that it is compared with.
    past : callable
        From an observed window to what is remembered of the nights before it.
    """
    named = (name for step in steps for name in step.distributions(pipeline))
    libraries = tuple(sorted(set(named)))
    stamps: dict[Path, Stamp] = {}

    def digest(path: Path) -> str:
        found, stamps[path] = store.digests.stamped(path)
        return found

    values = pipeline.model_dump(mode="json", by_alias=True)
    values["ingest"] = without_fetching(values["ingest"])
    # What featurize needs of the models is their families: a parameter changes no feature.
    values["train"]["families"] = dict(pipeline.train.families(pipeline.task))
    # What ingest needs of the checks is which of its values they refer to.
    referred = pipeline.validate_.references
    values["validate"]["references"] = [[source, list(to)] for source, to in referred]
    # What is measured of the model anew in each run changes no artifact.
    values["evaluate"] = without_operational(values["evaluate"])
    # What ingest needs of featurize is which columns of its sources aggregates read.
    if related := pipeline.featurize.related():
        values["ingest"]["events"] = {name: sorted(read) for name, read in related.items()}
    return Facts(
        values=values,
        digest=digest,
        unchanged=lambda path: check_unchanged(path, stamps[path]),
        versions=library_versions(libraries),
        python=python_version(),
        mlpipe=mlpipe_version(),
        fetched=fetched,
        rival=rival,
        past=past,
    )


@contextmanager
def _prepared(request: Request, force: tuple[str, ...], began_ns: int) -> Iterator[Work]:
    loaded = load_dated(request)
    steps = selected(loaded.pipeline, request.verb)
    _check_forced(force, steps)
    store = Store(Path(request.runs_dir))
    store.recover()
    with store.session():
        name, registry = loaded.pipeline.name, folder_of(request, loaded.pipeline)
        uses = any("bundle" in step.needs for step in steps)
        model = given(store, request, name, registry) if uses else Given()
        remote = Remote(store, loaded.pipeline, offline=request.offline, when_ns=began_ns)
        memory, rivals = Memory.of(registry, loaded.pipeline), Champions(registry, name)
        engine = Engine(
            store=store,
            steps=steps,
            pipeline=loaded.pipeline,
            facts=facts_of(steps, loaded.pipeline, store, remote.of, rivals.rival, memory.before),
            before=_before(store, name, steps),
            forced=frozenset(force),
            given=model.artifacts,
        )
        words, name = model.words, model.name
        yield Work(request, loaded, store, steps, engine, remote, memory, words, name)


def _check_forced(force: tuple[str, ...], steps: tuple[Step, ...]) -> None:
    names = [step.name for step in steps]
    wrong = [
        Problem(
            f"there is no step '{name}'; the steps here are {', '.join(names)}",
            f"--force {name}",
            hint=did_you_mean(name, names),
        )
        for name in force
        if name not in names
    ]
    if wrong:
        raise SpecError(*wrong)


def _before(store: Store, name: str, steps: tuple[Step, ...]) -> dict[str, Mapping[str, Any]]:
    """Return what each step was made from in the newest run that has it: for the reasons."""
    found = {}
    for step in steps:
        link = newest_with(store, name, step.name)
        made_from = link and store.made_from(step.name, link[1]["key"])
        if made_from is not None:
            found[step.name] = made_from
    return found


def _place_problems(outcome: Outcome, loaded: Loaded) -> None:
    """Give a problem that names a key of the spec its place in the file."""
    if outcome.error is not None:
        placed = (_placed(problem, loaded) for problem in outcome.error.problems)
        outcome.error = type(outcome.error)(*placed)


def _placed(problem: Problem, loaded: Loaded) -> Problem:
    if problem.place or not problem.key:
        return problem
    parts = re.sub(r"\[(\d+)\](?=\.|$)", r".\1", problem.key).split(".")
    path = tuple(int(part) if part.isdigit() else part for part in parts)
    if path[:1] not in loaded.resolved.origins:  # a column of the data, not a key of the spec
        return problem
    return replace(problem, place=loaded.resolved.place(path))
