"""One list of alerts: every measure that warns or alerts, worst first, silenced ones marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.monitor.alerts.measures import BAD, Verdict, verdicts
from mlpipe.monitor.alerts.silence import silence_notes, silenced

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlpipe.monitor.alerts.spec import Silence
    from mlpipe.monitor.spec import Monitor

__all__ = ["fails", "listed", "with_host", "worst_of"]


def listed(report: Mapping[str, Any], spec: Monitor) -> dict[str, Any]:
    """Return a report of monitor with its alerts, and whether they fail the command.

    Parameters
    ----------
    report : mapping
        Of monitor, whole.
    spec : Monitor
        Its silences, the day that they count to, and ``on_alert``.

    Returns
    -------
    dict
        The report with ``measures`` (the status of each by its name), ``alerts`` (``what``,
        ``status``, ``words``, ``since``, ``importance``, ``silenced``: None, or ``until`` and
        ``reason``; ``rows`` that failed a check), ``exit`` (pass or fail) and a note for each
        silence that is of no use.
    """
    found = list(verdicts(report))
    rows = _rows(found, spec.silence, spec.as_of)
    names = [each.what for each in found]
    notes = [*report.get("notes", []), *silence_notes(names, spec.silence, spec.as_of)]
    said = {
        **report,
        "measures": {each.what: each.status for each in found},
        "alerts": rows,
        "notes": notes,
    }
    return {**said, "exit": "fail" if fails(said, spec.on_alert) else "pass"}


def with_host(report: Mapping[str, Any], host: Mapping[str, Any], spec: Monitor) -> dict[str, Any]:
    """Return a report as `listed` gives it with what was measured of the machine."""
    rows = host["measures"]
    more = [Verdict(row["what"], row["status"], row["words"]) for row in rows]
    said = {
        **report,
        "host": dict(host),
        "measures": {**report["measures"], **{each.what: each.status for each in more}},
        "alerts": _sorted([*report["alerts"], *_rows(more, spec.silence, spec.as_of)]),
    }
    return {**said, "exit": "fail" if fails(said, spec.on_alert) else "pass"}


def fails(report: Mapping[str, Any], on_alert: str) -> bool:
    """Whether an alert that is not silenced fails the command."""
    if on_alert != "fail":
        return False
    alerts = [each for each in report["alerts"] if each["status"] == "alert"]
    # An alert that is not on the list cannot be silenced either.
    return any(not each["silenced"] for each in alerts) or (
        report["status"] == "alert" and not alerts
    )


def worst_of(report: Mapping[str, Any]) -> str:
    """Return alert, warn or the status itself: the worst that is not silenced.

    >>> worst_of({"status": "alert", "alerts": [{"status": "alert", "silenced": {"until": "…"}}]})
    'ok'
    """
    loud = [each["status"] for each in report["alerts"] if not each["silenced"]]
    quiet = any(each["silenced"] for each in report["alerts"])
    known = next((status for status in reversed(BAD) if status in loud), None)
    return known or ("ok" if quiet else str(report["status"]))


def _rows(
    found: Iterable[Verdict], silences: Sequence[Silence], as_of: str | None
) -> list[dict[str, Any]]:
    return _sorted(
        {
            "what": each.what,
            "status": each.status,
            "words": each.words,
            "since": each.since,
            "importance": each.importance,
            "silenced": silenced(each.what, silences, as_of),
            "rows": list(each.rows),
        }
        for each in found
        if each.status in BAD
    )


def _sorted(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what nobody silenced before the rest, alerts before warnings, else as they were."""
    return sorted(rows, key=lambda row: (row["silenced"] is not None, row["status"] != "alert"))
