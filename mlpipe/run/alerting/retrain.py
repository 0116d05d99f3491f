"""The commands that answer a drift: make a challenger, hold it against the champion, move on."""

import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.alerts.measures import HOST

if TYPE_CHECKING:
    from mlpipe.pipeline import Pipeline
    from mlpipe.registry.spec import Register
    from mlpipe.run.request import Request

__all__ = ["is_due", "retraining"]

ELSEWHERE = ("served", "data", HOST)
"""Groups that no other model makes better."""

Line = dict[str, str]


def is_due(report: Mapping[str, Any]) -> bool:
    """Whether something of the data or of the quality moved that nobody has silenced."""
    groups = [a["what"].partition(".")[0] for a in report["alerts"] if not a["silenced"]]
    return any(group not in ELSEWHERE for group in groups)


def retraining(
    request: "Request", pipeline: "Pipeline", *, has_champion: bool, model: str
) -> list[Line]:
    """Return the commands in their order, each with what it is for.

    Parameters
    ----------
    request : Request
        Its options are taken over.
    pipeline : Pipeline
        Its ``register`` section may do some of it by itself.
    has_champion : bool
        Whether the registry has one: evaluate holds each model against it, on the same rows.
    model : str
        That is monitored: ``churn/0007-3f9a``, ``churn@3``; empty for the latest of the pipeline.
    """
    registry = _registry(request, pipeline)
    runs = [f"--runs-dir {shlex.quote(request.runs_dir)}"] if request.runs_dir != "runs" else []
    name = shlex.quote(pipeline.name)
    options = [each for each in request.options if each != "--offline"]
    why = "trains a challenger on what `ingest` reads by then, and holds it against the champion"
    return [
        *(
            []
            if has_champion
            else [_crowned(shlex.quote(model) if model else name, runs, registry)]
        ),
        _line(["mlpipe run", shlex.quote(request.spec), *options], why),
        *_onward(pipeline.register_, name, runs, registry),
    ]


def _crowned(model: str, runs: list[str], registry: list[str]) -> Line:
    """Return what makes the model of today the champion."""
    words = ["mlpipe register", model, "--alias champion", *runs, *registry]
    if "@" in model:
        words = ["mlpipe promote", model, "--to champion", *registry]
    return _line(words, "makes the model of today the champion, which others are held against")


def _onward(
    register: "Register | None", name: str, runs: list[str], registry: list[str]
) -> Iterator[Line]:
    """Yield what is left to do by hand once the challenger is there."""
    if register is not None and register.promote is not None:
        return  # the run does it where its gates pass
    alias = register.alias if register else "challenger"
    if register is None:
        words = ["mlpipe register", name, "--alias", alias, *runs, *registry]
        yield _line(words, "keeps it as a version")
    words = ["mlpipe promote", f"{name}@{alias}", "--to champion", *registry]
    yield _line(words, "where it is better")


def _registry(request: "Request", pipeline: "Pipeline") -> list[str]:
    """Return the option of the registry, where a verb without a spec would look elsewhere."""
    folder = request.registry or pipeline.registry
    return [f"--registry {shlex.quote(folder)}"] if folder != "models" else []


def _line(words: list[str], why: str) -> Line:
    return {"command": " ".join(words), "why": why}
