"""From a run to the registry: by hand, or at the end of a command that judged the model."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpipe.errors import MlpipeError, Problem, SpecError
from mlpipe.registry.names import Reference
from mlpipe.registry.registry import Registry
from mlpipe.run.history import find_run
from mlpipe.run.models import act

if TYPE_CHECKING:
    from mlpipe.pipeline import Pipeline
    from mlpipe.registry.log import Act
    from mlpipe.registry.registry import Registered
    from mlpipe.run.engine import Outcome
    from mlpipe.run.folders import RunEntry
    from mlpipe.run.request import Request
    from mlpipe.run.result import Result
    from mlpipe.run.store import Store

__all__ = ["Entered", "folder_of", "register_run", "registry_files", "with_registration"]


@dataclass(frozen=True)
class Entered:
    """A run that was registered, and how it was judged."""

    found: "Registered"
    run: str
    verdict: str


def folder_of(request: "Request", pipeline: "Pipeline") -> Path:
    """Return where the registry is: by the option, else by the spec."""
    return Path(request.registry or pipeline.registry)


def register_run(
    store: "Store", wanted: str, registry: Path | None, *, alias: str | None, reason: str = ""
) -> Entered:
    """Register the model of a run.

    Parameters
    ----------
    store : Store
        Where the run is.
    wanted : str
        As for `find_run`.
    registry : Path or None
        The folder of the registry; None for the one of the run's spec.
    alias : str or None
        An alias to point at it.
    reason : str
        For the log.

    Raises
    ------
    SpecError
        Where there is no such run, or it made no model.
    StoreError
        For a bundle that is damaged, or a registry that cannot be written.
    """
    entry = find_run(store.root, wanted)
    if registry is None:
        record = store.read_run(entry.name, entry.run)
        registry = Path(record["request"].get("registry") or record["spec"]["registry"])
    return _register(store, entry, Registry(registry), act(reason), alias)


def with_registration(
    result: "Result", request: "Request", pipeline: "Pipeline", outcome: "Outcome", store: "Store"
) -> "Result":
    """Return a result with what its registration came to, where the spec asks for one.

    The run is kept whatever becomes of it: a registry that cannot be written makes the command
    fail, with the metrics shown.
    """
    asked = pipeline.register_
    if asked is None or request.verb not in ("run", "evaluate") or outcome.error is not None:
        return result
    if "evaluate" not in outcome.artifacts:
        return result
    try:
        told = _carry_out(result, request, pipeline, outcome, store)
    except MlpipeError as error:
        problems = (*result.problems, *(asdict(problem) for problem in error.problems))
        return replace(result, exit_code=error.exit_code, problems=problems)
    return replace(result, answer={**result.answer, "register": told})


def registry_files(request: "Request", pipeline: "Pipeline", result: "Result") -> list[Path]:
    """Return the files of the registry that an answer rests on."""
    judges = request.verb in ("run", "evaluate")
    if request.model is None and pipeline.register_ is None and not judges:
        return []
    home = folder_of(request, pipeline) / pipeline.name
    version = (result.answer.get("register") or {}).get("version")
    champion = result.answer.get("champion") or {}
    return [
        home / "log.jsonl",
        *([home / str(version) / "version.json"] if version else []),
        *(Path(file) for file in champion.get("files", [])),
    ]


def _carry_out(
    result: "Result", request: "Request", pipeline: "Pipeline", outcome: "Outcome", store: "Store"
) -> dict[str, Any]:
    asked, name = pipeline.register_, pipeline.name
    verdict = result.answer["verdict"]["status"]
    if asked is None or verdict == "failed":
        return {"name": name, "lines": ["not registered: the verdict is failed"]}
    registry = Registry(folder_of(request, pipeline))
    entry = find_run(store.root, result.run)
    if store.read_run(entry.name, entry.run)["artifacts"]["bundle"]["digest"] != (
        outcome.artifacts["bundle"].digest
    ):
        raise SpecError(Problem("not registered: the run was not recorded", result.run))
    who = act(f"{request.verb} of {request.spec}")
    found = _register(store, entry, registry, who, asked.alias).found
    lines = [f"{words(found)}, {asked.alias}"]
    if asked.promote is not None:
        lines.append(_promote(registry, found, asked.promote.to, verdict, who))
    return {"name": name, "version": found.version, "is_new": found.is_new, "lines": lines}


def words(found: "Registered") -> str:
    """Return ``churn version 3 registered``, or that it was before."""
    said = "registered" if found.is_new else "was registered before"
    return f"{found.name} version {found.version} {said}"


def _promote(registry: Registry, found: "Registered", to: str, verdict: str, who: "Act") -> str:
    """Move the alias where the gates allow it and nobody has taken it away from this version."""
    if verdict != "passed":
        return f"not promoted to {to}: the verdict is {verdict}"
    if registry.was_rolled_back(found.name, to, found.version):
        again = f"mlpipe promote {found.name}@{found.version} --to {to}"
        return f"not promoted to {to}: it was rolled back; `{again}` puts it there again"
    moved = registry.promote(Reference(found.name, str(found.version)), to, who)
    if not moved.is_news:
        return f"{to} is version {found.version} already"
    before = f" (version {moved.before} before)" if moved.before else ""
    return f"promoted to {to}{before}"


def _register(
    store: "Store", entry: "RunEntry", registry: Registry, who: "Act", alias: str | None
) -> Entered:
    called = f"{entry.name}/{entry.run}"
    record = store.read_run(entry.name, entry.run)
    link = record["artifacts"].get("bundle")
    if link is None:
        hint = "mlpipe train SPEC makes one"
        raise SpecError(Problem(f"the run {called} has no model", str(store.root), hint=hint))
    artifact = store.find("bundle", link["key"])
    if artifact is None:
        hint = "run its command again: mlpipe runs show " + called
        raise SpecError(Problem(f"the model of {called} is damaged or gone", hint=hint))
    answer = record["result"]["answer"]
    verdict = (answer.get("verdict") or {}).get("status", "")
    card = {
        "run": called,
        "artifact": {
            "key": link["key"], "digest": link["digest"], "summary": dict(artifact.summary),
        },
        "metrics": answer.get("metrics"),
        "verdict": verdict,
        "git": record["git"].get("commit", ""),
        "mlpipe": record["environment"]["mlpipe"],
    }  # fmt: skip
    found = registry.register(artifact.path, card, who, alias=alias)
    return Entered(found, called, verdict)
