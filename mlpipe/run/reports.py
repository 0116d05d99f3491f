"""The files that CI reads: the verdicts of a command as JUnit XML and as Markdown."""

import json
import os
from pathlib import Path
from typing import Any

from mlpipe.errors import Problem, SpecError, StoreError
from mlpipe.run.request import Request
from mlpipe.run.result import Result

__all__ = ["verdicts", "write_reports", "write_text"]

_REPORTS = {"validate": "report", "evaluate": "verdict", "monitor": "report"}


def verdicts(result: Result, title: str) -> dict[str, Any]:
    """Return what the steps of a command reported, by step, with the steps themselves."""
    document: dict[str, Any] = {**result.to_json(), "title": title}
    for done in result.steps:
        name = _REPORTS.get(done.step)
        if name and done.path:
            path = Path(done.path) / f"{name}.json"
            document[done.step] = json.loads(path.read_bytes())
    if "evaluate" in document:  # more than the artifact may decide it
        document["evaluate"] = result.answer.get("verdict", document["evaluate"])
    if "monitor" in document:  # likewise: the host
        told = result.answer.get("monitor") or {}
        more = {name: told[name] for name in ("alerts", "measures", "exit") if name in told}
        document["monitor"] = {**document["monitor"], **more}
    return document


def write_reports(
    result: Result, request: Request, *, junit: Path | None, markdown: Path | None
) -> None:
    """Write the files that were asked for, each whole or not at all.

    Raises
    ------
    SpecError
        Where a file is the spec, or lies in the run directory.
    StoreError
        Where a file cannot be written.
    """
    for path in (junit, markdown):
        _refuse_ours(path, request)
    title = request.command
    if junit is not None:
        from mlpipe.report.junit import junit as as_junit

        write_text(junit, as_junit(verdicts(result, title)))
    if markdown is not None:
        from mlpipe.report.markdown import markdown as as_markdown

        write_text(markdown, as_markdown(verdicts(result, title)))


def _refuse_ours(path: Path | None, request: Request) -> None:
    if path is None:
        return
    target, runs = path.resolve(), Path(request.runs_dir).resolve()
    if target == Path(request.spec).resolve() or target.is_relative_to(runs):
        what = "is the spec, or lies in the run directory; a report would take its place"
        raise SpecError(Problem(what, str(path), hint="give the report a file of its own"))


def write_text(path: Path, text: str) -> None:
    """Put a text in place of a file: readers see the old one or the new one, never a mix.

    Raises
    ------
    StoreError
        Where the folder is not there or cannot be written.
    """
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        staged.write_text(text, encoding="utf-8")
        staged.replace(path)
    except OSError as error:
        staged.unlink(missing_ok=True)
        message = f"cannot be written: {error.strerror or error}"
        raise StoreError(Problem(message, str(path), hint="does its folder exist?")) from error
