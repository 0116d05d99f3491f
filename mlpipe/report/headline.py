"""The verdict in a word and a sentence, for the top of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.glance import alerted
from mlpipe.report.moved import moved
from mlpipe.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["headline"]

_NAMED = 4


def headline(document: Mapping[str, Any]) -> dict[str, str]:
    """Say how the run ended: ``status``, ``word``, ``why``, and ``monitor`` where that ran."""
    found = _stopped(document) or _checks(document) or _verdict(document) or _steps(document)
    status, word, why = found
    return {"status": status, "word": word, "why": why, **_monitor(document)}


def _stopped(document: Mapping[str, Any]) -> tuple[str, str, str] | None:
    problems = document.get("problems")
    if not isinstance(problems, list) or not problems:
        return None
    first = problems[0] if isinstance(problems[0], dict) else {}
    more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
    return "failed", "Stopped", f"{first.get('message', 'a step failed')}{more}"


def _checks(document: Mapping[str, Any]) -> tuple[str, str, str] | None:
    validate = document.get("validate")
    if not isinstance(validate, dict) or validate.get("status") != "failed":
        return None
    failed = [
        str(check.get("message") or check.get("check"))
        for check in validate.get("checks") or []
        if check.get("status") == "failed" and check.get("severity") == "error"
    ]
    failed += [
        str(finding.get("message"))
        for finding in validate.get("findings") or []
        if finding.get("status") == "failed"
    ]
    return "failed", "Data checks failed", _listed(failed, "; ")


def _verdict(document: Mapping[str, Any]) -> tuple[str, str, str] | None:
    verdict = (document.get("evaluate") or {}).get("verdict")
    if not isinstance(verdict, dict):
        return None
    status, behaviour = str(verdict.get("status")), verdict.get("behaviour") or []
    gates = [*(verdict.get("gates") or []), *behaviour]
    if not gates:
        return "evaluated", "Evaluated", "the spec has no gates, so nothing was asked of the model"
    if status == "passed":
        warned = [gate for gate in gates if gate.get("counts_as") == "warn"]
        rest = f"; {len(warned)} of {len(gates)} only warn" if warned else ""
        tests = f", {plural(len(behaviour), 'behaviour test')} among them" if behaviour else ""
        return status, "Passed", f"{plural(len(gates) - len(warned), 'gate')} held{tests}{rest}"
    if status == "failed":
        names = _names(gates, counts_as="fail")
        return status, "Failed", f"{_listed(names, ', ')} did not hold" if names else ""
    names = _names(gates, status="inconclusive")
    return status, status.capitalize(), f"the interval holds the bound of {_listed(names, ', ')}"


def _steps(document: Mapping[str, Any]) -> tuple[str, str, str]:
    steps = [step for step in document.get("steps") or [] if isinstance(step, dict)]
    failed = [step for step in steps if step.get("status") == "failed"]
    if failed:
        return "failed", "Stopped", f"{failed[0].get('step')}: {failed[0].get('why', '')}"
    done = [str(step.get("step")) for step in steps]
    return (
        "done",
        "Done",
        f"up to {done[-1]}; no model was judged" if done else "no model was judged",
    )


def _monitor(document: Mapping[str, Any]) -> dict[str, str]:
    report = document.get("monitor")
    if not isinstance(report, dict) or not report.get("status"):
        return {}
    names = moved(report)
    what = _listed(names, ", ") + " moved" if names else "no column moved"
    fell = [
        key
        for key in ("quality", "business", "fairness", "estimate", "decay")
        if _bad(report.get(key))
    ]
    what += f"; see {' and '.join(fell)}" if fell else ""
    return {"monitor": _loud(report), "monitor_why": what}


def _loud(report: Mapping[str, Any]) -> str:
    """Return the status of monitor, ok where all that is bad is silenced."""
    alerts = alerted(report)
    loud = [each["status"] for each in alerts if not each["silenced"]]
    worst = next((status for status in ("alert", "warn") if status in loud), "")
    return worst or ("ok" if alerts else str(report["status"]))


def _bad(part: Any) -> bool:
    return isinstance(part, dict) and part.get("status") in ("alert", "warn")


def _listed(names: list[str], between: str) -> str:
    more = f"{between}and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return between.join(names[:_NAMED]) + more


def _names(gates: list[dict[str, Any]], **wanted: str) -> list[str]:
    return [
        str(gate.get("gate") or gate.get("metric"))
        for gate in gates
        if all(gate.get(key) == value for key, value in wanted.items())
    ]
