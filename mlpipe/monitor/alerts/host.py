"""The host: what was measured of the machine, against the limits of the spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlpipe.monitor.alerts.spec import Host

__all__ = ["MEASURED", "host"]

MEASURED = ("host.memory", "host.disk", "host.load")
"""The measures, each by its name."""


def host(figures: Mapping[str, Any], limits: Host) -> dict[str, Any]:
    """Judge what was measured of the machine.

    Parameters
    ----------
    figures : mapping
        ``memory`` and ``disk`` in use (shares), ``load`` for each core; None where it could not
        be measured. Whatever else there is is kept.
    limits : Host
        What has no limit is ``ok``.

    Returns
    -------
    dict
        `figures`, ``status``, and ``measures``: ``what``, ``status``, ``value``, ``limit``,
        ``words`` of each.
    """
    rows = [
        _measure("memory", figures.get("memory"), limits.max_memory, "of the memory in use"),
        _measure("disk", figures.get("disk"), limits.max_disk, "of the disk in use"),
        _measure("load", figures.get("load"), limits.max_load, "load a core over 5 minutes"),
    ]
    statuses = [row["status"] for row in rows]
    worst = next((s for s in ("alert", "ok") if s in statuses), "insufficient")
    return {**figures, "status": worst, "measures": rows}


def _measure(name: str, value: float | None, limit: float | None, unit: str) -> dict[str, Any]:
    write = _percent if name != "load" else _plain
    most = "" if limit is None else f"; at most {write(limit)}"
    words = "it could not be measured" if value is None else f"{write(value)} {unit}{most}"
    beyond = value is not None and limit is not None and value > limit
    status = "insufficient" if value is None else "alert" if beyond else "ok"
    return {
        "what": f"host.{name}", "status": status, "value": value, "limit": limit,
        "words": f"host {name}: {words}",
    }  # fmt: skip


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _plain(value: float) -> str:
    return f"{value:.3g}"
