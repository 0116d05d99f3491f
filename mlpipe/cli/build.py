"""The verbs that build what they need: ingest … evaluate, and run for all of them."""

import inspect
from collections.abc import Callable
from pathlib import Path

import typer

from mlpipe.cli import options as o
from mlpipe.cli.boundary import guarded
from mlpipe.cli.validate import validate

__all__ = ["register"]

VERBS = {
    "ingest": "Read the sources into one table; bad rows go to quarantine.",
    "featurize": "Build the features, fitted on the training part alone.",
    "train": "Cross-validate the models and fit the best one.",
    "evaluate": "Judge the model on held-out rows: intervals, slices, gates.",
    "run": "All of it: from raw data to a verdict, and the drift report where there is one.",
}


TRAINING = ("train", "evaluate", "run")
"""The verbs that come by a search, and can go on with it."""


def register(app: typer.Typer) -> None:
    """Add the building verbs: validate has options of its own, the others differ in how far."""
    for verb, words in VERBS.items():
        app.command(verb, help=words, rich_help_panel="Build")(guarded(_building(verb)))
        if verb == "ingest":
            app.command("validate", rich_help_panel="Build")(guarded(validate))
    app.command("plan", rich_help_panel="Build")(guarded(plan))


def _building(verb: str) -> Callable[..., int]:
    def command(
        spec: o.Spec = Path("mlpipe.yaml"),
        set_: o.Set = None,
        profile: o.Profile = None,
        directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
        runs_dir: o.RunsDir = Path("runs"),
        registry: o.Registry = None,
        force: o.Force = None,
        add_trials: o.AddTrials = None,
        offline: o.Offline = False,
        json: o.Json = False,
        strict: o.Strict = False,
        exit_zero: o.ExitZero = False,
        junit: o.Junit = None,
        markdown: o.Markdown = None,
        open_page: o.Open = False,
        quiet: o.Quiet = False,
        verbose: o.Verbose = False,
        debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
    ) -> int:
        from mlpipe.cli import render, show
        from mlpipe.run.command import build
        from mlpipe.run.reports import write_reports
        from mlpipe.run.request import Request

        request = Request(
            verb, str(spec), tuple(set_ or ()), profile, str(runs_dir), offline=offline,
            registry=str(registry) if registry else None,
        )  # fmt: skip
        if add_trials is not None:
            from mlpipe.run.more_trials import with_more_trials

            request, words = with_more_trials(request, add_trials)
            render.progress(words)
        watch = render.Watch(quiet=quiet or json, verbose=verbose)
        result = build(request, force=tuple(force or ()), watch=watch)
        write_reports(result, request, junit=junit, markdown=markdown)
        return show.result(
            result,
            json=json,
            strict=strict,
            exit_zero=exit_zero,
            open_page=open_page,
            verbose=verbose,
        )

    return command if verb in TRAINING else _without(command, "add_trials")


def _without(command: Callable[..., int], option: str) -> Callable[..., int]:
    """Return the command without an option: typer reads the options off the signature."""
    whole = inspect.signature(command)
    kept = [each for each in whole.parameters.values() if each.name != option]
    command.__signature__ = whole.replace(parameters=kept)  # type: ignore[attr-defined]
    return command


def plan(
    spec: o.Spec = Path("mlpipe.yaml"),
    set_: o.Set = None,
    profile: o.Profile = None,
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    runs_dir: o.RunsDir = Path("runs"),
    force: o.Force = None,
    offline: o.Offline = False,
    json: o.Json = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Say for each step whether it would be reused or computed, and why; compute nothing."""
    from mlpipe.cli import show
    from mlpipe.run.command import foresee
    from mlpipe.run.request import Request

    request = Request("run", str(spec), tuple(set_ or ()), profile, str(runs_dir), offline=offline)
    return show.plan(foresee(request, force=tuple(force or ())), json=json)
