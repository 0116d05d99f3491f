"""The list of alerts on the page: what moved, since when, what is silenced, how the host is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.lenient import mapping_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["alerts", "loud_status"]

_OPEN = 12
"""So many alerts stand open on the page; more are folded."""


def loud_status(report: Mapping[str, Any]) -> str:
    """Return the status of a report of monitor, ok where all that is bad is silenced.

    >>> loud_status({"status": "alert", "alerts": [{"status": "alert", "silenced": {"until": 1}}]})
    'ok'
    """
    rows = rows_of(report.get("alerts"))
    loud = [str(row.get("status")) for row in rows if not row.get("silenced")]
    worst = next((status for status in ("alert", "warn") if status in loud), "")
    return worst or ("ok" if rows else str(report.get("status")))


def alerts(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the section; empty where monitor did not run.

    Parameters
    ----------
    report : mapping
        Of monitor: ``alerts``, and ``host`` where the machine was measured.

    Returns
    -------
    dict
        ``loud`` and ``rest`` (rows that are not silenced), ``silenced`` (rows that are), and
        ``host``.
    """
    if not report:
        return {}
    rows = rows_of(report.get("alerts"))
    loud = [row for row in rows if not row.get("silenced")]
    return {
        "loud": loud[:_OPEN],
        "rest": loud[_OPEN:],
        "silenced": [row for row in rows if row.get("silenced")],
        "host": mapping_of(report.get("host")),
    }
