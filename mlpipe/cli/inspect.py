"""The verbs that look at what was run: report, and runs list, show, diff, track and so on."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from mlpipe.cli import options as o
from mlpipe.cli.boundary import guarded
from mlpipe.cli.compare import diff_runs, report
from mlpipe.cli.reproduce import reproduce_run, verify_runs

__all__ = ["register"]

Run = Annotated[str, typer.Argument(metavar="[RUN]", help="latest, 7, churn/0007-3f9a or a path.")]


def register(app: typer.Typer) -> None:
    """Add ``report`` and the group ``runs``."""
    app.command("report", rich_help_panel="Look back")(guarded(report))
    group = typer.Typer(no_args_is_help=True)
    group.command("list")(guarded(list_runs))
    group.command("show")(guarded(show_run))
    group.command("diff")(guarded(diff_runs))
    group.command("track")(guarded(track_run))
    group.command("reproduce")(guarded(reproduce_run))
    group.command("verify")(guarded(verify_runs))
    group.command("gc")(guarded(collect))
    app.add_typer(
        group,
        name="runs",
        help="List, show, compare and clean up runs.",
        rich_help_panel="Look back",
    )


def list_runs(
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    runs_dir: o.RunsDir = Path("runs"),
    json: o.Json = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """List the runs, newest last."""
    from mlpipe.cli import render
    from mlpipe.run.history import summaries

    rows = summaries(runs_dir)
    if json:
        render.json_document(rows)
    elif not rows:
        render.say(f"no runs in {runs_dir} yet")
    else:
        keys = ["run", "started", "verb", "status", "model", "metric", "verdict"]
        render.table(keys, [[str(row[key]) for key in keys] for row in rows])
    return 0


def show_run(
    run: Run = "latest",
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    runs_dir: o.RunsDir = Path("runs"),
    json: o.Json = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Show one run: its steps, metrics, verdict, packages and git state."""
    from mlpipe.cli import render, show
    from mlpipe.run.history import find_run, read_run, tracked
    from mlpipe.run.result import Result

    entry = find_run(runs_dir, run)
    record, tracking = read_run(entry), tracked(entry, str(runs_dir))
    if json:
        render.json_document({**record, "tracking": list(tracking)})
        return 0
    page, name = str(entry.path / "report.html"), f"{entry.name}/{entry.run}"
    result = replace(
        Result.from_json(record["result"]), run=name, page=page, tracking=tuple(tracking)
    )
    for done in result.steps:
        render.say(render.step_line(done))
    show.words(result)
    render.say(f"python   {record['environment']['python']}")
    render.say(f"git      {record['git'].get('commit', 'none')}")
    return 0


def track_run(
    run: Run = "latest",
    spec: Annotated[
        Path | None,
        typer.Option("--spec", metavar="FILE", help="The spec that says where to, if not its own."),
    ] = None,
    set_: o.Set = None,
    profile: o.Profile = None,
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    runs_dir: o.RunsDir = Path("runs"),
    json: o.Json = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Send a finished run to the trackers that its spec names now; twice is as good as once."""
    from mlpipe.cli import render, show
    from mlpipe.run.resend import resend

    name, entries = resend(runs_dir, run, spec=spec, profile=profile, overrides=tuple(set_ or ()))
    if json:
        render.json_document({"run": name, "tracking": entries})
    else:
        show.tracking(entries)
    return 4 if any(entry["status"] == "failed" for entry in entries) else 0


def collect(
    keep: Annotated[
        int, typer.Option("--keep", min=1, metavar="N", help="Runs to keep of each pipeline.")
    ] = 10,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go.")] = False,
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    runs_dir: o.RunsDir = Path("runs"),
    json: o.Json = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Remove old runs and the artifacts that no kept run refers to."""
    from mlpipe.cli import render
    from mlpipe.run.history import collect_garbage

    report = collect_garbage(runs_dir, keep=keep, dry_run=dry_run)
    if json:
        render.json_document(report)
    else:
        verb = "would remove" if dry_run else "removed"
        render.say(
            f"{verb} {len(report['runs'])} runs and {len(report['artifacts'])} artifacts, "
            f"{report['bytes'] / 1e6:,.1f} MB"
        )
    return 0
