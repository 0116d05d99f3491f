"""The command line: a command parses, calls and renders; nothing else lives here."""

from mlpipe.cli.app import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; the entry point of the ``mlpipe`` script."""
    app(prog_name="mlpipe")
