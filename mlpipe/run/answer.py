"""From the artifacts of a command to what the terminal says: metrics, verdict, what is next."""

import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.alerts.listed import worst_of
from mlpipe.monitor.names import LABELS
from mlpipe.report.estimates import estimate_lines
from mlpipe.report.moved import distance_lines
from mlpipe.run.formats import read_json
from mlpipe.run.groups import group_lines
from mlpipe.run.words import uses_words

if TYPE_CHECKING:
    from mlpipe.pipeline import Pipeline
    from mlpipe.run.engine import Outcome
    from mlpipe.run.request import Request
    from mlpipe.run.store import Artifact

__all__ = ["answer", "monitor_answer", "next_command", "read_parity", "warnings"]

Artifacts = Mapping[str, "Artifact"]
SHOWN_ALERTS = 10
PERFECT = ("roc_auc", "accuracy", "f1_macro", "r2")
TOO_GOOD = 0.999
_TOLD = ("ingest", "validate", "featurize", "train", "evaluate", "explain", "current", "monitor")
"""The steps whose reports have warnings."""


def answer(artifacts: Artifacts, opened: int) -> dict[str, Any]:
    """Return what a person wants to know first, out of whatever has been made.

    Parameters
    ----------
    artifacts : mapping
        The artifact of each step that ran.
    opened : int
        How often the test part has been looked at.
    """
    found: dict[str, Any] = {}
    if "validate" in artifacts and "evaluate" not in artifacts:
        found["validate"] = _checks(read_json(artifacts["validate"], "report"))
    if "featurize" in artifacts and "train" not in artifacts:
        found["featurize"] = read_json(artifacts["featurize"], "report")["pinned"]
    if "evaluate" in artifacts:
        found["metrics"] = _metrics(artifacts, opened)
        found["groups"] = group_lines(read_json(artifacts["evaluate"], "report"))
        found["verdict"] = read_json(artifacts["evaluate"], "verdict")
        found |= _business(read_json(artifacts["evaluate"], "report"))
    if "explain" in artifacts:
        found["uses"] = uses_words(read_json(artifacts["explain"], "report"))
    return found


def warnings(artifacts: Artifacts) -> Iterator[str]:
    """Yield what went through but deserves a look, each with the step that said it."""
    yield from _too_good(artifacts)
    yield from _undefined(artifacts)
    yield from _of_decision(artifacts)
    yield from _without_onnx(artifacts)
    for step in _TOLD:
        if step not in artifacts:
            continue
        report = read_json(artifacts[step], "report")
        yield from (f"{step}: {line}" for line in report.get("warnings", []))
        if step == "validate":
            yield from (
                f"{step}: {check['message']}"
                for check in report["checks"]
                if check["status"] == "warned"
            )
            yield from (
                f"{step}: {finding['message']}"
                for finding in report.get("findings", [])
                if finding["status"] == "warned"
            )


def _undefined(artifacts: Artifacts) -> Iterator[str]:
    """Yield why a metric has no value."""
    if "evaluate" not in artifacts:
        return
    for part, found in read_json(artifacts["evaluate"], "report")["parts"].items():
        for row in found["metrics"] if found else ():
            if row["value"] is None:
                yield f"evaluate: {row['name']} is not defined on {part}: {row['why']}"


def _too_good(artifacts: Artifacts) -> Iterator[str]:
    """Yield a doubt where the model is all but perfect: mostly it knows what it should not."""
    if "evaluate" not in artifacts:
        return
    parts = read_json(artifacts["evaluate"], "report")["parts"]
    for row in (parts.get("test") or parts["valid"])["metrics"]:
        if row["name"] in PERFECT and (row["value"] or 0) > TOO_GOOD:
            yield (
                f"evaluate: {row['name']} {row['value']:.4f} is too good to be true; look for a "
                "column that is a copy of the target or known only afterwards"
            )


def _of_decision(artifacts: Artifacts) -> Iterator[str]:
    """Yield what is odd about the threshold."""
    note = read_json(artifacts["bundle"], "decision").get("note") if "bundle" in artifacts else None
    if note:
        yield f"bundle: {note}"


def _without_onnx(artifacts: Artifacts) -> Iterator[str]:
    """Yield why an ONNX graph that was asked for is not in the bundle."""
    parity = read_parity(artifacts)
    if parity is not None and not parity["kept"]:
        yield f"bundle: the model is not kept as ONNX: {parity['why']}"


def read_parity(artifacts: Artifacts) -> dict[str, Any] | None:
    """Return how the ONNX graph compares with the model; None where it was not asked for."""
    bundle = artifacts.get("bundle")
    if bundle is None or not (bundle.path / "parity.json").exists():
        return None
    found: dict[str, Any] = read_json(bundle, "parity")
    return found


def next_command(
    request: "Request", outcome: "Outcome", pipeline: "Pipeline", *, failed: bool
) -> str:
    """Return the command to type next."""
    spec = " ".join([shlex.quote(request.spec), *request.options])
    runs = [f"--runs-dir {shlex.quote(request.runs_dir)}"] if request.runs_dir != "runs" else []
    if outcome.error is not None:
        return f"mlpipe check {spec}" if outcome.error.exit_code == 2 else ""
    if outcome.stopped_by == "validate":
        return f"mlpipe validate {spec} --rows failing"
    if request.verb in ("run", "evaluate") and not failed:
        rows = "--source NAME=PATH" if pipeline.ingest.sql else "--input FILE"
        return " ".join(
            [f"mlpipe predict --model {pipeline.name} {rows} -o predictions.csv", *runs]
        )
    order = ["ingest", "validate", "featurize", "train", "evaluate"]
    if request.verb == "validate" and failed:
        return f"mlpipe validate {spec} --rows failing"
    if request.verb in order[:-1]:
        return f"mlpipe {order[order.index(request.verb) + 1]} {spec}"
    return " ".join([f"mlpipe runs show {pipeline.name}", *runs])


def _metrics(artifacts: Artifacts, opened: int) -> dict[str, Any]:
    report = read_json(artifacts["evaluate"], "report")
    part = "test" if report["parts"].get("test") else "valid"
    rows = report["parts"][part]["metrics"]
    names = ("name", "value", "low", "high", "baseline", "greater_is_better")
    rival = report.get("champion") or {}
    theirs = {
        each["name"]: each for each in rival.get("parts", {}).get(part, {}).get("metrics", ())
    }
    model = read_json(artifacts["train"], "report")["chosen"] if "train" in artifacts else "model"
    return {
        "model": model,
        "part": part,
        "count": report["parts"][part]["rows"],
        "opened": opened,
        "baseline": f"naive ({report['baseline'].get('kind', 'baseline')})",
        "champion": rival.get("words", "") if theirs else "",
        "rows": [
            {**{name: row.get(name) for name in names}, **_beside(theirs.get(row["name"]))}
            for row in rows
        ],
    }


def _beside(champion: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the champion's value, and by how much the model is better, for a line of metrics."""
    if champion is None:
        return {}
    difference = {end: champion["difference"][end] for end in ("value", "low", "high")}
    return {"champion": champion["value"], "difference": difference}


def _business(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the model is worth, in words and in figures; nothing where nobody asked."""
    from mlpipe.report.business import business_lines

    money = ("name", "part", "currency", "total", "per_1000", "uplift_per_1000",
             "over_champion_per_1000")  # fmt: skip
    said = ("name", "part", "kind", "value", "low", "high", "customers", "answered")
    entries = [{key: each.get(key) for key in money} for each in report.get("business", [])]
    answers = [{key: each.get(key) for key in said} for each in report.get("feedback", [])]
    if not entries and not answers:
        return {}
    lines = business_lines(report)
    return {"business": {"lines": lines, "money": entries, "feedback": answers}}


def _checks(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return what failed and what warned, the failed first, each with its examples."""
    told = sorted(
        (check for check in report["checks"] if check["status"] != "passed"),
        key=lambda check: check["status"] == "warned",
    )
    lines = [line for check in told for line in _check(check)]
    for finding in report.get("findings", []):
        lines.append(f"{finding['status']:<8} {finding['message']}")
        lines.append(f"{'':<8} → {finding['advice']}")
    return {"status": report["status"], "lines": lines}


def _check(check: Mapping[str, Any]) -> Iterator[str]:
    from mlpipe.report.words import where

    asked = f" [{check['key']}]" if check["key"] else ""
    yield f"{check['status']:<8} {check['message']}{asked}"
    yield from (f"         {where(each)}" for each in check["examples"])


def monitor_answer(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the terminal says of a report of monitor: its alerts, estimates and notes.

    Parameters
    ----------
    report : mapping
        With ``alerts`` and ``measures``, the host's among them where it was measured.
    """
    alerts, host = report["alerts"], report.get("host") or {}
    lines = [_alert(each) for each in alerts[:SHOWN_ALERTS]]
    if len(alerts) > SHOWN_ALERTS:
        lines.append(f"and {len(alerts) - SHOWN_ALERTS} more; the page has them all")
    beside = [report.get(part, {}).get("notes", []) for part in ("quality", "log")]
    notes = dict.fromkeys([*report.get("notes", []), *(note for each in beside for note in each)])
    calm = [each for each in host.get("measures", []) if each["status"] == "ok"]
    labels = (report.get("data") or {}).get("labels")
    told = any(each["what"] == LABELS for each in alerts)  # in the words of the alert
    lines += [f"labels   {labels}"] if labels and not told else []
    lines += [*estimate_lines(report), *(f"ok       {each['words']}" for each in calm), *notes]
    return {
        "status": report["status"],
        "loud": worst_of(report),
        "exit": report["exit"],
        "alerts": alerts,
        "measures": report["measures"],
        "lines": lines,
        "distances": distance_lines(report),
        "history": _history(report.get("history") or {}),
    }


def _alert(alert: Mapping[str, Any]) -> str:
    since = f", since {alert['since']}" if alert["since"] else ""
    rows = f": {', '.join(alert['rows'])}" if alert.get("rows") else ""
    if not alert["silenced"]:
        return f"{alert['status']:<8} {alert['words']}{rows}{since}"
    why = f"until {alert['silenced']['until']}: {alert['silenced']['reason']}"
    return f"silenced {alert['words']}{rows} ({alert['status']}{since}; {why})"


def _history(found: Mapping[str, Any]) -> str:
    """Return ``14 chunks since 2026-06-01, 1 new``; empty where nothing has a place in time."""
    if not found.get("chunks"):
        return ""
    many = "chunk" if found["chunks"] == 1 else "chunks"
    return f"{found['chunks']} {many} since {found['since'][:10]}, {found['new']} new"
