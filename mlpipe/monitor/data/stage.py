"""What the report of monitor says of the rows themselves: failed checks, labels, late rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["doubtful", "with_data"]

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
        ``asked``, ``failed``, ``warned``, ``late``, ``left_out``) and ``labels``, with a
        ``status`` too.
    """
    told = [each for each in checked["checks"] if each["status"] != "passed"]
    data = {
        "status": _STATUS[checked["status"]],
        "rows": checked["rows"],
        "asked": len(checked["checks"]),
        "failed": sum(each["status"] == "failed" for each in told),
        "warned": sum(each["status"] == "warned" for each in told),
        "late": checked["late"],
        "left_out": checked["left_out"],
    }
    ordered = sorted(told, key=lambda each: each["status"] == "warned")
    doubt = "warn" if labels and doubtful(labels) else "ok"
    return {
        **report,
        "checks": ordered,
        "data": data,
        "labels": {**labels, "status": doubt} if labels else None,
        "notes": [*report["notes"], *notes],
    }


def doubtful(labels: Mapping[str, int]) -> bool:
    """Tell whether labels deserve a look: they contradict, mean nothing, or belong to no row.

    >>> doubtful({"labelled": 90, "waiting": 10, "unmatched": 3})
    False
    >>> doubtful({"labelled": 0, "waiting": 10, "unmatched": 3})
    True
    """
    lost = not labels["labelled"] and labels.get("unmatched", 0) > 0
    return lost or any(labels.get(name, 0) for name in ("contradicting", "unknown"))
