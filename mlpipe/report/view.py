"""What the page shows, out of the document of a run: sorted, placed and drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.alerts import alerts
from mlpipe.report.behaviour import behaved
from mlpipe.report.business import business, feedback
from mlpipe.report.candidates import candidates
from mlpipe.report.champion import champion
from mlpipe.report.checked import checked
from mlpipe.report.effects import effects
from mlpipe.report.estimates import estimates
from mlpipe.report.explained import explained
from mlpipe.report.fairness import fairness
from mlpipe.report.glance import glance
from mlpipe.report.headline import headline
from mlpipe.report.heat import strips
from mlpipe.report.lenient import mapping_of, rows_of
from mlpipe.report.moved import drift_rows
from mlpipe.report.operational import operational
from mlpipe.report.per_class import per_class
from mlpipe.report.served import served
from mlpipe.report.shapes import profile_rows
from mlpipe.report.slices import named_slices, scanned
from mlpipe.report.spans import bounds, span
from mlpipe.report.timeline import timeline
from mlpipe.report.training import training
from mlpipe.report.trials import trials
from mlpipe.report.words import is_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["view"]

_REPORTS = ("ingest", "split", "validate", "featurize", "decide", "current", "monitor")
_DRAWN = ("timeline", "drift", "estimate", "log", "alerts")
"""Parts of the report of monitor that have variables of their own."""

_MOST_QUARANTINED = 50
_WORST_FIRST = {"error": 0, "warn": 1}


def view(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the template; every section is there, if need be empty."""
    reports = {name: mapping_of(document.get(name)) for name in _REPORTS}
    return {
        **reports,
        **_of_run(document),
        **_of_data(reports, rows_of(document.get("quarantine"))),
        **_of_training(document),
        **_of_verdict(mapping_of(document.get("evaluate"))),
        "explain": explained(mapping_of(document.get("explain"))),
        **_of_monitor(reports["monitor"], document),
    }


def _of_run(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": document.get("title") or "run",
        "run": mapping_of(document.get("run")),
        "steps": _steps(rows_of(document.get("steps"))),
        "problems": rows_of(document.get("problems")),
        "spec": document.get("spec") or "",
        "headline": headline(document),
        "retrain": rows_of(document.get("retrain")),
    }


def _of_data(
    reports: Mapping[str, dict[str, Any]], quarantine: list[dict[str, Any]]
) -> dict[str, Any]:
    validate = reports["validate"]
    return {
        "quarantine": quarantine[:_MOST_QUARANTINED],
        "quarantined": len(quarantine),
        "shares": _shares(reports["split"]),
        "checks": _checks(validate),
        "findings": rows_of(validate.get("findings")),
        "profile": profile_rows(validate),
    }


def _of_training(document: Mapping[str, Any]) -> dict[str, Any]:
    train = mapping_of(document.get("train"))
    tried, report = mapping_of(train.get("candidates")), mapping_of(train.get("report"))
    return {
        "train": candidates(tried, report),
        "search": trials(mapping_of(document.get("search"))),
        "training": training(tried, report, mapping_of(document.get("parity"))),
    }


def _of_verdict(evaluate: Mapping[str, Any]) -> dict[str, Any]:
    judged, verdict = mapping_of(evaluate.get("report")), mapping_of(evaluate.get("verdict"))
    return {
        "evaluate": judged,
        "parts": _parts(judged),
        "gates": [_gate(each) for each in rows_of(verdict.get("gates"))],
        "champion": champion(judged),
        "figures": _figures(judged),
        "per_class": per_class(judged),
        "fairness": fairness(judged),
        "slices": named_slices(judged),
        "scan": scanned(judged),
        "behaviour": [_behaviour(each) for each in rows_of(verdict.get("behaviour"))],
        "operational": operational(mapping_of(evaluate.get("operational"))),
        "worth": business(judged),
        "said": feedback(judged),
    }


def _of_monitor(watched: dict[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    drift = drift_rows(watched)
    return {
        "monitor": {k: v for k, v in watched.items() if k not in _DRAWN},
        "alerts": alerts(watched),
        "glance": glance(watched, document.get("model")),
        "timeline": timeline(watched),
        "strips": strips(watched, drift),
        "drift": drift,
        "estimates": estimates(watched),
        "served": served(watched),
        "checked": checked(watched),
        "effects": effects(watched),
    }


def _steps(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add the share of the longest step, for a bar of its time."""
    times = [step["seconds"] for step in steps if is_number(step.get("seconds"))]
    longest = max(times, default=0) or 1
    return [
        {**step, "bar": 100 * seconds / longest}
        if is_number(seconds := step.get("seconds"))
        else step
        for step in steps
    ]


def _parts(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return test before valid, each metric beside the baseline and the champion."""
    found = mapping_of(report.get("parts"))
    judged = mapping_of(mapping_of(report.get("champion")).get("parts"))
    return {
        part: _part(mapping_of(found[part]), mapping_of(judged.get(part)))
        for part in sorted(found, key=_place, reverse=True)
    }


_ORDER = ("train", "valid", "test")


def _part(part: dict[str, Any], champion: dict[str, Any]) -> dict[str, Any]:
    rivals = {row.get("name"): row.get("value") for row in rows_of(champion.get("metrics"))}
    metrics = [_metric(row, rivals.get(row.get("name"))) for row in rows_of(part.get("metrics"))]
    return {**part, "metrics": metrics}


def _metric(row: dict[str, Any], rival: Any) -> dict[str, Any]:
    """Place a metric beside the baseline and, where there is one, the champion."""
    placed = _span(row, [row.get("baseline"), rival])
    if placed and is_number(rival):
        *others, ring = placed["marks"]
        placed = {**placed, "marks": others, "rival": ring}
    return {**row, "champion": rival, "span": placed}


def _span(row: dict[str, Any], marks: Sequence[Any]) -> dict[str, Any] | None:
    return span(row.get("value"), row.get("low"), row.get("high"), marks)


def _gate(gate: dict[str, Any]) -> dict[str, Any]:
    return {**gate, "span": _span(gate, bounds(gate.get("bound")))}


def _behaviour(test: dict[str, Any]) -> dict[str, Any]:
    return {**test, "lines": [behaved(each) for each in rows_of(test.get("examples"))]}


def _figures(report: dict[str, Any]) -> list[dict[str, str]]:
    points = mapping_of(report.get("figures"))
    if not points:
        return []
    from mlpipe.report.figures import figures

    return figures(points, report.get("threshold"))


def _shares(split: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parts of the split with their share of all rows."""
    counts = {name: n for name, n in mapping_of(split.get("rows")).items() if is_number(n) and n}
    total = sum(counts.values()) or 1
    return [
        {"part": part, "rows": counts[part], "share": counts[part] / total}
        for part in sorted(counts, key=_place)
    ]


def _place(part: str) -> int:
    return _ORDER.index(part) if part in _ORDER else len(_ORDER)


def _checks(validate: dict[str, Any]) -> list[dict[str, Any]]:
    """Return failed checks first, errors before warnings."""

    def place(check: dict[str, Any]) -> tuple[bool, int]:
        return check.get("status") == "passed", _WORST_FIRST.get(str(check.get("severity")), 2)

    return sorted(rows_of(validate.get("checks")), key=place)
