"""The verbs that look at data: data diff."""

from pathlib import Path
from typing import Annotated

import typer

from mlpipe.cli import options as o
from mlpipe.cli.boundary import guarded

__all__ = ["register"]

SetHelp = "A file or pattern, a run (churn/0007, churn), or a path into an artifact."
A = Annotated[str, typer.Argument(metavar="A", help=SetHelp, show_default=False)]
B = Annotated[str, typer.Argument(metavar="B", help="The other, read the same way.")]
Key = Annotated[
    list[str] | None,
    typer.Option(
        "--key",
        metavar="COLUMNS",
        help="The columns that tell which row is which, as id,month; default: what the run says.",
    ),
]
NoKey = Annotated[bool, typer.Option("--no-key", help="Compare whole rows, whatever a run says.")]
Ignore = Annotated[
    list[str] | None, typer.Option("--ignore", metavar="COLUMNS", help="Leave these columns out.")
]
Tolerance = Annotated[
    float,
    typer.Option(
        "--tolerance",
        min=0,
        max=1,
        help="How far floats may be apart, absolutely or as a share of the larger.",
    ),
]
Rows = Annotated[
    Path | None,
    typer.Option("--rows", metavar="FILE", help="Write every differing row as Parquet."),
]
Markdown = Annotated[
    Path | None,
    typer.Option("--markdown", metavar="FILE", help="Write the diff as Markdown too."),
]
ExitZero = Annotated[bool, typer.Option("--exit-zero", help="Exit 0 even when they differ.")]


def register(app: typer.Typer) -> None:
    """Add the group ``data``."""
    group = typer.Typer(no_args_is_help=True)
    group.command("diff")(guarded(diff))
    app.add_typer(group, name="data", help="Compare two data sets.", rich_help_panel="Look back")


def diff(
    a: A,
    b: B,
    key: Key = None,
    no_key: NoKey = False,
    ignore: Ignore = None,
    tolerance: Tolerance = 0.0,
    rows: Rows = None,
    markdown: Markdown = None,
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    runs_dir: o.RunsDir = Path("runs"),
    json: o.Json = False,
    exit_zero: ExitZero = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Compare two data sets: columns, rows and how each column moved; exit 1 if they differ."""
    from mlpipe.cli import diff_markdown, diff_words, render
    from mlpipe.run.data_diff import DiffRequest, check_output, data_diff

    wanted = () if no_key else tuple(key) if key else None
    request = DiffRequest(a, b, runs_dir, wanted, tuple(ignore or ()), tolerance, rows)
    if markdown is not None:
        check_output("--markdown", markdown, (a, b))
    found = data_diff(request)
    if markdown is not None:
        markdown.write_text(diff_markdown.page(found), encoding="utf-8")
    if json:
        render.json_document(found)
    else:
        diff_words.words(found)
    return 0 if found["equal"] or exit_zero else 1
