"""What the page shows of speed, memory and size, and of the machine that they were measured on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.report.words import is_number, number, plural

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["operational"]


def operational(measured: Mapping[str, Any]) -> dict[str, Any]:
    """Return rows, the machine and how it was done, in words; empty where nothing was measured.

    Parameters
    ----------
    measured : mapping
        ``metrics``, ``machine``, ``asked`` and ``why`` as the record of a run has them.
    """
    if not measured:
        return {}
    return {
        "rows": [
            {**row, "measured": _with_unit(row), "fixed": row.get("low") == row.get("high")}
            for row in measured.get("metrics") or []
        ],
        "machine": _machine(measured.get("machine") or {}),
        "how": _how(measured.get("asked") or {}),
        "why": measured.get("why") or "",
    }


def _with_unit(row: Mapping[str, Any]) -> str:
    """Write a value with its unit; bytes in the size that a person reads.

    >>> _with_unit({"value": 18234, "unit": "bytes"}), _with_unit({"value": 4.2, "unit": "ms"})
    ('17.81 KiB', '4.2 ms')
    """
    value, unit = row.get("value"), row.get("unit")
    if unit == "bytes" and is_number(value):
        for each in ("bytes", "KiB", "MiB"):
            if value < 1024:
                return f"{number(value)} {each}"
            value /= 1024
        unit = "GiB"
    return f"{number(value)} {unit or ''}".strip() if is_number(value) else number(value)


def _machine(machine: Mapping[str, Any]) -> str:
    cpus, python = machine.get("cpus"), machine.get("python")
    said = [plural(cpus, "CPU") if is_number(cpus) else "", f"Python {python}" if python else ""]
    return ", ".join(filter(None, [*said, machine.get("platform"), machine.get("architecture")]))


def _how(asked: Mapping[str, Any]) -> str:
    if not asked:
        return ""
    return (
        f"{plural(asked.get('repetitions'), 'prediction')} of one row and "
        f"{number(asked.get('batches'))} of {plural(asked.get('batch'), 'row')}, after warming up; "
        f"{plural(asked.get('starts'), 'start')} in a process of its own."
    )
