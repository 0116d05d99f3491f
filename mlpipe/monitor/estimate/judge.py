"""What an estimate says of a chunk, and what the truth says of the estimate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.chunks import decide
from mlpipe.monitor.estimate.expected import Expected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.monitor.estimate.quantity import Quantity

__all__ = ["CONTRADICTED", "Realised", "said_of"]

CONTRADICTED = 3.29
"""Standard errors from which on the truth contradicts an estimate: 1 quiet chunk in 1,000."""

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Realised:
    """The figure of the labelled rows of a chunk, beside what was expected of the same rows."""

    value: float | None
    low: float | None
    high: float | None
    labelled: int
    expected: Expected


def said_of(
    quantity: Quantity,
    rows: Sequence[tuple[str, int, Expected | None, Realised | None]],
) -> dict[str, Any]:
    """Return the report of a quantity over the chunks.

    An estimate warns, it never alerts: it rests on an assumption that labels alone can test. Where
    they are there, the realised figure has replaced it; from a chunk on whose truth contradicts
    its estimate, later estimates are shown and no longer trusted.

    Parameters
    ----------
    quantity : Quantity
    rows : sequence of tuple
        Of each chunk, in the order of time: its label, its rows, the estimate (None of too few
        rows) and the realised figure (None of too few labels).
    """
    told, trusted = [], True
    for label, count, estimate, realised in rows:
        off = _off(realised)
        told.append(
            {
                "chunk": label,
                "rows": count,
                **_interval(quantity, estimate),
                "realised": realised and _realised(realised),
                "off": off,
                "status": _status(quantity, estimate, realised, trusted=trusted),
                "alone": _level(_status(quantity, estimate, realised, trusted=True)),
            }
        )
        if off is not None:
            trusted = abs(off) <= CONTRADICTED
    status, _ = decide([_level(each["status"]) for each in told])
    return {
        "name": quantity.name,
        "kind": quantity.kind,
        "unit": quantity.unit,
        "greater_is_better": quantity.greater_is_better,
        "reference": dict(quantity.reference) if quantity.reference else None,
        "margin": quantity.margin,
        "status": _together(status, told),
        "chunks": told,
        "notes": list(_notes(quantity, told)),
    }


def _together(status: str, told: Sequence[Mapping[str, Any]]) -> str:
    if told and all(each["status"] == "replaced" for each in told):
        return "replaced"
    return "warn" if status == "alert" else status


def _interval(quantity: Quantity, estimate: Expected | None) -> dict[str, Any]:
    if estimate is None or estimate.value is None:
        return {"value": None, "low": None, "high": None}
    low, high = estimate.interval(quantity.least, quantity.most)
    return {"value": estimate.value, "low": low, "high": high}


def _realised(realised: Realised) -> dict[str, Any]:
    return {
        "value": realised.value,
        "low": realised.low,
        "high": realised.high,
        "labelled": realised.labelled,
        "expected": realised.expected.value,
    }


def _off(realised: Realised | None) -> float | None:
    """Return by how many standard errors the truth lies off what was expected of these rows."""
    if realised is None or realised.value is None or realised.expected.value is None:
        return None
    gap = realised.value - realised.expected.value
    doubt = realised.expected.doubt
    if doubt <= _ROUNDING * max(1.0, abs(realised.value)):  # labels do not enter it
        return 0.0 if abs(gap) <= _ROUNDING * max(1.0, abs(realised.value)) else None
    return gap / doubt


def _status(
    quantity: Quantity, estimate: Expected | None, realised: Realised | None, *, trusted: bool
) -> str:
    off = _off(realised)
    if off is not None:
        return "contradicted" if abs(off) > CONTRADICTED else "replaced"
    if realised is not None:
        return "replaced"
    if estimate is None or estimate.value is None:
        return "insufficient"
    if not trusted:
        return "untrusted"
    was = quantity.reference
    if was is None or was.get("value") is None or quantity.greater_is_better is None:
        return "unjudged"
    sign = 1 if quantity.greater_is_better else -1
    loss = sign * (was["value"] - estimate.value) - quantity.margin
    low, high = was.get("low"), was.get("high")
    half = 0.0 if low is None or high is None else (high - low) / 2
    return "warn" if loss > math.hypot(half, 1.96 * estimate.error) else "ok"


def _level(status: str) -> str:
    """Return what a status counts as: what is contradicted is not well."""
    return {"contradicted": "warn", "ok": "ok", "warn": "warn"}.get(status, "insufficient")


def _notes(quantity: Quantity, told: Sequence[Mapping[str, Any]]) -> Any:
    against = [each for each in told if each["status"] == "contradicted"]
    if against:
        last = against[-1]
        realised = last["realised"]
        yield (
            f"{quantity.name} of {last['chunk']} was expected to be {realised['expected']:.4g} "
            f"and is {realised['value']:.4g}, {abs(last['off']):.1f} standard errors off: what "
            "features say of the target has changed, or labels are not a fair sample of the rows"
        )
    doubtful = sum(each["status"] == "untrusted" for each in told)
    if doubtful:
        yield f"{doubtful} later estimates of {quantity.name} are shown and not trusted"
