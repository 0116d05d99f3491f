"""What a finding means, of a gate and of a behaviour test alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlpipe.evaluate.behaviour.spec import Behaviour
    from mlpipe.evaluate.gate import Gate

__all__ = ["counts_as", "rounded_up"]


def counts_as(asked: Gate | Behaviour, status: str) -> str:
    """Return ``pass``, ``warn`` or ``fail``: what a status means for the command."""
    meant = asked.on_inconclusive if status == "inconclusive" else status
    return "warn" if meant == "fail" and asked.severity == "warn" else meant


def rounded_up(rows: int) -> int:
    """Round up to two digits: more would say too much of an extrapolation.

    >>> rounded_up(12345), rounded_up(99), rounded_up(101)
    (13000, 99, 110)
    """
    unit = int(10 ** max(0, len(str(rows)) - 2))
    return -(-rows // unit) * unit
