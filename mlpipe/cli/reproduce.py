"""The verbs that look whether a run still holds: runs reproduce and runs verify."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlpipe.cli import options as o

if TYPE_CHECKING:
    from mlpipe.run.reproduce.rebuild import Reproduction

__all__ = ["reproduce_run", "verify_runs"]

Run = Annotated[str, typer.Argument(metavar="[RUN]", help="latest, 7, churn/0007-3f9a or a path.")]


def reproduce_run(
    run: Run = "latest",
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    runs_dir: o.RunsDir = Path("runs"),
    json: o.Json = False,
    quiet: o.Quiet = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Build a run again from its record in a clean store, and compare; exit 1 if it differs."""
    import sys
    from contextlib import redirect_stdout

    from mlpipe.cli import render
    from mlpipe.run.reproduce.rebuild import reproduce

    watch = render.Watch(quiet=quiet or json, verbose=False)
    with redirect_stdout(sys.stderr):  # what the user's own functions print is no answer
        found = reproduce(runs_dir, run, watch)
    if json:
        render.json_document(found.to_json())
    else:
        _words(found)
    return found.exit_code


def verify_runs(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN]", help="latest, 7, churn/0007-3f9a or a path.", show_default="all"
        ),
    ] = None,
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    runs_dir: o.RunsDir = Path("runs"),
    json: o.Json = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Read every byte that runs refer to; exit 4 if something is damaged or gone."""
    from mlpipe.cli import render
    from mlpipe.run.verify import verify

    checked = verify(runs_dir, run)
    bad = [each for each in checked if each.status != "intact"]
    if json:
        render.json_document([vars(each) for each in checked])
    else:
        for each in bad:
            render.say(f"✗ {each.run} {each.what}: {each.status}: {each.why}")
        runs = len({each.run for each in checked})
        render.say(f"{runs} runs, {len(checked)} artifacts and records, {len(bad)} not intact")
    return 4 if bad else 0


def _words(found: "Reproduction") -> None:
    from mlpipe.cli import render

    for step in found.steps:
        mark = {"identical": "=", "equal": "≈"}.get(step.status, "✗")
        render.say(f"{mark} {step.step:<10} {step.status:<10} {step.why}".rstrip())
    for difference in found.differences:
        render.say(f"differs  {difference}")
    for note in found.notes:
        render.progress(f"note: {note}")
    if found.status == "equal":
        render.progress("warning: the bytes differ, every value is equal within 1e-9")
    if found.status == "different" and not found.differences:
        render.progress("note: data, code, spec and packages are as they were")
    render.say(f"run      {found.run}: {found.status}")
