"""What the report of monitor says of the rows themselves: failed checks, labels, late rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.monitor.data.labels import doubtful, label_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["with_data"]

_STATUS = {"failed": "alert", "warned": "warn", "passed": "ok"}


def with_data(
    report: Mapping[str, Any],
    checked: Mapping[str, Any],
    labels: Mapping[str, int] | None,
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """Add what was found of the current rows to the report of monitor.

    Parameters
    ----------
    report : mapping
        Of monitor.
    checked : mapping
        Of the step ``checks``: ``status``, ``rows``, ``checks``, ``left_out``, ``late``.
    labels : mapping, optional
        ``labelled``, ``waiting``, ``doubled``, ``contradicting``, ``unmatched`` and ``unknown``;
        None where there is no target at all.
    notes : sequence of str
        What is said of the labels.

    Returns
    -------
    dict
        The report with ``checks`` (those that failed or warned), ``data`` (``status``, ``rows``,
        ``asked``, ``failed``, ``warned``, ``late``, ``left_out``, ``labels`` in words), and
        ``labels``.
    """
    told = [each for each in checked["checks"] if each["status"] != "passed"]
    status = _STATUS[checked["status"]]
    doubt = labels is not None and doubtful(labels)
    data = {
        "status": "warn" if doubt and status == "ok" else status,
        "rows": checked["rows"],
        "asked": len(checked["checks"]),
        "failed": sum(each["status"] == "failed" for each in told),
        "warned": sum(each["status"] == "warned" for each in told),
        "late": checked["late"],
        "left_out": checked["left_out"],
        "labels": label_words(labels) if labels and any(labels.values()) else "",
    }
    return {
        **report,
        "checks": sorted(told, key=lambda each: each["status"] == "warned"),
        "data": data,
        "labels": dict(labels) if labels else None,
        "notes": [*report["notes"], *notes],
    }
