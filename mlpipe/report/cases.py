"""The verdicts of a command as a flat list: a suite a step, a case a check, gate or column."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mlpipe.report.behaviour import behaved
from mlpipe.report.words import number, text, titled, where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Case", "Suite", "suites", "verdict_of"]


@dataclass(frozen=True)
class Case:
    """One thing that was asked; ``status`` is passed, warned, failed, error or skipped."""

    name: str
    group: str
    status: str
    message: str = ""
    expected: str = ""
    failing: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suite:
    """The cases of one step, and the seconds that all of them took together."""

    name: str
    seconds: float
    cases: tuple[Case, ...] = field(default=())


def suites(document: Mapping[str, Any]) -> list[Suite]:
    """Return the suites of the steps that have a verdict, and of the one that failed.

    Parameters
    ----------
    document : mapping
        ``steps`` and ``problems`` as in the ``--json`` document; the reports of ``validate``,
        ``evaluate`` (its verdict) and ``monitor``, each where the step ran.
    """
    found = []
    for step in document.get("steps") or []:
        name = str(step.get("step"))
        report = document.get(name)
        cases: tuple[Case, ...] = ()
        if step.get("status") == "failed":
            cases = tuple(_problems(name, document))
        elif name in _CASES and isinstance(report, dict):
            cases = tuple(_CASES[name](report))
        if cases:
            found.append(Suite(name, float(step.get("seconds") or 0.0), _told_apart(cases)))
    return found


def verdict_of(found: list[Suite]) -> str:
    """Return error, failed, warned or passed: the worst of all cases."""
    there = {case.status for suite in found for case in suite.cases}
    return next((word for word in ("error", "failed", "warned") if word in there), "passed")


def _told_apart(cases: tuple[Case, ...]) -> tuple[Case, ...]:
    """Give cases that are called the same a number: CI servers keep one of a name only."""
    counts: Counter[tuple[str, str]] = Counter()
    found = []
    for case in cases:
        counts[case.group, case.name] += 1
        nth = counts[case.group, case.name]
        found.append(case if nth == 1 else replace(case, name=f"{case.name} ({nth})"))
    return tuple(found)


def _problems(step: str, document: Mapping[str, Any]) -> Iterator[Case]:
    for problem in document.get("problems") or [{}]:
        head = " ".join(str(problem.get(part) or "") for part in ("place", "key")).strip()
        said = str(problem.get("message") or f"{step} failed")
        hint = f"hint: {problem['hint']}" if problem.get("hint") else ""
        yield Case(head or step, step, "error", said, examples=tuple(filter(None, [hint])))


def _checks(report: Mapping[str, Any]) -> Iterator[Case]:
    for check in report.get("checks") or []:
        source = f"{check['source']}: " if check.get("source") else ""
        column = check.get("column")
        name = f"{source}{column}: {check['check']}" if column else f"{source}{check['check']}"
        asked = text(check.get("expected"))
        share = f" ({check['share']:.3%})" if check.get("failing") else ""
        yield Case(
            f"{name} {asked}" if check.get("expected") not in (None, True, False) else name,
            str(column or "table"),
            str(check.get("status")),
            str(check.get("message") or ""),
            asked,
            f"{text(check.get('failing'))}{share}",
            tuple(where(each) for each in check.get("examples") or []),
        )


def _gates(verdict: Mapping[str, Any]) -> Iterator[Case]:
    words = {"pass": "passed", "fail": "failed", "warn": "warned"}
    for gate in verdict.get("gates") or []:
        status = words.get(str(gate.get("counts_as")), "warned")
        yield Case(
            titled(gate),
            "gates",
            status,
            _found(gate),
            text(gate.get("bound")),
        )


def _found(gate: Mapping[str, Any]) -> str:
    """Say what was measured, and what that means."""
    value = gate.get("value")
    return (
        f"{number(value)}; {gate.get('why') or ''}"
        if value is not None
        else str(gate.get("why") or "")
    )


def _evaluated(verdict: Mapping[str, Any]) -> Iterator[Case]:
    yield from _gates(verdict)
    yield from _behaviour(verdict)


def _behaviour(verdict: Mapping[str, Any]) -> Iterator[Case]:
    words = {"pass": "passed", "fail": "failed", "warn": "warned"}
    for test in verdict.get("behaviour") or []:
        note = f"; {test['note']}" if test.get("note") else ""
        yield Case(
            str(test.get("gate")),
            "behaviour",
            words.get(str(test.get("counts_as")), "warned"),
            f"{test.get('test')}: {test.get('why')}{note}",
            text(test.get("bound")),
            text(test.get("failing")),
            tuple(behaved(each) for each in test.get("examples") or []),
        )


def _monitored(report: Mapping[str, Any]) -> Iterator[Case]:
    """Yield a case a measure: what is silenced, or cannot be judged, is skipped with its reason."""
    told = {each["what"]: each for each in report.get("alerts") or []}
    alert = "failed" if report.get("exit") == "fail" else "warned"
    for what, status in (report.get("measures") or {}).items():
        group = what.partition(".")[0]
        each = told.get(what)
        if each is None:
            insufficient = status == "insufficient"
            yield Case(what, group, "skipped" if insufficient else "passed", _unjudged(status))
        elif each.get("silenced"):
            why = f"silenced until {each['silenced']['until']}: {each['silenced']['reason']}"
            yield Case(what, group, "skipped", f"{why}; {each['words']}")
        else:
            word = alert if each["status"] == "alert" else "warned"
            since = f", since {each['since']}" if each.get("since") else ""
            rows = tuple(text(row) for row in each.get("rows") or [])
            yield Case(what, group, word, f"{each['words']}{since}", examples=rows)


def _unjudged(status: str) -> str:
    return "too little to judge" if status == "insufficient" else ""


_CASES: dict[str, Callable[[Mapping[str, Any]], Iterator[Case]]] = {
    "validate": _checks,
    "evaluate": _evaluated,
    "monitor": _monitored,
}
