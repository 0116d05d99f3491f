"""The machine that monitored, on the page: what was measured of it, against its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.lenient import mapping_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["host"]


def host(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the section; empty where the machine was not measured.

    Parameters
    ----------
    report : mapping
        Of monitor: ``host`` with ``status``, ``measures``, ``measured`` and ``cores``.
    """
    found = mapping_of(report.get("host"))
    measures = rows_of(found.get("measures"))
    return {**found, "measures": measures} if measures else {}
