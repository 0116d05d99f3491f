"""Decay: whether the loss of the rows has risen, since when, and by how much.

A two-sided CUSUM (Page 1954) over the mean loss of batches, in units of their deviation in the
reference. Its limit is the one that quiet data crosses once in 100 reports of this length, by
Siegmund's (1985) approximation of the average run length.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.losses import BATCH, batch_means

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlpipe.metrics.arrays import Array

__all__ = ["ALPHA", "SLACK", "average_run_length", "cusum", "decay", "limit", "undecided"]

ALPHA = 0.01
"""How often quiet data of the length at hand crosses the limit."""

SLACK = 0.5
"""Half of the smallest shift that matters, in deviations of a batch mean: 0.07 of a row's."""

FEWEST = 4
"""Batches; fewer are insufficient."""

_OVERSHOOT = 1.166
"""Siegmund's correction: by how much the sum passes its limit when it does."""


def average_run_length(height: float, slack: float = SLACK) -> float:
    """Return after how many quiet batches one side crosses the limit on average.

    Siegmund (1985), as in Montgomery's Statistical Quality Control: of k = 1/2 and h = 4 or 5 the
    two-sided one is 168 or 465 batches, half of what one side has.

    >>> round(average_run_length(5.0) / 2)
    469
    """
    reach = height + _OVERSHOOT
    return (math.exp(2 * slack * reach) - 2 * slack * reach - 1) / (2 * slack**2)


def limit(batches: int, slack: float = SLACK, alpha: float = ALPHA) -> float:
    """Return the height that quiet batches cross with a chance of `alpha`, on either side."""
    from scipy.optimize import brentq

    # Run lengths are nearly exponential: the chance of an alarm is batches / run length.
    wanted = 2 * batches / alpha
    top = 300 / slack
    return float(brentq(lambda height: average_run_length(height, slack) - wanted, 0.0, top))


def cusum(steps: Array, slack: float, height: float) -> tuple[Array, Array]:
    """Return the sums of one side and where each run began, both of shape (n,).

    Sums stop at twice the limit, so that a recovery shows as soon as it lasts as long.
    """
    import numpy as np

    sums, starts, total, start = np.zeros(len(steps)), np.zeros(len(steps), int), 0.0, 0
    for at, step in enumerate(steps):
        if total <= 0:
            start = at
        total = min(max(0.0, total + float(step) - slack), 2 * height)
        sums[at], starts[at] = total, start
    return sums, starts


def undecided(note: str) -> dict[str, Any]:
    """Return the report where nothing can be told."""
    return {"status": "insufficient", "notes": [note]}


def decay(loss: Array, labels: Array, reference: Mapping[str, Any]) -> dict[str, Any]:
    """Look for a change of the loss.

    Parameters
    ----------
    loss : array, shape (n,)
        Of the labelled rows, in the order of time.
    labels : array of str, shape (n,)
        The chunk of each row.
    reference : mapping
        From `loss_reference`, with ``of``.

    Returns
    -------
    dict
        ``status`` (ok, warn where the loss rose and came back, alert, insufficient), ``loss``,
        ``direction`` (up, down, none), ``since`` (a chunk), ``rows_since``, ``reference`` and
        ``current`` mean loss, ``size`` in deviations of a row, ``limit``, ``batches``, ``line``
        (the sums at the end of each chunk) and ``notes``. A loss that fell is told, not judged.
    """
    import numpy as np

    means = batch_means(loss)
    deviation = reference["batch_deviation"]
    if len(means) < FEWEST or deviation <= 0:
        need = f"{FEWEST * BATCH} labelled rows"
        return undecided(f"the loss of rows is judged from {need} on, and where it varied")
    # The reference mean is itself known within an error; twice that is no change.
    slack = SLACK + 2 * (BATCH / reference["rows"]) ** 0.5
    height = limit(len(means), slack)
    steps = (means - reference["mean"]) / deviation
    up, down = (cusum(sign * steps, slack, height) for sign in (1, -1))
    side, direction = (up, "up") if up[0].max() > height else (down, "down")
    crossed = bool(side[0].max() > height)
    now = bool(side[0][-1] > height)
    status = ("alert" if now else "warn") if crossed and direction == "up" else "ok"
    last = int(np.flatnonzero(side[0] > height)[-1]) if crossed else 0
    first = int(side[1][last]) * BATCH if crossed else None
    ends = (last + 1) * BATCH if crossed and not now else len(loss)
    since = loss[first:ends] if first is not None else loss
    return {
        "status": status,
        "loss": reference["of"],
        "direction": direction if crossed else "none",
        "since": None if first is None else str(labels[first + BATCH // 2]),
        "rows_since": 0 if first is None else len(since),
        "reference": reference["mean"],
        "current": float(np.mean(since)),
        "size": float((np.mean(since) - reference["mean"]) / reference["deviation"]),
        "limit": height,
        "batches": len(means),
        "line": _line(up[0], labels, height),
        "notes": _notes(crossed=crossed, now=now, direction=direction),
    }


def _line(sums: Array, labels: Array, height: float) -> list[dict[str, Any]]:
    """Return the greatest sum of each chunk, as a share of the limit."""
    found: dict[str, float] = {}
    for at, value in enumerate(sums):
        chunk = str(labels[(at + 1) * BATCH - 1])
        found[chunk] = max(found.get(chunk, 0.0), float(value) / height)
    return [{"chunk": chunk, "sum": value} for chunk, value in found.items()]


def _notes(*, crossed: bool, now: bool, direction: str) -> list[str]:
    if not crossed:
        return []
    if direction == "down":
        return ["the loss fell: the rows became easier, or labels changed their meaning"]
    return [] if now else ["the loss rose, and came back"]
