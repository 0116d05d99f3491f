"""Operational metrics of a run: measured on this machine, judged, kept with the run alone.

Nothing of it is in an artifact or a key. A command whose gates name one measures again each time.
"""

import json
import os
import platform
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from mlpipe.errors import ComputeError, MlpipeError, Problem, StoreError
from mlpipe.evaluate.gates import judge_measured, verdict
from mlpipe.metrics.estimate import Estimate
from mlpipe.metrics.operational import OPERATIONAL, Measurements, estimates
from mlpipe.run.formats import read_json
from mlpipe.run.named import trusted
from mlpipe.run.operational.process import NotMeasuredError, answered
from mlpipe.run.record import is_news
from mlpipe.run.result import Done

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlpipe.evaluate.timing import Timing
    from mlpipe.predict.timing import Asked
    from mlpipe.run.engine import Outcome, Watch
    from mlpipe.run.record import Work

__all__ = ["measure"]


def measure(work: "Work", outcome: "Outcome", watch: "Watch") -> None:
    """Measure the model where the spec asks for it, and judge the gates that name such a metric.

    The outcome gets what was measured and the verdict over all gates; it gets an error where a
    gate asks for what could not be measured.
    """
    spec = work.loaded.pipeline.evaluate
    judged = any(step.name == "evaluate" for step in work.steps)
    if spec.timing is None or outcome.error or not judged or "evaluate" not in outcome.artifacts:
        return
    known = {} if spec.operational_gates else _known(work, outcome, spec.timing)
    outcome.measured_anew = not known
    outcome.operational = known or _told(work, outcome, spec.timing, watch)
    if spec.operational_gates:
        _judge(work, outcome)


def _known(work: "Work", outcome: "Outcome", timing: "Timing") -> dict[str, Any]:
    """Return what the latest run says, where it is of the same model and was asked the same."""
    if is_news(work, outcome):
        return {}
    try:
        found = work.store.read_run(work.name).get("operational") or {}
    except StoreError:
        return {}
    return found if found.get("asked") == timing.model_dump() and not found["why"] else {}


def _told(work: "Work", outcome: "Outcome", timing: "Timing", watch: "Watch") -> dict[str, Any]:
    watch.begins("measure", "on this machine, in processes of its own")
    began, why = time.perf_counter(), ""
    found: Mapping[str, Estimate] = {}
    try:
        found = estimates(_measured(work, outcome, timing))
    except NotMeasuredError as error:
        why = str(error)
    except MlpipeError as error:
        why = error.problems[0].message
    seconds = round(time.perf_counter() - began, 3)
    status = "failed" if why else "computed"
    watch.ends(Done("measure", status, why, seconds, summary=_words(found)))
    return {
        "asked": timing.model_dump(),
        "machine": _machine(),
        "metrics": [_shown(name, each) for name, each in found.items()],
        "why": why,
    }


def _shown(name: str, found: Estimate) -> dict[str, Any]:
    about = OPERATIONAL[name]
    return {
        "name": name,
        "unit": about.unit,
        "description": about.description,
        **found.told(),
    }


def _words(found: "Mapping[str, Estimate]") -> str:
    if not found:
        return ""
    one, many = found["latency_p50_ms"].value or 0.0, found["rows_per_second"].value or 0.0
    return f"one row {one:.3g} ms, {many:,.0f} rows/s"


def _machine() -> dict[str, Any]:
    """Return what makes figures of speed comparable, or not."""
    affinity = getattr(os, "sched_getaffinity", None)
    return {
        "cpus": len(affinity(0)) if affinity else os.cpu_count(),
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "architecture": platform.machine(),
    }


def _measured(work: "Work", outcome: "Outcome", timing: "Timing") -> Measurements:
    from mlpipe.run.operational.rows import write_rows

    bundle = outcome.artifacts["bundle"].path
    until = time.monotonic() + timing.timeout
    with TemporaryDirectory() as scratch:
        rows = Path(scratch) / "rows.parquet"
        write_rows(rows, outcome.artifacts, work.loaded.pipeline, timing.rows)
        asked: Asked = {
            "bundle": str(bundle.resolve()),
            "rows": str(rows),
            "trust": list(trusted(work.loaded.pipeline)),
            "batch": timing.batch,
            "repetitions": timing.repetitions,
            "batches": timing.batches,
            "warm_up": timing.warm_up,
        }
        first = answered(asked, until, timing.timeout)
        once: Asked = {**asked, "repetitions": 0, "batches": 0}
        others = [answered(once, until, timing.timeout) for _ in range(timing.starts - 1)]
    return Measurements(
        one_row=first["one_row"],
        batch=first["batch"],
        batch_rows=timing.batch,
        starts=[each["start"] for each in (first, *others)],
        peak_memory=first["peak_memory"],
        model=sum(file.stat().st_size for file in _files(bundle)),
    )


def _files(bundle: Path) -> list[Path]:
    """Return the files of the model, without what the store keeps beside them."""
    named = json.loads((bundle / "bundle.json").read_bytes())["files"]
    return [bundle / "bundle.json", *(bundle / name for name in named)]


def _judge(work: "Work", outcome: "Outcome") -> None:
    """Put the gates on what was measured beside those of the artifact: one verdict over all."""
    gates = work.loaded.pipeline.evaluate.operational_gates
    why = outcome.operational["why"]
    fields = ("value", "low", "high", "method", "why")
    found = {
        each["name"]: Estimate(**{field: each[field] for field in fields})
        for each in outcome.operational["metrics"]
    }
    missing = Estimate(None, why=f"not measured: {why}")
    findings = [judge_measured(gate, found.get(gate.metric, missing)) for gate in gates]
    before = read_json(outcome.artifacts["evaluate"], "verdict")
    outcome.verdict = {
        **before,
        **verdict([*before["gates"], *findings], before.get("behaviour", ())),
    }
    asking = next((gate for gate in gates if gate.severity == "error"), None)
    if why and asking is not None:
        spec = work.loaded.pipeline.evaluate
        key = f"evaluate.gates.{spec.gates.index(asking)}.metric"
        what = f"{asking.metric} could not be measured: {why}"
        hint = "evaluate: {operational: {…}} says how it is measured"
        outcome.error = ComputeError(Problem(what, key=key, hint=hint))
