"""The verb validate: check the table, propose a section, accept what the data says."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlpipe.cli import options as o

if TYPE_CHECKING:
    from mlpipe.run.engine import Watch
    from mlpipe.run.request import Request
    from mlpipe.run.result import Result

__all__ = ["validate", "write_rows"]

Infer = Annotated[
    bool, typer.Option("--infer", help="Print a section `validate` that this data would pass.")
]
Write = Annotated[
    bool, typer.Option("--write", help="With --infer: put it into the spec; what is there stays.")
]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        "--accept", metavar="CHECK", help="Put the patch of a failed check into the spec; or: all."
    ),
]


def validate(
    spec: o.Spec = Path("mlpipe.yaml"),
    set_: o.Set = None,
    profile: o.Profile = None,
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    runs_dir: o.RunsDir = Path("runs"),
    force: o.Force = None,
    infer: Infer = False,
    write: Write = False,
    accept: Accept = None,
    offline: o.Offline = False,
    examples: o.Examples = None,
    rows: o.Rows = None,
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
    """Check the table; a failed check stops what follows."""
    from mlpipe.cli import render, show
    from mlpipe.run.command import build
    from mlpipe.run.reports import write_reports
    from mlpipe.run.request import Request

    _check_options(infer=infer, write=write, accept=accept)
    verb = "ingest" if infer else "validate"
    shown = [f"validate.examples={examples}"] if examples is not None else []
    overrides = (*(set_ or ()), *shown)
    request = Request(verb, str(spec), overrides, profile, str(runs_dir), offline=offline)
    watch = render.Watch(quiet=quiet or json, verbose=verbose)
    forced = tuple(force or ())
    if infer:
        return _infer(request, forced, watch, write=write, json=json)
    if accept:
        from mlpipe.run.accept import accept as accepted

        result = accepted(request, tuple(accept), force=forced, watch=watch)
    else:
        result = build(request, force=forced, watch=watch)
    write_reports(result, request, junit=junit, markdown=markdown)
    if rows is not None:
        write_rows(request, result, rows)
    return show.result(result, json=json, strict=strict, exit_zero=exit_zero, open_page=open_page)


def write_rows(request: "Request", result: "Result", folder: Path) -> None:
    """Write the rows of checks that failed, and say where."""
    from mlpipe.cli import render
    from mlpipe.run import failing

    for path, count in failing.write_rows(request, result, folder):
        render.progress(f"rows     {count:,} in {path}")
    render.progress("rows     values of sensitive columns are left out of these files")


def _check_options(*, infer: bool, write: bool, accept: list[str] | None) -> None:
    from mlpipe.errors import Problem, SpecError

    if infer and accept:
        hint = "first --infer --write, then validate, then --accept"
        raise SpecError(Problem("expected either --infer or --accept", "validate", hint=hint))
    if write and not infer:
        hint = "mlpipe validate --infer --write"
        raise SpecError(Problem("--write goes with --infer", "validate", hint=hint))


def _infer(
    request: "Request", force: tuple[str, ...], watch: "Watch", *, write: bool, json: bool
) -> int:
    """Print the proposed section, or what changed in the spec."""
    from mlpipe.cli import render, show
    from mlpipe.run.infer import infer

    found = infer(request, force=force, watch=watch, write=write)
    if json or found.result.problems:
        return show.result(found.result, json=json, strict=False, exit_zero=False, open_page=False)
    render.answer(found.text)
    render.progress(f"next     {found.result.next}")
    return 0
