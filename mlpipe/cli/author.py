"""The verbs of whoever writes the spec: init, check, config, schema."""

import os
from pathlib import Path
from typing import Annotated

import typer

from mlpipe.cli import options as o
from mlpipe.cli.boundary import guarded

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the verbs that read or write a spec and touch no data but a sample."""
    for verb in (init, check, config, schema):
        app.command(verb.__name__, rich_help_panel="Write a spec")(guarded(verb))


def init(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="A CSV or Parquet file.")],
    target: Annotated[
        str, typer.Option("--target", "-t", metavar="COLUMN", help="What to predict.")
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="Where the spec goes; - for stdout."),
    ] = Path("mlpipe.yaml"),
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Write a commented spec from a data file; each guess carries its reason."""
    from mlpipe.cli import render
    from mlpipe.errors import Problem, SpecError
    from mlpipe.run.draft import draft

    if str(output) != "-" and output.exists():
        hint = "name another with -o, or write to stdout with -o -"
        raise SpecError(Problem("is there already and is not overwritten", str(output), hint=hint))
    text = draft(data, target)
    if str(output) == "-":
        render.answer(text)
        return 0
    output.write_text(text, encoding="utf-8")
    render.say(f"wrote {output}; every guess in it has its reason beside it")
    render.say(f"next     mlpipe run {output}")
    return 0


def check(
    spec: o.Spec = Path("mlpipe.yaml"),
    set_: o.Set = None,
    profile: o.Profile = None,
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    json: o.Json = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Check the spec alone; no data is read."""
    from mlpipe.cli import render
    from mlpipe.pipeline import load

    load(spec, profile=profile, overrides=set_ or (), environ=os.environ)
    if json:
        render.json_document({"run": "", "status": "passed", "exit_code": 0, "problems": []})
    else:
        render.say(f"{spec} is a valid spec; no data was read")
        render.say(f"next     mlpipe plan {spec}")
    return 0


def config(
    spec: o.Spec = Path("mlpipe.yaml"),
    set_: o.Set = None,
    profile: o.Profile = None,
    directory: o.Directory = None,  # noqa: ARG001 - the boundary acts on it
    json: o.Json = False,
    debug: o.Debug = False,  # noqa: ARG001 - the boundary acts on it
) -> int:
    """Print the resolved spec, and where each value came from; secrets are masked."""
    from mlpipe.cli import render
    from mlpipe.pipeline import load, resolved_values
    from mlpipe.spec.dump import to_yaml

    loaded = load(spec, profile=profile, overrides=set_ or (), environ=os.environ)
    if json:
        render.json_document(resolved_values(loaded))
    else:
        render.answer(to_yaml(resolved_values(loaded), loaded.resolved.origins))
    return 0


def schema(debug: o.Debug = False) -> int:  # noqa: ARG001 - the boundary acts on it
    """Print the JSON Schema of the spec, for editors."""
    from mlpipe.cli import render
    from mlpipe.pipeline import json_schema

    render.json_document(json_schema())
    return 0
