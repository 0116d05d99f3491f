"""What an estimate says of a chunk, and what the truth says of the estimate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.estimated import Estimate
from mlpipe.monitor.chunks import decide
from mlpipe.monitor.estimate.expected import Expected
from mlpipe.monitor.worse import worse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlpipe.monitor.estimate.quantity import Quantity

__all__ = ["CONTRADICTED", "Realised", "Told", "said_of"]

CONTRADICTED = 3.29
"""Standard errors from which on the truth contradicts an estimate: 1 quiet chunk in 1,000."""

_ROUNDING = 1e-9

_RAREST = 1e-12
"""A chance below which a gap is as it is: what is so far off needs no finer word."""


@dataclass(frozen=True)
class Realised:
    """The figure of the labelled rows of a chunk, beside what was expected of the same rows.

    Attributes
    ----------
    figure : Estimate
    labelled : int
    expected : Expected
    naive : float or None
        What the naive model comes to on these rows.
    """

    figure: Estimate
    labelled: int
    expected: Expected
    naive: float | None = None


@dataclass(frozen=True)
class Told:
    """What is known of a quantity in a chunk.

    Attributes
    ----------
    chunk : str
    rows : int
    estimate : Expected or None
        None of too few rows, and of what cannot be estimated.
    realised : Realised or None
        None of too few labels.
    why : str
        Why the quantity is not defined here.
    """

    chunk: str
    rows: int
    estimate: Expected | None = None
    realised: Realised | None = None
    why: str = ""


def said_of(quantity: Quantity, rows: Sequence[Told]) -> dict[str, Any]:
    """Return the report of a quantity over the chunks.

    An estimate warns, it never alerts: it rests on an assumption that labels alone can test. Where
    they are there, the realised figure has replaced it; from a chunk on whose truth contradicts
    its estimate, later estimates are shown and no longer trusted.

    Parameters
    ----------
    quantity : Quantity
    rows : sequence of Told
        Of each chunk, in the order of time.
    """
    told, trusted = [], True
    for each in rows:
        off = _off(each.realised)
        told.append(
            {
                "chunk": each.chunk,
                "rows": each.rows,
                **_interval(quantity, each.estimate),
                "realised": each.realised and _realised(each.realised),
                "off": off,
                "status": _status(quantity, each, trusted=trusted),
                "alone": _level(
                    _status(quantity, each, trusted=True), better=_better(quantity, off)
                ),
                "why": each.why,
            }
        )
        if off is not None:
            trusted = abs(off) <= CONTRADICTED
    status, _ = decide(
        [_level(each["status"], better=_better(quantity, each["off"])) for each in told]
    )
    return {
        "key": quantity.key,
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
        "value": realised.figure.value,
        "low": realised.figure.low,
        "high": realised.figure.high,
        "labelled": realised.labelled,
        "expected": realised.expected.value,
        "naive": realised.naive,
        "why": realised.figure.why,
    }


def _off(realised: Realised | None) -> float | None:
    """Return by how many standard errors the truth lies off what was expected of these rows.

    Beyond `CONTRADICTED`, and on the side to which the figure is skewed, it is as many as would be
    as rare if it were not: of a dozen positives, one that is found too many is no contradiction.
    """
    if realised is None or realised.figure.value is None or realised.expected.value is None:
        return None
    gap = realised.figure.value - realised.expected.value
    doubt = realised.expected.doubt
    if doubt <= _ROUNDING * max(1.0, abs(realised.figure.value)):  # labels do not enter it
        return 0.0 if abs(gap) <= _ROUNDING * max(1.0, abs(realised.figure.value)) else None
    return _as_rare(gap / doubt, realised.expected.skew)


def _as_rare(off: float, skew: float) -> float:
    """Return what is as rare of a normal law as `off` is of Pearson's type III with this skew."""
    from statistics import NormalDist

    from scipy.stats import pearson3

    if abs(off) <= CONTRADICTED or off * skew <= 0:
        return off
    chance = float(pearson3.sf(abs(off), abs(skew)))
    return math.copysign(-NormalDist().inv_cdf(chance), off) if chance > _RAREST else off


def _status(quantity: Quantity, told: Told, *, trusted: bool) -> str:
    off = _off(told.realised)
    if off is not None:
        return "contradicted" if abs(off) > CONTRADICTED else "replaced"
    if told.realised is not None and told.realised.figure.value is not None:
        return "replaced"
    if told.estimate is None or told.estimate.value is None:
        return "insufficient"
    if not trusted:
        return "untrusted"
    judged = worse(
        _interval(quantity, told.estimate),
        quantity.reference,
        quantity.margin,
        greater_is_better=quantity.greater_is_better,
        best=quantity.best,
    )
    if judged["why"]:
        return "unjudged"
    return "ok" if judged["status"] == "ok" else "warn"


def _better(quantity: Quantity, off: float | None) -> bool:
    """Whether the truth is better than what was expected."""
    return (
        off is not None
        and quantity.greater_is_better is not None
        and ((off > 0) == quantity.greater_is_better)
    )


def _level(status: str, *, better: bool) -> str:
    """Return what a status counts as: what is contradicted for the worse is not well."""
    contradicted = "ok" if better else "warn"
    return {"contradicted": contradicted, "ok": "ok", "warn": "warn"}.get(status, "insufficient")


def _notes(quantity: Quantity, told: Sequence[Mapping[str, Any]]) -> Iterator[str]:
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
