"""The answers of the verbs that execute: metrics, verdict, drift, where the page is."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlpipe.cli import render, watched
from mlpipe.cli.trials import search as _search

if TYPE_CHECKING:
    from mlpipe.run.plan import Planned
    from mlpipe.run.result import Result

__all__ = ["in_browser", "plan", "result", "tracking", "words"]

NAME = 240
"""Letters of the name of a gate or a test that are shown here."""
SHOWN_ROWS = 3
"""Rows of a behaviour test that are shown here; the page has more."""


def result(
    found: "Result",
    *,
    json: bool,
    strict: bool,
    exit_zero: bool,
    open_page: bool,
    verbose: bool = False,
) -> int:
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
    verbose : bool
        Whether to print what is there for those who know it.
    """
    code = found.exit_code
    if (
        code == 0
        and strict
        and (found.warnings or _gate_warns(found) or watched.warns(found.answer.get("monitor")))
    ):
        code = 1
    if code == 1 and exit_zero:
        code = 0
    if json:
        render.json_document(replace(found, exit_code=code).to_json())
    else:
        words(found, verbose=verbose)
    if open_page and found.page:
        in_browser(found.page)
    return code


def _gate_warns(found: "Result") -> bool:
    """Whether a gate only warns: an inconclusive one does, unless it says otherwise."""
    gates = (found.answer.get("verdict") or {}).get("gates", ())
    return any(gate["counts_as"] == "warn" for gate in gates)


def plan(steps: "list[Planned]", *, json: bool) -> int:
    """Print a plan; always exit code 0."""
    if json:
        render.json_document([vars(step) for step in steps])
        return 0
    for step in steps:
        mark, _ = render.MARKS[step.status]
        render.say(f"{mark} {step.step:<10} {step.status:<9} {step.why}")
    return 0


def words(found: "Result", *, verbose: bool = False) -> None:
    """Print the answer of a result: what was measured, the verdict, what to do next."""
    told = "validate: " if found.answer.get("validate") else ""
    for line in found.warnings:
        if not told or not line.startswith(told):  # the answer itself says these
            render.progress(f"warning: {render.line(line)}")
    if found.answer.get("model"):
        render.say(f"model    {found.answer['model']}")
    _search(found.answer.get("search"))
    _metrics(found.answer.get("metrics"))
    _operational(found.answer.get("operational"))
    _business(found.answer.get("business"))
    _groups(found.answer.get("groups"))
    _uses(found.answer.get("uses"))
    _gates(found.answer.get("verdict"))
    _champion(found.answer.get("champion"))
    _registered(found.answer.get("register"))
    watched.report(found.answer.get("monitor"), verbose=verbose)
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
    _last(found)


def _last(found: "Result") -> None:
    """Print who was told, and what to type next."""
    for line in found.answer.get("delivered", ()):
        render.say(f"told     {render.line(line)}")
    if found.next:
        render.say(f"next     {found.next}")
    watched.retrain(found.answer.get("retrain"))


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
    rival = metrics.get("champion")
    rows = [
        [
            row["name"],
            _number(row["value"]),
            _interval(row),
            _number(row["baseline"]),
            *(_beside(row) if rival else ()),
        ]
        for row in metrics["rows"]
    ]
    heads = ["metric", "value", "95 % interval", metrics["baseline"]]
    looked = f"{metrics['count']:,} rows, opened {_times(metrics['opened'])}"
    title = f"{metrics['model']} on {metrics['part']} ({looked})"
    render.table([*heads, *(("champion", "better by") if rival else ())], rows, title=title)


def _interval(ends: dict[str, Any]) -> str:
    if ends["low"] is None or ends["high"] is None:
        return "–"
    return f"{_number(ends['low'])} – {_number(ends['high'])}"


def _beside(row: dict[str, Any]) -> tuple[str, str]:
    """Write the champion's value, and the interval of how much better the model is."""
    return _number(row.get("champion")), _interval(
        row["difference"]
    ) if "difference" in row else "–"


def _operational(measured: dict[str, Any] | None) -> None:
    """Print what was measured on this machine: a row for what has a value."""
    rows = [
        [row["name"], _number(row["value"]), _reach(row)]
        for row in (measured or {}).get("metrics", ())
        if row["value"] is not None
    ]
    if measured and rows:
        machine = measured["machine"]
        title = f"measured here ({machine['cpus']} CPUs, Python {machine['python']})"
        render.say(f"{title}\n")
        render.table(["operational", "value", "95 % interval"], rows)


def _reach(row: dict[str, Any]) -> str:
    """Return the interval, where there is more to it than the value."""
    if row["low"] is None or row["low"] == row["high"]:
        return "–"
    return f"{_number(row['low'])} – {_number(row['high'])}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _groups(lines: list[str] | None) -> None:
    for line in lines or ():
        render.say(render.line(line))


def _uses(columns: str | None) -> None:
    if columns:
        render.say(f"uses     {render.line(columns)}")


def _business(worth: dict[str, Any] | None) -> None:
    for at, line in enumerate(worth["lines"] if worth else ()):
        render.say(f"{'' if at else 'worth':<8} {render.line(line)}")


def _gates(verdict: dict[str, Any] | None) -> None:
    if not verdict:
        return
    from mlpipe.report.words import titled

    for gate in verdict["gates"]:
        name = render.line(titled(gate), NAME)
        render.say(f"  {gate['status']:<12} {name}: {render.line(gate['why'])}")
    for test in verdict.get("behaviour", ()):
        _behaviour(test)
    render.say(f"verdict  {verdict['status']}")


def _champion(champion: dict[str, Any] | None) -> None:
    if champion:
        render.say(f"champion {champion['words']}")


def _behaviour(test: dict[str, Any]) -> None:
    """Print a behaviour test: how many rows pass, and of one that does not the worst rows."""
    from mlpipe.report.behaviour import behaved

    note = f" ({test['note']})" if test["note"] else ""
    name = render.line(test["gate"], NAME)
    render.say(f"  {test['status']:<12} {name}: {render.line(test['why'])}{render.line(note)}")
    if test["status"] != "pass":
        for example in test["examples"][:SHOWN_ROWS]:
            render.say(f"  {'':<12}   {render.line(behaved(example))}")


def _registered(register: dict[str, Any] | None) -> None:
    for at, line in enumerate((register or {}).get("lines", ())):
        render.say(f"{'' if at else 'registry':<8} {line}")


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


def in_browser(page: str) -> None:
    """Open a page in a browser, where there is one."""
    import webbrowser
    from pathlib import Path

    if not webbrowser.open(Path(page).resolve().as_uri()):
        render.progress("no browser here; open the page by hand")
