"""The typer app: every verb in the order of a user's day."""

from typing import Annotated

import typer

from mlpipe.cli import author, build, data, inspect, models, use
from mlpipe.version import __version__

__all__ = ["app"]

app = typer.Typer(
    name="mlpipe",
    help="One YAML file from raw data to a monitored model.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mlpipe {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """One YAML file from raw data to a monitored model."""


build.register(app)
use.register(app)
models.register_verbs(app)
author.register(app)
inspect.register(app)
data.register(app)
