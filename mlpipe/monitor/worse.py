"""Worse than at training: by how much, how sure that is, and what follows from it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.intervals import TWO_SIDED

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ALERT", "WARN", "worse"]

WARN = TWO_SIDED
"""Standard errors of the 95 % interval, beyond whose end a loss is worth a look."""

ALERT = 2.807033768343811
"""Those of the 99.5 % interval. With two of three chunks, quiet data has an alert in 1 % of 60
nights, the doubt about the reference being the same in all of them: `benchmarks/quality.py`."""


def worse(
    now: Mapping[str, Any],
    was: Mapping[str, Any] | None,
    margin: float,
    *,
    greater_is_better: bool | None,
    best: float = 0.0,
    spread: tuple[float, float] = (1.0, 1.0),
    scarcity: float = 0.0,
) -> dict[str, Any]:
    """Hold a figure against that of training, by the interval and never by the point.

    A figure warns where the loss exceeds the margin by more than chance: where the lower end of
    its 95 % interval is beyond it; it alerts where that of the 99.5 % interval is. What lies
    beyond the margin and within doubt is ``ok``: half of all quiet chunks are a little worse.
    The interval of the difference is made of those of both (Zou and Donner 2008, of Newcombe
    1998): what counts is the side of each that is turned to the other.

    A bootstrap of a few rows may hold none of those that matter: without a positive among 200 that
    was found, it is as sure as can be. So the doubt about now is never below that of as many rows
    of training, as in a score test, whose variance is that of nothing having happened (Rao 1948).

    Parameters
    ----------
    now, was : mapping
        ``value`` and the ends ``low`` and ``high`` of the 95 % interval; None where undefined.
    margin : float
        How much worse is still fine.
    greater_is_better : bool or None
        None where `best` lies between wrong values on both sides; what counts is how far off it is.
    best : float
    spread : (float, float)
        By how much the intervals of both are too short, their rows not being independent.
    scarcity : float
        By how much wider the interval of the reference were with as many rows as now, from
        `mlpipe.monitor.losses.scarcity`; 0 where the interval of now is no bootstrap.

    Returns
    -------
    dict
        ``status``, ``loss`` (above 0: worse) with ``loss_low`` and ``loss_high``, and ``why``
        where nothing can be judged.
    """
    lost = _why(now, was)
    if lost or was is None:
        nothing = dict.fromkeys(("loss", "loss_low", "loss_high"))
        return {"status": "insufficient", **nothing, "why": lost}
    (value, low, high), (before, least, most) = (
        _badness(each, greater_is_better, best) for each in (now, was)
    )
    loss = value - before
    here, there = spread
    below = math.hypot(here * max(value - low, scarcity * (most - before)), there * (most - before))
    above = math.hypot(here * (high - value), there * (before - least))
    beyond = loss - margin
    status = "ok"
    if beyond > 0 and beyond > below:
        status = "alert" if beyond > below * ALERT / WARN else "warn"
    return {
        "status": status,
        "loss": loss,
        "loss_low": loss - below,
        "loss_high": loss + above,
        "why": "",
    }


def _badness(
    figure: Mapping[str, Any], greater_is_better: bool | None, best: float
) -> tuple[float, float, float]:
    """Return a figure and the ends of its interval so that more is worse."""
    value, low, high = (float(figure[end]) for end in ("value", "low", "high"))
    if greater_is_better is None:
        ends = sorted((abs(low - best), abs(high - best)))
        return abs(value - best), 0.0 if low <= best <= high else ends[0], ends[1]
    return (-value, -high, -low) if greater_is_better else (value, low, high)


def _why(now: Mapping[str, Any], was: Mapping[str, Any] | None) -> str:
    """Return why nothing can be judged; empty where it can."""
    if now.get("value") is None:
        return "it is not defined here"
    if was is None or was.get("value") is None:
        return "the model carries no reference value"
    ends = (now.get("low"), now.get("high"), was.get("low"), was.get("high"))
    return "it has no interval" if None in ends else ""
