"""One command from a request to a result: load, plan, execute, record."""

import os
import shlex
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import MlpipeError, Problem, SpecError, StoreError
from mlpipe.pipeline import Loaded, load, resolved_values
from mlpipe.run import receipt
from mlpipe.run.answer import answer, next_command, warnings
from mlpipe.run.digests import Stamp, check_unchanged
from mlpipe.run.engine import Engine, Outcome, Watch
from mlpipe.run.environment import (
    environment,
    git_state,
    library_versions,
    mlpipe_version,
    package_folders,
    python_version,
    source_files,
)
from mlpipe.run.history import find_run, opened_before
from mlpipe.run.ingredients import Facts
from mlpipe.run.page import page
from mlpipe.run.request import Request
from mlpipe.run.result import Done, Result
from mlpipe.run.steps import STEPS, Step, selected
from mlpipe.run.store import Store
from mlpipe.spec.suggest import did_you_mean

if TYPE_CHECKING:
    from mlpipe.run.plan import Planned
    from mlpipe.run.store import Artifact

__all__ = ["execute", "foresee"]


@dataclass(frozen=True)
class _Work:
    """What a command has in hand once the spec is loaded and the store is open."""

    request: Request
    loaded: Loaded
    store: Store
    steps: tuple[Step, ...]
    engine: Engine


def execute(request: Request, *, force: tuple[str, ...], watch: Watch) -> Result:
    """Run the verb's steps, record the run, and keep a receipt of the answer."""
    began, clock = datetime.now(UTC), time.perf_counter()
    with _prepared(request, force) as work:
        outcome = work.engine.execute(watch)
        _place_problems(outcome, work.loaded)
        result = _result(work, outcome)
        if _is_news(work, outcome):
            seconds = round(time.perf_counter() - clock, 3)
            result = _record(work, outcome, result, began, seconds)
        if outcome.error is None:
            _keep_receipt(work, outcome, result)
        work.store.digests.save()
    return result


def foresee(request: Request, *, force: tuple[str, ...]) -> "list[Planned]":
    """Judge every step and compute nothing."""
    with _prepared(request, force) as work:
        planned = work.engine.plan()
        work.store.digests.save()
        return planned


@contextmanager
def _prepared(request: Request, force: tuple[str, ...]) -> Iterator[_Work]:
    _check_forced(force)
    loaded = load(
        Path(request.spec),
        profile=request.profile,
        overrides=request.overrides,
        environ=os.environ,
    )
    steps = selected(loaded.pipeline, request.verb)
    store = Store(Path(request.runs_dir))
    store.recover()
    with store.session():
        engine = Engine(
            store=store,
            steps=steps,
            pipeline=loaded.pipeline,
            facts=_facts(steps, loaded, store),
            before=_before(store, loaded.pipeline.name),
            forced=frozenset(force),
            given=_given(store, request),
        )
        yield _Work(request, loaded, store, steps, engine)


def _check_forced(force: tuple[str, ...]) -> None:
    names = [step.name for step in STEPS]
    wrong = [
        Problem(
            f"there is no step '{name}'; the steps are {', '.join(names)}",
            f"--force {name}",
            hint=did_you_mean(name, names),
        )
        for name in force
        if name not in names
    ]
    if wrong:
        raise SpecError(*wrong)


def _facts(steps: tuple[Step, ...], loaded: Loaded, store: Store) -> Facts:
    named = (name for step in steps for name in step.distributions(loaded.pipeline))
    libraries = tuple(sorted(set(named)))
    stamps: dict[Path, Stamp] = {}

    def digest(path: Path) -> str:
        found, stamps[path] = store.digests.stamped(path)
        return found

    values = loaded.pipeline.model_dump(mode="json", by_alias=True)
    # What featurize needs of the models is their families: a parameter changes no feature.
    values["train"]["families"] = dict(loaded.pipeline.train.families(loaded.pipeline.task))
    return Facts(
        values=values,
        digest=digest,
        unchanged=lambda path: check_unchanged(path, stamps[path]),
        versions=library_versions(libraries),
        python=python_version(),
        mlpipe=mlpipe_version(),
    )


def _before(store: Store, name: str) -> dict[str, Mapping[str, Any]]:
    """Return what each step of the latest run was made from: the reasons are told against it."""
    try:
        links = store.read_run(name)["artifacts"] if store.latest(name) else {}
    except StoreError:  # a damaged record costs the reasons, and nothing else
        return {}
    found = {step: store.made_from(link["step"], link["key"]) for step, link in links.items()}
    return {step: made_from for step, made_from in found.items() if made_from is not None}


def _given(store: Store, request: Request) -> dict[str, "Artifact"]:
    """Return the artifacts of a finished model, for a verb that never trains one."""
    if request.model is None:
        return {}
    run = find_run(store.root, request.model)
    links = store.read_run(run.name, run.run)["artifacts"]
    bundle = links.get("bundle")
    artifact = bundle and store.find("bundle", bundle["key"])
    if artifact is None:
        hint = "train one first: mlpipe train " + shlex.quote(request.spec)
        raise SpecError(Problem(f"the run {run.name}/{run.run} has no model", hint=hint))
    return {"bundle": artifact}


def _place_problems(outcome: Outcome, loaded: Loaded) -> None:
    """Give a problem that names a key of the spec its place in the file."""
    if outcome.error is not None:
        placed = (_placed(problem, loaded) for problem in outcome.error.problems)
        outcome.error = type(outcome.error)(*placed)


def _placed(problem: Problem, loaded: Loaded) -> Problem:
    if problem.place or not problem.key:
        return problem
    path = tuple(int(part) if part.isdigit() else part for part in problem.key.split("."))
    return replace(problem, place=loaded.resolved.place(path))


def _result(work: _Work, outcome: Outcome) -> Result:
    error: MlpipeError | None = outcome.error
    said_no = any(step.says_no(outcome.artifacts) for step in work.steps)
    return Result(
        run=_existing(work),
        steps=tuple(outcome.done),
        exit_code=error.exit_code if error else int(said_no),
        problems=tuple(asdict(problem) for problem in error.problems) if error else (),
        warnings=(*_damage(work.store), *warnings(outcome.artifacts)),
        answer=answer(outcome.artifacts, _opened(work, outcome)),
        page=_page_of(work, _existing(work)),
        next=next_command(work.request, outcome, work.loaded.pipeline, failed=said_no),
    )


def _damage(store: Store) -> Iterator[str]:
    yield from (f"a damaged artifact was set aside: {line}" for line in store.damaged)


def _existing(work: _Work) -> str:
    name = work.loaded.pipeline.name
    latest = work.store.latest(name)
    return f"{name}/{latest}" if latest else ""


def _page_of(work: _Work, run: str) -> str:
    path = work.store.root / run / "report.html"
    return str(path) if run and path.exists() else ""


def _is_news(work: _Work, outcome: Outcome) -> bool:
    """Whether the latest run does not already say all of this."""
    name = work.loaded.pipeline.name
    if outcome.error is not None or work.store.latest(name) is None:
        return True
    try:
        links = work.store.read_run(name)["artifacts"]
    except StoreError:
        return True
    recorded = {step: (link["key"], link["digest"]) for step, link in links.items()}
    made = {step: (found.key, found.digest) for step, found in outcome.artifacts.items()}
    return any(recorded.get(step) != pair for step, pair in made.items())


def _opened(work: _Work, outcome: Outcome) -> int:
    """Return how often this test part has been looked at, this run included."""
    split = outcome.artifacts.get("split")
    if split is None:
        return 0
    before = opened_before(work.store, work.loaded.pipeline.name, split.digest)
    looked = any(done.step == "evaluate" and done.status == "computed" for done in outcome.done)
    return before + looked


def _record(
    work: _Work, outcome: Outcome, result: Result, began: datetime, seconds: float
) -> Result:
    split = outcome.artifacts.get("split")
    record: dict[str, Any] = {
        "name": work.loaded.pipeline.name,
        "command": _command(work.request),
        "request": work.request.to_json(),
        "started": began.isoformat(timespec="seconds"),
        "seconds": seconds,
        "environment": environment(),
        "git": git_state(Path.cwd()),
        "spec": resolved_values(work.loaded),
        "test": {"split": split.digest if split else "", "opened": _opened(work, outcome)},
        "result": result.to_json(),
    }
    texts = {"report.html": page(record, outcome.artifacts)}
    path = work.store.write_run(record["name"], record, outcome.artifacts, texts)
    run = f"{record['name']}/{path.name}"
    return replace(result, run=run, page=str(path / "report.html"))


def _command(request: Request) -> str:
    options = [f"-S {shlex.quote(override)}" for override in request.overrides]
    if request.profile:
        options.append(f"--profile {request.profile}")
    return " ".join(["mlpipe", request.verb, shlex.quote(request.spec), *options])


def _keep_receipt(work: _Work, outcome: Outcome, result: Result) -> None:
    patterns = [pattern for step in work.steps for pattern in step.patterns(work.loaded.pipeline)]
    inputs = [file for step in work.steps for file in step.files(work.loaded.pipeline)]
    kept = [
        artifact.path / name
        for artifact in outcome.artifacts.values()
        for name in (*artifact.manifest.files, "manifest.json")
    ]
    root, name = work.store.root, work.loaded.pipeline.name
    if result.run:
        kept += [root / name / "latest", root / result.run / "run.json"]
    rests_on = receipt.Receipt(
        files=[*work.loaded.resolved.files, *inputs, *source_files()],
        kept=kept,
        patterns=patterns,
        environment=work.loaded.resolved.environment,
        packages=package_folders(work.engine.facts.versions),
    )
    again = tuple(_as_reused(done) for done in result.steps)
    receipt.write(work.request, rests_on, replace(result, steps=again).to_json())


def _as_reused(done: Done) -> Done:
    if done.status != "computed":
        return done
    return replace(done, status="reused", why="nothing it depends on changed", seconds=0.0)
