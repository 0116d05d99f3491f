"""The verbs that hold runs against each other: runs diff, and report."""

from pathlib import Path
from typing import Annotated, Any

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


def report(
    runs: Runs = None,
    compare: Annotated[
        list[str] | None,
        typer.Option("--compare", metavar="RUN", help="Hold this run against the others."),
    ] = None,
    output: Output = None,
    open_: Open = False,
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    runs_dir: o.RunsDir = Path("runs"),
    json: o.Json = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Write the index of all runs, find the page of one, or hold several side by side."""
    from mlpipe.cli import render, show

    page, found = _page([*(runs or ()), *(compare or ())], output, runs_dir)
    if json:
        render.json_document({"page": str(page), **found})
    else:
        render.say(f"page     {page}")
    if open_:
        show.in_browser(str(page))
    return 0


def _page(wanted: list[str], output: Path | None, runs_dir: Path) -> tuple[Path, dict[str, Any]]:
    """Return the page that was asked for, and what it says."""
    from mlpipe.run.pages import page_of, write_comparison, write_index

    if not wanted:
        return write_index(runs_dir, output)
    if len(wanted) > 1:
        return write_comparison(runs_dir, wanted, output)
    from mlpipe.run.history import find_run
    from mlpipe.run.reports import write_text

    entry = find_run(runs_dir, wanted[0])
    page = page_of(entry)
    if output is not None:
        write_text(output, page.read_text(encoding="utf-8"))
    return output or page, {"run": f"{entry.name}/{entry.run}"}
