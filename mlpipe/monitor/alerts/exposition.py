"""A report of monitor as Prometheus reads it: the text format 0.0.4, for a textfile collector."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.alerts.listed import worst_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["FAMILIES", "OURS", "exposition"]

OURS = "# mlpipe: written anew by each `mlpipe monitor`"
"""The first line; a file that begins otherwise is not ours."""

FAMILIES = {
    "mlpipe_monitor_status": "1 for the status of the last report: ok, warn, alert, insufficient.",
    "mlpipe_monitor_rows": "Current rows of the last report.",
    "mlpipe_monitor_last_run_timestamp_seconds": "When it was made, in seconds since 1970.",
    "mlpipe_alerts": "Measures that warn or alert and are not silenced, by status.",
    "mlpipe_alerts_silenced": "Measures that warn or alert and are silenced.",
    "mlpipe_measure_status": "0 ok, 1 warn, 2 alert, by measure; insufficient ones are left out.",
    "mlpipe_drift_effect": "Effect (Cohen's w) of the drift of a column.",
    "mlpipe_quality": "A metric of the latest chunk: realised, or estimated without labels.",
    "mlpipe_latency_seconds": "Latency of requests in the latest chunk of the prediction log.",
    "mlpipe_error_ratio": "Share of failed requests in the latest chunk of the prediction log.",
    "mlpipe_requests": "Requests in the latest chunk of the prediction log.",
    "mlpipe_host_memory_used_ratio": "Share of the memory of this machine in use.",
    "mlpipe_host_disk_used_ratio": "Share of the disk of the run directory in use.",
    "mlpipe_host_load_per_core": "Load over five minutes, for each core.",
}
"""Every family, all of them gauges, and what it says."""

STATUSES = ("ok", "warn", "alert", "insufficient")
_LEVELS = {"ok": 0.0, "warn": 1.0, "alert": 2.0}


@dataclass(frozen=True)
class _Sample:
    family: str
    value: float | None
    labels: dict[str, str] = field(default_factory=dict)


def exposition(report: Mapping[str, Any], *, pipeline: str, model: str, when: float) -> str:
    """Return the text of a report.

    Parameters
    ----------
    report : mapping
        Of monitor, with its alerts and, where it was measured, the ``host``.
    pipeline, model : str
        Labels of every sample.
    when : float
        Seconds since 1970.

    Returns
    -------
    str
        ``# HELP`` and ``# TYPE`` of each family that has a sample, and its samples.
    """
    about = {"pipeline": pipeline, "model": model}
    samples = [each for each in _samples(report, when) if each.value is not None]
    lines = [OURS]
    for family, help_ in FAMILIES.items():
        mine = [each for each in samples if each.family == family]
        if mine:
            lines += [f"# HELP {family} {help_}", f"# TYPE {family} gauge"]
            lines += list(dict.fromkeys(_line(each, about) for each in mine))
    return "\n".join(lines) + "\n"


def _samples(report: Mapping[str, Any], when: float) -> Iterator[_Sample]:
    status = worst_of(report)
    for each in STATUSES:
        yield _Sample("mlpipe_monitor_status", float(each == status), {"status": each})
    yield _Sample("mlpipe_monitor_rows", report.get("rows"))
    yield _Sample("mlpipe_monitor_last_run_timestamp_seconds", when)
    loud = [each for each in report["alerts"] if not each["silenced"]]
    for level in ("warn", "alert"):
        count = sum(each["status"] == level for each in loud)
        yield _Sample("mlpipe_alerts", count, {"status": level})
    yield _Sample("mlpipe_alerts_silenced", len(report["alerts"]) - len(loud))
    for what, said in report["measures"].items():
        yield _Sample("mlpipe_measure_status", _LEVELS.get(said), {"measure": what})
    yield from _drift(report)
    yield from _quality(report)
    yield from _log(report)
    yield from _host(report)


def _drift(report: Mapping[str, Any]) -> Iterator[_Sample]:
    for row in report.get("drift") or []:
        labels = {"column": row["column"], "role": row.get("role") or "feature"}
        yield _Sample("mlpipe_drift_effect", row.get("effect"), labels)


def _quality(report: Mapping[str, Any]) -> Iterator[_Sample]:
    found = report.get("quality") or {}
    known = [row for row in found.get("chunks") or [] if row.get("value") is not None]
    if known:
        labels = {"metric": found["metric"], "kind": "realised"}
        yield _Sample("mlpipe_quality", known[-1]["value"], labels)
    for each in (report.get("estimate") or {}).get("quantities") or []:
        rows = [row for row in each["chunks"] if row.get("value") is not None]
        if rows:
            labels = {"metric": each["name"], "kind": "estimated"}
            yield _Sample("mlpipe_quality", rows[-1]["value"], labels)


def _log(report: Mapping[str, Any]) -> Iterator[_Sample]:
    rows = (report.get("log") or {}).get("chunks") or []
    if not rows:
        return
    last = rows[-1]
    for percent in (50, 95, 99):
        value = (last["latency"].get(f"p{percent}_ms") or {}).get("value")
        seconds = None if value is None else value / 1000
        yield _Sample("mlpipe_latency_seconds", seconds, {"quantile": f"{percent / 100:g}"})
    yield _Sample("mlpipe_error_ratio", last["errors"]["value"])
    yield _Sample("mlpipe_requests", last["requests"])


def _host(report: Mapping[str, Any]) -> Iterator[_Sample]:
    host = report.get("host") or {}
    yield _Sample("mlpipe_host_memory_used_ratio", host.get("memory"))
    yield _Sample("mlpipe_host_disk_used_ratio", host.get("disk"))
    yield _Sample("mlpipe_host_load_per_core", host.get("load"))


def _line(sample: _Sample, about: Mapping[str, str]) -> str:
    labels = {**about, **sample.labels}
    written = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{sample.family}{{{written}}} {float(sample.value or 0.0)!r}"


def _escaped(value: object) -> str:
    r"""Write a label value: backslash, quote and line end as the format asks.

    >>> _escaped('a"b\n')
    'a\\"b\\n'
    """
    text = str(value).encode("utf-8", "backslashreplace").decode()
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
