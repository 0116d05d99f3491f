"""The verbs that use a model and never train one: monitor and predict."""

from pathlib import Path
from typing import Annotated

import typer

from mlpipe.cli import options as o
from mlpipe.cli.boundary import guarded

__all__ = ["register"]

Input = Annotated[
    str | None,
    typer.Option("--input", "-i", metavar="FILE", help="Rows in the shape of the training table."),
]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="NAME=PATH",
        help="Read this source of the spec from other files; the same SQL runs over them.",
    ),
]
Output = Annotated[
    Path,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Where the predictions go; .csv or .parquet."
    ),
]

Explain = Annotated[
    int,
    typer.Option(
        "--explain",
        metavar="N",
        min=0,
        max=20,
        help="Say of each row which columns moved its prediction most: so many of them.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the verbs that take a model as it is."""
    app.command("predict", rich_help_panel="Use a model")(guarded(predict))
    app.command("monitor", rich_help_panel="Use a model")(guarded(monitor))


def predict(
    model: o.Model = "",
    input_: Input = None,
    sources: Sources = None,
    output: Output = Path("predictions.parquet"),
    explain: Explain = 0,
    allow_code: o.AllowCode = False,
    allow_pickle: o.AllowPickle = False,
    trust: o.Trust = None,
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    runs_dir: o.RunsDir = Path("runs"),
    registry: o.Registry = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Score a file with a finished model: file in, file out."""
    from mlpipe.cli import render
    from mlpipe.run.models import REGISTRY
    from mlpipe.run.scoring import score

    watch = render.Watch(quiet=quiet or json, verbose=False)
    done = score(
        model,
        str(runs_dir),
        str(registry or REGISTRY),
        input_,
        tuple(sources or ()),
        output,
        allow_code=allow_code,
        allow_pickle=allow_pickle,
        trust=tuple(trust or ()),
        explain=explain,
        watch=watch,
    )
    if json:
        render.json_document(done)
    else:
        if done["left_out"]:
            render.progress(f"warning: taken as null: {', '.join(done['left_out'])}")
        if done["ignored"]:
            render.progress(f"warning: not known to the model: {', '.join(done['ignored'])}")
        render.say(f"model    {done['which']}")
        render.say(f"{done['rows']:,} rows scored with {done['model']}: {done['output']}")
    return 0


def monitor(
    spec: o.Spec = Path("mlpipe.yaml"),
    model: o.Model = "",
    set_: o.Set = None,
    profile: o.Profile = None,
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    runs_dir: o.RunsDir = Path("runs"),
    registry: o.Registry = None,
    force: o.Force = None,
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
    """Compare current data with what the model was trained on; never trains."""
    from mlpipe.cli import render, show
    from mlpipe.run.command import build
    from mlpipe.run.reports import write_reports
    from mlpipe.run.request import Request

    request = Request(
        "monitor", str(spec), tuple(set_ or ()), profile, str(runs_dir), model,
        registry=str(registry) if registry else None,
    )  # fmt: skip
    watch = render.Watch(quiet=quiet or json, verbose=verbose)
    found = build(request, force=tuple(force or ()), watch=watch)
    write_reports(found, request, junit=junit, markdown=markdown)
    if rows is not None:
        from mlpipe.cli.validate import write_rows

        write_rows(request, found, rows)
    return show.result(
        found,
        json=json,
        strict=strict,
        exit_zero=exit_zero,
        open_page=open_page,
        verbose=verbose,
    )
