"""Everything that is printed: answers on stdout, progress on stderr.

Without a terminal there are plain lines and no escape codes. rich is loaded for tables and
progress bars alone, so that a command with nothing to do does not pay for it.
"""

import json as json_library
import os
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TextIO

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from mlpipe.run.result import Done

__all__ = [
    "Watch",
    "answer",
    "failure",
    "json_document",
    "line",
    "progress",
    "say",
    "step_line",
    "table",
]

MARKS = {
    "computed": ("✓", "green"),
    "reused": ("=", "cyan"),
    "failed": ("✗", "red"),
    "skipped": ("-", "yellow"),
    "unknown": ("?", "yellow"),
}
PLAIN = {
    "✓": "+",
    "✗": "x",
    "→": "->",
    "…": "...",
    "–": "-",
    "≥": ">=",
    "≤": "<=",
    "≈": "~",
    "×": "x",
    "·": "-",
}
FOREIGN = re.compile("\x1b(?!\\[(?:3[1-6]|0)m)")
"""An escape code that is no colour of `MARKS`, nor the end of one: it came with the data."""


def line(text: str, longest: int = 1000) -> str:
    r"""Return text that holds names and values of the data as one line: no name adds a line.

    >>> line("a\nverdict  passed"), line("abc", 2)
    ('a\\nverdict  passed', 'a…')
    """
    cut = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def say(text: str) -> None:
    """Print a line of the answer."""
    _print(text, sys.stdout)


def answer(text: str) -> None:
    """Print text as it is, without a line end of its own."""
    _print(text, sys.stdout, end="")


def progress(text: str) -> None:
    """Print a line of progress, a warning or an error."""
    _print(text, sys.stderr)


def json_document(document: object) -> None:
    """Print the one document of ``--json``; what cannot be printed is escaped as JSON does."""
    plain = not _speaks_unicode(sys.stdout)
    text = json_library.dumps(document, indent=2, ensure_ascii=plain, allow_nan=False)
    say("".join(c if c == "\n" or c.isprintable() else json_library.dumps(c)[1:-1] for c in text))


def failure(code: int, error: BaseException, lines: Sequence[str]) -> dict[str, Any]:
    """Return the ``--json`` document of a command that did not get as far as a result."""
    located = getattr(error, "problems", None)
    problems = [vars(each) for each in located] if located else [{"message": lines[0]}]
    return {
        "run": "",
        "status": "failed",
        "exit_code": code,
        "steps": [],
        "problems": problems,
    }


def colours(stream: TextIO) -> bool:
    """Whether escape codes may be written: a terminal, and nobody said no."""
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "") -> None:
    """Print a table: the first column to the left, the others to the right.

    Not rich's: a run with nothing to do prints one too, and must not load it.
    """
    lines = [list(headings), *(list(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(headings))]
    if title:
        say(f"\n{title}\n")
    for number, line in enumerate(lines):
        first, *others = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        say("  " + "   ".join([line[0].ljust(len(first)), *others]).rstrip())
        if number == 0:
            say("  " + "─" * (sum(widths) + 3 * (len(widths) - 1)))
    say("")


def console(stream: TextIO) -> "Console":
    """Return a rich console that follows the same rules as our own lines."""
    from rich.console import Console

    width = None if stream.isatty() else 120
    return Console(
        file=stream, width=width, no_color=not colours(stream), highlight=False,
        safe_box=not _speaks_unicode(stream),
    )  # fmt: skip


def step_line(done: "Done") -> str:
    """Return ``✓ ingest  computed  0.2s  7,043 rows, 0 rejected``."""
    mark, colour = MARKS[done.status]
    if colours(sys.stderr):
        mark = typer.style(mark, fg=colour)
    seconds = f"{done.seconds:.1f}s" if done.status == "computed" else ""
    words = (
        f"{done.summary} ({done.why})" if done.summary and done.why else done.summary or done.why
    )
    return f"{mark} {done.step:<10} {done.status:<9} {seconds:>7}  {words}".rstrip()


class Watch:
    """Shows an execution: a line a step, a bar for long work where there is a terminal."""

    def __init__(self, *, quiet: bool, verbose: bool) -> None:
        self.quiet = quiet
        self.verbose = verbose
        self._bar: Any = None
        self._task: Any = None

    def begins(self, step: str, why: str) -> None:
        """Say that a step is being computed."""
        if self.verbose and not self.quiet:
            progress(f"… {step}: {why}")
        if not self.quiet and sys.stderr.isatty():
            self._open(step)

    def advances(self, done: int, total: int, words: str) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total, description=words)

    def ends(self, done: "Done") -> None:
        """Close the bar and print the step's line."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        if not self.quiet:
            progress(step_line(done))
            if self.verbose and done.key:
                progress(f"             {done.path}")

    def waits(self, step: str) -> None:
        """Say that another process is at it."""
        if not self.quiet:
            progress(f"… {step}: another run is computing it, waiting")

    def _open(self, step: str) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(),
            console=console(sys.stderr), transient=True,
        )  # fmt: skip
        self._task = self._bar.add_task(step, total=None)
        self._bar.start()


def _print(text: str, stream: TextIO, end: str = "\n") -> None:
    try:
        stream.write(_safe(text, stream) + end)
        stream.flush()
    except BrokenPipeError:
        # The reader has seen enough (`| head`); the command's own exit code still stands.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _safe(text: str, stream: TextIO) -> str:
    """Escape control characters but our own colours; say in ASCII what cannot be encoded."""
    text = "".join(c if c in "\n\t\x1b" or c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    text = FOREIGN.sub(r"\\x1b", text)
    if not colours(stream):
        text = text.replace("\x1b", "\\x1b")
    if _speaks_unicode(stream):
        return text
    for fancy, plain in PLAIN.items():
        text = text.replace(fancy, plain)
    return text.encode(stream.encoding or "ascii", "backslashreplace").decode()


def _speaks_unicode(stream: TextIO) -> bool:
    return (stream.encoding or "ascii").lower().replace("-", "") in {"utf8", "utf16"}
