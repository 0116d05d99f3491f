"""The verbs that hold runs against each other: runs diff, and report."""

from pathlib import Path
from typing import Annotated

import typer

from mlpipe.cli import options as o

__all__ = ["diff_runs", "report"]

RunHelp = "latest, 7, churn, churn/0007-3f9a or a path."
A = Annotated[str, typer.Argument(metavar="A", help=RunHelp, show_default=False)]
B = Annotated[str, typer.Argument(metavar="B", help=RunHelp, show_default=False)]
Runs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[RUN]...",
        help="None: an index of all runs. One: its page. Two or more: a comparison.",
        show_default=False,
    ),
]
Markdown = Annotated[
    Path | None,
    typer.Option("--markdown", metavar="FILE", help="Write the comparison as Markdown too."),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Where the page goes.",
        show_default="report.html or compare.html in the run directory",
    ),
]
Open = Annotated[bool, typer.Option("--open", help="Open the page in a browser.")]


def diff_runs(
    a: A,
    b: B,
    markdown: Markdown = None,
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    runs_dir: o.RunsDir = Path("runs"),
    json: o.Json = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Say what changed from run A to run B, and what it did to the metrics."""
    from mlpipe.cli import render, run_diff_markdown, run_diff_words
    from mlpipe.run.diff.comparison import compared, comparison
    from mlpipe.run.reports import write_text

    found = comparison(compared(runs_dir, [a, b]))
    if markdown is not None:
        write_text(markdown, run_diff_markdown.page(found))
    if json:
        render.json_document(found)
    else:
        run_diff_words.words(found)
    return 0
