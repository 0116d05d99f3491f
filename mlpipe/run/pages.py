"""The pages about several runs: the index of all of them, and comparisons."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mlpipe.errors import Problem, SpecError
from mlpipe.run.diff.comparison import compared, comparison
from mlpipe.run.diff.side import Side
from mlpipe.run.folders import RunEntry
from mlpipe.run.index import index
from mlpipe.run.reports import write_text

__all__ = ["MOST", "page_of", "write_comparison", "write_index"]

MOST = 12
"""How many runs a comparison holds: beside each other, more cannot be read."""

INDEX, COMPARISON = "report.html", "compare.html"


def page_of(entry: RunEntry) -> Path:
    """Return the page of a run.

    Raises
    ------
    SpecError
        Where it has none.
    """
    page = entry.path / "report.html"
    if not page.is_file():
        hint = "run its command again: a run writes its page when it ends"
        raise SpecError(Problem("this run has no page", str(entry.path), hint=hint))
    return page


def write_index(runs_dir: Path, output: Path | None) -> tuple[Path, dict[str, Any]]:
    """Write the index of all runs; return where it is, and what it says.

    Raises
    ------
    SpecError
        Where there are no runs.
    StoreError
        Where the page cannot be written.
    """
    found = index(runs_dir)
    if not found["pipelines"]:
        raise SpecError(Problem("there are no runs yet", str(runs_dir), hint="mlpipe run SPEC"))
    from mlpipe.report.index import index as render

    path = output or runs_dir / INDEX
    pipelines = [
        {**each, "runs": [_linked(run, runs_dir, path) for run in each["runs"]]}
        for each in found["pipelines"]
    ]
    title = runs_dir.resolve().name
    write_text(path, render({"title": title, "pipelines": pipelines}))
    return path, found


def write_comparison(
    runs_dir: Path, wanted: Sequence[str], output: Path | None
) -> tuple[Path, dict[str, Any]]:
    """Write the comparison of two runs or more; return where it is, and what it says.

    Raises
    ------
    SpecError
        For runs that are not there, one that is named twice, and more than can be read.
    StoreError
        For a damaged record, and a page that cannot be written.
    """
    if len(wanted) > MOST:
        what = f"{len(wanted)} runs are too many to stand side by side; expected at most {MOST}"
        raise SpecError(Problem(what, hint="mlpipe report shows all runs in one index"))
    runs = compared(runs_dir, wanted)
    found = comparison(runs)
    from mlpipe.report.compared import compared as render

    path = output or runs_dir / COMPARISON
    told = [
        {**facts, **_drawn(run), "href": _href(run.path / "report.html", path)}
        for facts, run in zip(found["runs"], runs, strict=True)
    ]
    write_text(path, render({**found, "runs": told}))
    return path, found


def _linked(run: dict[str, Any], runs_dir: Path, page: Path) -> dict[str, Any]:
    return {**run, "href": _href(runs_dir / run["path"], page) if run["path"] else ""}


def _href(target: Path, page: Path) -> str:
    """Return the address of a file, relative to the page; empty where there is no file."""
    if not target.is_file():
        return ""
    return quote(Path(os.path.relpath(target.resolve(), page.resolve().parent)).as_posix())


def _drawn(run: Side) -> dict[str, Any]:
    report = run.reports["evaluate"]
    return {"figures": report.get("figures"), "threshold": report.get("threshold")}
