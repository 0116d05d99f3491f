"""The one place where errors become words and exit codes."""

import functools
import os
import signal
import sys
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any

import typer

from mlpipe.errors import MlpipeError

__all__ = ["guarded"]


class _Signalled(BaseException):
    """A signal, raised so that staging folders and locks are given back on the way out."""


class _Signals:
    """Raises what arrives, and remembers it: a library may turn it into an error of its own."""

    def __init__(self) -> None:
        self.received = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._raise)

    def _raise(self, number: int, _frame: FrameType | None) -> None:
        self.received = number
        raise _Signalled


def guarded(command: Callable[..., int | None]) -> Callable[..., None]:
    """Let a command return its exit code, and turn what it raises into one.

    ``--debug`` lets the traceback through; a command that has no such option is guarded all
    the same.
    """

    @functools.wraps(command)
    def run(**options: Any) -> None:
        directory = options.get("directory")
        signals = _Signals()
        try:
            if directory is not None:
                _enter(directory)
            code = command(**options)
        except (Exception, _Signalled) as error:  # noqa: BLE001 - the one place that catches
            if signals.received:
                code = _interrupted(signals.received)
            else:
                if options.get("debug"):
                    traceback.print_exc()
                code = _explain(error, json=bool(options.get("json")))
        _flush()
        raise typer.Exit(code or 0)

    return run


def _interrupted(number: int) -> int:
    from mlpipe.cli import render

    word = "interrupted" if number == signal.SIGINT else "terminated"
    render.progress(f"{word}; nothing half-written is kept")
    return 128 + number


def _enter(directory: Any) -> None:
    """Go to ``-C DIR``: every relative path of the command and the spec starts there."""
    try:
        os.chdir(directory)
    except OSError as error:
        from mlpipe.errors import SpecError

        raise SpecError(f"-C {directory}: {error.strerror}") from error


def _explain(error: BaseException, *, json: bool) -> int:
    """Print the error where it belongs and return its exit code."""
    code, lines = _words(error)
    from mlpipe.cli import render

    if json:
        render.json_document(render.failure(code, error, lines))
    for line in lines:
        render.progress(line)
    return code


def _words(error: BaseException) -> tuple[int, list[str]]:
    if isinstance(error, MlpipeError):
        return error.exit_code, [f"error: {problem}" for problem in error.problems]
    if isinstance(error, MemoryError):
        return 3, ["error: out of memory"]
    if isinstance(error, OSError) and error.errno is not None:
        place = f" {error.filename}" if error.filename else ""
        return 4, [f"error:{place}: {error.strerror}"]
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    return 70, [
        f"error: a bug in mlpipe: {kind}: {error}",
        "  hint: run it again with --debug and report what it shows",
    ]


def _flush() -> None:
    """Flush the answer; a reader that has gone away (``| head``) is no error."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
