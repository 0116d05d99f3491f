"""The verb that checks, with what it can write beside its answer."""

from pathlib import Path

from mlpipe.cli import options as o

__all__ = ["validate"]


def validate(
    spec: o.Spec = Path("mlpipe.yaml"),
    set_: o.Set = None,
    profile: o.Profile = None,
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    runs_dir: o.RunsDir = Path("runs"),
    force: o.Force = None,
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

    shown = [f"validate.examples={examples}"] if examples is not None else []
    overrides = (*(set_ or ()), *shown)
    request = Request("validate", str(spec), overrides, profile, str(runs_dir))
    watch = render.Watch(quiet=quiet or json, verbose=verbose)
    result = build(request, force=tuple(force or ()), watch=watch)
    write_reports(result, request.command, junit=junit, markdown=markdown)
    if rows is not None:
        from mlpipe.run.failing import write_rows

        for path, count in write_rows(request, result, rows):
            render.progress(f"rows     {count:,} in {path}")
        render.progress("rows     values of sensitive columns are left out of these files")
    return show.result(result, json=json, strict=strict, exit_zero=exit_zero, open_page=open_page)
