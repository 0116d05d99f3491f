"""From the artifacts of a command to what the terminal says: metrics, verdict, what is next."""

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlpipe.pipeline import Pipeline
    from mlpipe.run.engine import Outcome
    from mlpipe.run.request import Request
    from mlpipe.run.store import Artifact

__all__ = ["answer", "next_command", "warnings"]

Artifacts = Mapping[str, "Artifact"]
SHOWN_DRIFT = 8


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
        found["validate"] = _checks(_read(artifacts, "validate", "report"))
    if "evaluate" in artifacts:
        found["metrics"] = _metrics(artifacts, opened)
        found["verdict"] = _read(artifacts, "evaluate", "verdict")
    if "monitor" in artifacts:
        found["monitor"] = _monitor(_read(artifacts, "monitor", "report"))
    return found


def warnings(artifacts: Artifacts) -> Iterator[str]:
    """Yield what went through but deserves a look, each with the step that said it."""
    for step in ("ingest", "validate", "featurize", "train", "evaluate", "current", "monitor"):
        if step not in artifacts:
            continue
        report = _read(artifacts, step, "report")
        yield from (f"{step}: {line}" for line in report.get("warnings", []))
        if step == "validate":
            yield from (
                f"{step}: {check['message']}"
                for check in report["checks"]
                if check["status"] == "warned"
            )


def next_command(
    request: "Request", outcome: "Outcome", pipeline: "Pipeline", *, failed: bool
) -> str:
    """Return the command to type next."""
    spec = shlex.quote(request.spec)
    if outcome.error is not None:
        return f"mlpipe check {spec}" if outcome.error.exit_code == 2 else ""
    if outcome.stopped_by == "validate":
        return f"mlpipe validate {spec} -v"
    if request.verb in ("run", "evaluate") and not failed:
        return f"mlpipe predict --model {pipeline.name} --input FILE -o predictions.csv"
    order = ["ingest", "validate", "featurize", "train", "evaluate"]
    if request.verb in order[:-1]:
        return f"mlpipe {order[order.index(request.verb) + 1]} {spec}"
    return f"mlpipe runs show {pipeline.name}"


def _metrics(artifacts: Artifacts, opened: int) -> dict[str, Any]:
    report = _read(artifacts, "evaluate", "report")
    part = "test" if report["parts"].get("test") else "valid"
    rows = report["parts"][part]["metrics"]
    names = ("name", "value", "low", "high", "baseline")
    model = _read(artifacts, "train", "report")["chosen"] if "train" in artifacts else "model"
    return {
        "model": model,
        "part": part,
        "count": report["parts"][part]["rows"],
        "opened": opened,
        "baseline": f"naive ({report['baseline'].get('kind', 'baseline')})",
        "rows": [{name: row.get(name) for name in names} for row in rows],
    }


def _checks(report: Mapping[str, Any]) -> dict[str, Any]:
    lines = [
        f"{check['status']:<8} {check['message']}"
        for check in report["checks"]
        if check["status"] != "passed"
    ]
    return {"status": report["status"], "lines": lines}


def _monitor(report: Mapping[str, Any]) -> dict[str, Any]:
    moved = [row for row in report["drift"] if row["status"] in ("alert", "warn")]
    lines = [
        f"{row['status']:<8} {row['column']}: {row.get('words') or row.get('direction', '')}"
        for row in moved[:SHOWN_DRIFT]
    ]
    if len(moved) > SHOWN_DRIFT:
        lines.append(f"and {len(moved) - SHOWN_DRIFT} more; the page has them all")
    return {"status": report["status"], "lines": [*lines, *report.get("notes", [])]}


def _read(artifacts: Artifacts, step: str, name: str) -> Any:
    return json.loads((artifacts[step].path / f"{name}.json").read_bytes())
