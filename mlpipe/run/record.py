"""What a command leaves behind: its result, the record of the run, a receipt."""

import json
import shlex
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlpipe.errors import MlpipeError, SpecError, StoreError
from mlpipe.pipeline import Loaded, resolved_values
from mlpipe.run.alerting.deliver import is_anew
from mlpipe.run.alerting.verdict import alerted, monitored
from mlpipe.run.answer import answer, next_command, warnings
from mlpipe.run.champion import Champions
from mlpipe.run.digests import digest_json
from mlpipe.run.engine import Engine, Outcome
from mlpipe.run.environment import environment, git_state
from mlpipe.run.fetched import Remote
from mlpipe.run.formats import read_json
from mlpipe.run.history import opened_before
from mlpipe.run.page import page
from mlpipe.run.proposals import proposals
from mlpipe.run.receipted import keep_receipt
from mlpipe.run.registering import folder_of, with_registration
from mlpipe.run.remembered import Memory, with_memory
from mlpipe.run.request import Request
from mlpipe.run.result import Result
from mlpipe.run.searched import searched, storage
from mlpipe.run.step import Step
from mlpipe.run.store import RunEntry, Store
from mlpipe.run.tracked import shown
from mlpipe.spec.secret import mask

__all__ = ["Work", "conclude", "is_news"]


@dataclass(frozen=True)
class Work:
    """What a command has in hand once the spec is loaded and the store is open."""

    request: Request
    loaded: Loaded
    store: Store
    steps: tuple[Step, ...]
    engine: Engine
    remote: Remote
    memory: Memory
    model: str = ""
    """The model that is used, in words; empty for the verbs that make one."""
    model_name: str = ""
    """How other verbs call it; empty likewise."""

    @property
    def name(self) -> str:
        """The name of the pipeline."""
        return self.loaded.pipeline.name


def conclude(work: Work, outcome: Outcome, began_ns: int) -> Result:
    """Write the run where it says anything new, keep a receipt, and return the result.

    Parameters
    ----------
    work : Work
        The command.
    outcome : Outcome
        What executing its steps left.
    began_ns : int
        When it began, before anything was read, in nanoseconds since 1970.
    """
    result = _result(work, outcome)
    if isinstance(outcome.error, SpecError):
        return replace(result, run="", page="")  # no run is recorded, and an older one is not it
    recorded = True
    if is_news(work, outcome) or outcome.measured_anew or outcome.host.get("status") == "alert":
        try:
            result = _record(work, outcome, result, began_ns)
        except StoreError:
            if any(done.status == "computed" for done in outcome.done):
                raise
            recorded = False  # a store that can only be read still answers what it holds
    if recorded and "train" in outcome.artifacts:
        result = replace(result, tracking=_tracked(work, result.run))
    # Such a command measures, or tells others, each time.
    judged_anew = outcome.verdict is not None or is_anew(work)
    result = with_registration(result, work.request, work.loaded.pipeline, outcome, work.store)
    result, remembered = with_memory(result, work.memory, outcome)
    unsure = outcome.error or result.problems or remembered.warnings or judged_anew
    if not unsure and not work.remote.is_live:
        keep_receipt(work, outcome, result, began_ns, remembered)
    return result


def _result(work: Work, outcome: Outcome) -> Result:
    error: MlpipeError | None = outcome.error
    said_no = any(step.says_no(outcome.artifacts) for step in work.steps)
    said_no |= outcome.verdict is not None and outcome.verdict["status"] == "failed"
    said_no |= (monitored(work, outcome) or {}).get("exit") == "fail"
    patches = _patches(work, outcome)
    return Result(
        run=_existing(work),
        steps=tuple(outcome.done),
        exit_code=error.exit_code if error else int(said_no),
        problems=tuple(asdict(problem) for problem in error.problems) if error else (),
        warnings=(
            *_damage(work.store),
            *work.remote.warnings,
            *warnings(outcome.artifacts),
            *_unmeasured(outcome),
        ),
        answer={
            **answer(outcome.artifacts, _opened(work, outcome)),
            **searched(outcome.artifacts, outcome.times.get("train", {})),
            **patches,
            **_used(work),
            **_champion(work, outcome),
            **({"operational": outcome.operational} if outcome.operational else {}),
            **({"verdict": outcome.verdict} if outcome.verdict else {}),
            **alerted(work, outcome),
        },
        page=_page_of(work, _existing(work)),
        next=_accepting(work.request, patches)
        or next_command(work.request, outcome, work.loaded.pipeline, failed=said_no),
    )


def _unmeasured(outcome: Outcome) -> Iterator[str]:
    """Yield why operational metrics are missing; where a gate needs them that is an error."""
    if outcome.operational.get("why") and outcome.error is None:
        yield f"operational metrics were not measured: {outcome.operational['why']}"


def _patches(work: Work, outcome: Outcome) -> dict[str, Any]:
    """Return what `validate` proposes; the other verbs have an answer of their own."""
    if work.request.verb != "validate" or "validate" not in outcome.artifacts:
        return {}
    return {"patches": proposals(work.loaded, outcome.artifacts)}


def _used(work: Work) -> dict[str, Any]:
    return {"model": work.model} if work.model else {}


def _champion(work: Work, outcome: Outcome) -> dict[str, Any]:
    """Return who the champion is, where the model was judged."""
    if not {"bundle", "evaluate"} <= outcome.artifacts.keys():
        return {}
    model = outcome.artifacts["bundle"].digest
    champions = Champions(folder_of(work.request, work.loaded.pipeline), work.name)
    words, rival = champions.words(model), champions.rival(model)
    files = [str(file) for file in rival.files] if rival else []
    return {"champion": {"words": words, "files": files}} if words else {}


def _accepting(request: Request, patches: dict[str, Any]) -> str:
    """Return the command that accepts the first patch of a failed check, if there is one."""
    for patch in patches.get("patches", []):
        if patch["status"] == "failed" and patch["changes"]:
            words = [shlex.quote(request.spec), *request.options, "--accept"]
            return " ".join(["mlpipe validate", *words, shlex.quote(patch["check"])])
    return ""


def _damage(store: Store) -> Iterator[str]:
    yield from (f"a damaged artifact was set aside: {line}" for line in store.damaged)


def _existing(work: Work) -> str:
    latest = work.store.latest(work.name)
    return f"{work.name}/{latest}" if latest else ""


def _page_of(work: Work, run: str) -> str:
    path = work.store.root / run / "report.html"
    return str(path) if run and path.exists() else ""


def is_news(work: Work, outcome: Outcome) -> bool:
    """Whether the latest run does not already say all of this."""
    if outcome.error is not None or work.store.latest(work.name) is None:
        return True
    try:
        links = work.store.read_run(work.name)["artifacts"]
    except StoreError:
        return True
    recorded = {step: (link["key"], link["digest"]) for step, link in links.items()}
    made = {step: (found.key, found.digest) for step, found in outcome.artifacts.items()}
    return any(recorded.get(step) != pair for step, pair in made.items())


def _opened(work: Work, outcome: Outcome) -> int:
    """Return how often these test rows have been looked at, this run included."""
    test = _test_rows(outcome)
    looks = ("evaluate", "explain")
    looked = any(done.step in looks and done.status == "computed" for done in outcome.done)
    return opened_before(work.store, test) + looked if test else 0


def _test_rows(outcome: Outcome) -> str:
    """Return a digest of the test rows: which, of which table. Folds are no part of it."""
    if not {"ingest", "split"} <= outcome.artifacts.keys():
        return ""
    rows = read_json(outcome.artifacts["split"], "report")["test_rows"]
    return digest_json([outcome.artifacts["ingest"].digest, rows])


def _record(work: Work, outcome: Outcome, result: Result, began_ns: int) -> Result:
    record: dict[str, Any] = {
        "name": work.name,
        "command": " ".join(
            ["mlpipe", work.request.verb, shlex.quote(work.request.spec), *work.request.options]
        ),
        "request": work.request.to_json(),
        "started": datetime.fromtimestamp(began_ns / 1e9, UTC).isoformat(timespec="milliseconds"),
        "seconds": round((time.time_ns() - began_ns) / 1e9, 3),
        "environment": environment(),
        "git": git_state(Path.cwd()),
        **({"sources": work.remote.record()} if work.remote.used else {}),
        "spec": resolved_values(work.loaded),
        # As a text: a record sorts its keys, and models are compared in the order of the file.
        "written": json.dumps(mask(work.loaded.resolved.values), ensure_ascii=False),
        "times": _rounded(outcome),
        "test": {"rows": _test_rows(outcome), "opened": _opened(work, outcome)},
        **({"operational": outcome.operational} if outcome.operational else {}),
        **({"host": outcome.host} if outcome.host else {}),
        # Its own name is known only once it is written.
        "result": replace(result, run="", page="").to_json(),
    }
    texts: dict[str, str | bytes] = {
        "report.html": page(record, outcome.artifacts),
        **storage(work.loaded.pipeline, outcome.artifacts, outcome.times.get("train", {})),
    }
    path = work.store.write_run(work.name, record, outcome.artifacts, texts)
    return replace(result, run=f"{work.name}/{path.name}", page=str(path / "report.html"))


def _tracked(work: Work, run: str) -> tuple[dict[str, str], ...]:
    """Tell the trackers of the spec of the run: whatever comes of it, the run stands.

    Each is told once: a run that could not be sent is said to be so, until it is sent.
    """
    section = work.loaded.pipeline.tracking
    if section is None:
        return ()
    from mlpipe.run.track import track, unsent

    entry = RunEntry(work.name, run.partition("/")[2], work.store.root / run)
    try:
        found = track(work.store, entry, section)
    except (MlpipeError, OSError) as error:
        found = unsent(section, entry, error)
    return tuple(shown(each, run, work.request.runs_dir) for each in found)


def _rounded(outcome: Outcome) -> dict[str, dict[str, float]]:
    """Return the seconds of the parts of the steps that have any: the trials of a search."""
    return {
        step: {name: round(seconds, 3) for name, seconds in parts.items()}
        for step, parts in outcome.times.items()
        if parts
    }
