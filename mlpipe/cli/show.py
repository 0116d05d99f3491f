"""The answers of the verbs that execute: metrics, verdict, drift, where the page is."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlpipe.cli import render
from mlpipe.cli.trials import search as _search

if TYPE_CHECKING:
    from mlpipe.run.plan import Planned
    from mlpipe.run.result import Result

__all__ = ["plan", "result", "tracking", "words"]


def result(found: "Result", *, json: bool, strict: bool, exit_zero: bool, open_page: bool) -> int:
    """Print a result and return the exit code of the command.

    Parameters
    ----------
    found : Result
        What was done.
    json : bool
        One JSON document instead of words.
    strict : bool
        Whether warnings make it fail.
    exit_zero : bool
        Whether a verdict that says no (exit code 1) is let through.
    open_page : bool
        Whether to open the page in a browser.
    """
    code = found.exit_code
    if code == 0 and strict and found.warnings:
        code = 1
    if code == 1 and exit_zero:
        code = 0
    if json:
        render.json_document(replace(found, exit_code=code).to_json())
    else:
        words(found)
    if open_page and found.page:
        _open(found.page)
    return code


def plan(steps: "list[Planned]", *, json: bool) -> int:
    """Print a plan; always exit code 0."""
    if json:
        render.json_document([vars(step) for step in steps])
        return 0
    for step in steps:
        mark, _ = render.MARKS[step.status]
        render.say(f"{mark} {step.step:<10} {step.status:<9} {step.why}")
    return 0


def words(found: "Result") -> None:
    """Print the answer of a result: what was measured, the verdict, what to do next."""
    told = "validate: " if found.answer.get("validate") else ""
    for line in found.warnings:
        if not told or not line.startswith(told):  # the answer itself says these
            render.progress(f"warning: {line}")
    if found.answer.get("model"):
        render.say(f"model    {found.answer['model']}")
    _search(found.answer.get("search"))
    _metrics(found.answer.get("metrics"))
    _groups(found.answer.get("groups"))
    _gates(found.answer.get("verdict"))
    _registered(found.answer.get("register"))
    _drift(found.answer.get("monitor"))
    _checks(found.answer.get("validate"))
    _patches(found.answer.get("patches"))
    _accepted(found.answer)
    _choices(found.answer.get("featurize"))
    for problem in found.problems:
        from mlpipe.errors import Problem

        render.progress(f"error: {Problem(**problem)}")
    if found.run:
        render.say(f"run      {found.run}")
    if found.page:
        render.say(f"page     {found.page}")
    tracking(found.tracking)
    if found.next:
        render.say(f"next     {found.next}")


def tracking(entries: Iterable[dict[str, str]]) -> None:
    """Print a line a tracker: where the run is, or why it is not and what sends it."""
    for entry in entries:
        place = f"{entry['tracker']} {entry['to']} {entry['project']}"
        if entry["status"] == "failed":
            render.progress(f"warning: not tracked in {place}: {entry['why']}")
            render.progress(f"  hint: send it later: {entry['later']}")
            continue
        parts = [f"run {entry['run']}", entry["model"], entry["link"], entry["note"]]
        render.say(f"tracked  {place}: {', '.join(filter(None, parts))}")


def _metrics(metrics: dict[str, Any] | None) -> None:
    if not metrics:
        return
    rows = [
        [
            row["name"],
            _number(row["value"]),
            f"{_number(row['low'])} – {_number(row['high'])}",
            _number(row["baseline"]),
        ]
        for row in metrics["rows"]
    ]
    looked = f"{metrics['count']:,} rows, opened {_times(metrics['opened'])}"
    title = f"{metrics['model']} on {metrics['part']} ({looked})"
    render.table(["metric", "value", "95 % interval", metrics["baseline"]], rows, title=title)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _groups(lines: list[str] | None) -> None:
    for line in lines or ():
        render.say(line)


def _gates(verdict: dict[str, Any] | None) -> None:
    if not verdict:
        return
    for gate in verdict["gates"]:
        render.say(f"  {gate['status']:<12} {gate['gate']}: {gate['why']}")
    render.say(f"verdict  {verdict['status']}")


def _registered(register: dict[str, Any] | None) -> None:
    for at, line in enumerate((register or {}).get("lines", ())):
        render.say(f"{'' if at else 'registry':<8} {line}")


def _drift(monitor: dict[str, Any] | None) -> None:
    if not monitor:
        return
    for line in monitor["lines"]:
        render.say(f"  {line}")
    render.say(f"monitor  {monitor['status']}")


def _checks(checks: dict[str, Any] | None) -> None:
    if not checks:
        return
    for line in checks["lines"]:
        render.say(f"  {line}")
    render.say(f"checks   {checks['status']}")


def _patches(patches: list[dict[str, Any]] | None) -> None:
    """Print what the spec would have to say, for a person to accept or not."""
    for patch in patches or ():
        render.say(f"\npatch    {patch['check']}: {patch['why']}")
        if patch["diff"]:
            render.say(patch["diff"])
    if patches:
        render.say("")


def _accepted(answer: dict[str, Any]) -> None:
    if "accepted" not in answer:
        return
    if answer["diff"]:
        render.say(answer["diff"])
    render.say(f"accepted {', '.join(answer['accepted']) or 'nothing: nothing is proposed'}")


def _choices(blocks: list[dict[str, Any]] | None) -> None:
    """Print what featurize chose, as YAML that can be pinned, each block with its reason."""
    if not blocks:
        return
    from mlpipe.spec.dump import flow

    render.say("featurize:")
    for block in blocks:
        shown = {key: value for key, value in block.items() if key != "reason"}
        render.say(f"  # {block['reason']}")
        render.say(f"  - {flow(shown)}")


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def _open(page: str) -> None:
    import webbrowser
    from pathlib import Path

    if not webbrowser.open(Path(page).resolve().as_uri()):
        render.progress("no browser here; open the page by hand")
