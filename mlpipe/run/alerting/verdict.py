"""The report of monitor as the command has it: with the host, which no artifact knows."""

from typing import TYPE_CHECKING, Any

from mlpipe.monitor.alerts.host import host
from mlpipe.monitor.alerts.listed import with_host
from mlpipe.run.alerting.retrain import is_due, retraining
from mlpipe.run.answer import monitor_answer
from mlpipe.run.champion import Champions
from mlpipe.run.formats import read_json
from mlpipe.run.registering import folder_of

if TYPE_CHECKING:
    from mlpipe.run.engine import Outcome
    from mlpipe.run.record import Work

__all__ = ["alerted", "measured_host", "monitored"]


def measured_host(work: "Work") -> dict[str, Any]:
    """Measure and judge this machine where the spec asks for it; else return nothing."""
    spec = work.loaded.pipeline.monitor
    if spec is None or spec.host is None or all(step.name != "monitor" for step in work.steps):
        return {}
    from mlpipe.run.alerting.host import figures

    return host(figures(work.store.root), spec.host)


def monitored(work: "Work", outcome: "Outcome") -> dict[str, Any] | None:
    """Return the report of monitor with what was measured of the host; None without one."""
    spec = work.loaded.pipeline.monitor
    if spec is None or "monitor" not in outcome.artifacts:
        return None
    report: dict[str, Any] = read_json(outcome.artifacts["monitor"], "report")
    return with_host(report, outcome.host, spec) if outcome.host else report


def alerted(work: "Work", outcome: "Outcome") -> dict[str, Any]:
    """Return what of the report the answer holds, and the commands that retrain where it is due."""
    report = monitored(work, outcome)
    if report is None:
        return {}
    found: dict[str, Any] = {"monitor": monitor_answer(report)}
    if is_due(report):
        pipeline = work.loaded.pipeline
        champions = Champions(folder_of(work.request, pipeline), work.name)
        found["retrain"] = retraining(
            work.request,
            pipeline,
            has_champion=champions.now() is not None,
            model=work.model_name,
        )
    return found
