"""The options that verbs share, each defined once."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "AddTrials",
    "AllowCode",
    "AllowPickle",
    "Debug",
    "Directory",
    "Examples",
    "ExitZero",
    "Force",
    "Json",
    "Junit",
    "Markdown",
    "Model",
    "Offline",
    "Open",
    "Profile",
    "Quiet",
    "Reason",
    "Registry",
    "Rows",
    "RunsDir",
    "Set",
    "Spec",
    "Strict",
    "Trust",
    "Verbose",
]

Spec = Annotated[
    Path,
    typer.Argument(
        envvar="MLPIPE_SPEC", metavar="[SPEC]", help="The YAML file.", show_default="mlpipe.yaml"
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "-S",
        metavar="KEY=VALUE",
        help="Override any key of the spec, typed and checked like the file.",
    ),
]
Profile = Annotated[
    str | None, typer.Option("--profile", metavar="NAME", help="Merge this profile of the spec.")
]
Directory = Annotated[
    Path | None,
    typer.Option("-C", "--directory", metavar="DIR", help="Work in this directory, as make does."),
]
RunsDir = Annotated[
    Path,
    typer.Option(
        "--runs-dir", envvar="MLPIPE_RUNS", metavar="DIR", help="Where runs and artifacts are kept."
    ),
]
Force = Annotated[
    list[str] | None,
    typer.Option("--force", metavar="STEP", help="Compute this step again, whatever is there."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, nothing else.")]
Strict = Annotated[bool, typer.Option("--strict", help="Warnings fail too.")]
ExitZero = Annotated[
    bool, typer.Option("--exit-zero", help="Exit 0 even when a check, gate or alert says no.")
]
Junit = Annotated[
    Path | None,
    typer.Option("--junit", metavar="FILE", help="Write the verdicts as JUnit XML, for CI."),
]
Markdown = Annotated[
    Path | None,
    typer.Option("--markdown", metavar="FILE", help="Write the verdicts as Markdown, for CI."),
]
Examples = Annotated[
    int | None,
    typer.Option("--examples", metavar="N", help="Show so many rows of each failed check."),
]
Rows = Annotated[
    Path | None,
    typer.Option(
        "--rows", metavar="DIR", help="Write all failing rows, one Parquet file a failed check."
    ),
]
AddTrials = Annotated[
    int | None,
    typer.Option(
        "--add-trials",
        min=1,
        metavar="N",
        help="Go on with the finished search of the newest run: so many trials more.",
    ),
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="No progress.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say more about each step.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Offline = Annotated[
    bool,
    typer.Option("--offline", help="Use URLs and databases as they were fetched last, and say so."),
]
Open = Annotated[bool, typer.Option("--open", help="Open the run's page in a browser.")]
Model = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="MODEL",
        help="champion, churn@3, latest, churn/0007, or the path of a bundle.",
        show_default="champion, or else latest",
    ),
]
Registry = Annotated[
    Path | None,
    typer.Option(
        "--registry",
        envvar="MLPIPE_REGISTRY",
        metavar="DIR",
        help="Where registered models are kept; default: what the spec says, or else models.",
    ),
]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why, for the log.", show_default=False)
]
AllowCode = Annotated[
    bool, typer.Option("--allow-code", help="Trust the Python functions that the bundle carries.")
]
AllowPickle = Annotated[
    bool, typer.Option("--allow-pickle", help="Open a bundle whose model is a joblib file.")
]
Trust = Annotated[
    list[str] | None,
    typer.Option(
        "--trust", metavar="PACKAGE", help="Trust the types of this package, as lightgbm."
    ),
]
