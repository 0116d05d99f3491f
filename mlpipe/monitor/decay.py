"""Decay: whether the loss of the rows has risen, since when, and by how much.

A CUSUM (Page 1954) over the mean losses of chunks, those of earlier nights before those of the
window, each in units of how much such a mean varies in the reference. Its limit is the one that
60 quiet chunks cross with a chance of 1 %, by Siegmund's (1985) approximation of run lengths.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.chunks import decide

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.metrics.arrays import Array
    from mlpipe.monitor.losses import ChunkLoss

__all__ = ["ALPHA", "LENGTH", "average_run_length", "cusum", "decay", "limit", "undecided"]

ALPHA = 0.01
"""How often quiet chunks, `LENGTH` of them, cross the limit."""

LENGTH = 60
"""Chunks that are summed at most; the limit is the same for fewer, so that nights add up."""

SLACK = 0.5
"""Half of the smallest shift that matters, in deviations of a chunk's mean."""

MATTERS = 0.05
"""The same in deviations of a row: of many rows, what is proven is not yet worth a call."""

UNSURE = 2.5
"""Standard errors by which the mean of the reference may be off without an alarm."""

CAP = 1.25
"""Sums stop at so many limits, so that a recovery shows within a few chunks."""

_OVERSHOOT = 1.166
"""Siegmund's correction: by how much the sum passes its limit when it does."""

_TWO_SIDED = 1.959963984540054


def average_run_length(height: float, slack: float = SLACK) -> float:
    """Return after how many quiet steps one side crosses the limit on average.

    Siegmund (1985), as in Montgomery's Statistical Quality Control: of k = 1/2 and h = 4 or 5 the
    two-sided one is 168 or 465 steps, half of what one side has.

    >>> round(average_run_length(5.0) / 2)
    469
    """
    reach = height + _OVERSHOOT
    return (math.exp(2 * slack * reach) - 2 * slack * reach - 1) / (2 * slack**2)


def limit(steps: int, slack: float = SLACK, alpha: float = ALPHA) -> float:
    """Return the height that quiet steps cross with a chance of `alpha`, on either side."""
    from scipy.optimize import brentq

    # Run lengths are nearly exponential: the chance of an alarm is steps / run length.
    wanted = 2 * steps / alpha
    top = 300 / slack
    return float(brentq(lambda height: average_run_length(height, slack) - wanted, 0.0, top))


def cusum(steps: Array, slack: Array, height: float) -> tuple[Array, Array]:
    """Return the sums of one side and where each run began, both of shape (n,).

    Parameters
    ----------
    steps, slack : array, shape (n,)
    height : float
        The limit; sums stop at 1.25 times it.
    """
    import numpy as np

    sums, starts, total, start = np.zeros(len(steps)), np.zeros(len(steps), int), 0.0, 0
    for at, step in enumerate(steps - slack):
        if total <= 0:
            start = at
        total = min(max(0.0, total + float(step)), CAP * height)
        sums[at], starts[at] = total, start
    return sums, starts


def undecided(note: str) -> dict[str, Any]:
    """Return the report where nothing can be told."""
    return {"status": "insufficient", "notes": [note]}


def decay(
    chunks: Sequence[ChunkLoss], reference: Mapping[str, Any], earlier: Sequence[ChunkLoss] = ()
) -> dict[str, Any]:
    """Look for a change of the loss.

    Parameters
    ----------
    chunks : sequence of ChunkLoss
        Those of the window that have enough labelled rows, in the order of time.
    reference : mapping
        From `loss_reference`, with ``of``.
    earlier : sequence of ChunkLoss
        Those of earlier windows; what is in the window counts as it is there.

    Returns
    -------
    dict
        ``status`` (over the chunks, see `decide`), ``loss``, ``direction`` (up, down, none),
        ``since`` (a chunk), ``rows_since``, ``reference`` and ``current`` mean loss, ``size`` in
        deviations of a row, ``limit``, ``batches`` (chunks that are summed), ``line`` (the sum of
        each of the window as a share of the limit), ``chunks`` (of the window: the mean loss with
        its 95 % interval, and a status) and ``notes``. A loss that fell is told, not judged.
    """
    import numpy as np

    here = {each.label for each in chunks}
    summed = [*(each for each in earlier if each.label not in here), *chunks][-LENGTH:]
    if not chunks or reference["deviation"] <= 0:
        return undecided("too few labels to judge the loss of rows, or it never varied")
    unit = _units(summed, reference)
    steps = (np.array([each.mean for each in summed]) - reference["mean"]) / unit
    least = np.maximum(SLACK, MATTERS * reference["deviation"] / unit)
    slack = least + UNSURE * reference["error"] / unit
    height = limit(LENGTH, float(least.min()))
    up, down = (cusum(sign * steps, slack, height) for sign in (1, -1))
    side, direction = (up, "up") if up[0].max() > height else (down, "down")
    levels = np.where(up[0] > height, "alert", "ok").tolist()
    first = _since(side, steps, height)
    since = summed if first is None else summed[first:]
    rows = sum(each.rows for each in since)
    current = sum(each.mean * each.rows for each in since) / rows
    status, note = decide(levels)
    return {
        "status": status,
        "loss": reference["of"],
        "direction": "none" if first is None else direction,
        "since": None if first is None else since[0].label,
        "rows_since": 0 if first is None else rows,
        "reference": reference["mean"],
        "current": current,
        "size": (current - reference["mean"]) / reference["deviation"],
        "limit": height,
        "batches": len(summed),
        "line": [
            {"chunk": each.label, "sum": float(total) / height}
            for each, total in zip(summed, up[0], strict=True)
            if each.label in here
        ],
        "chunks": _rows(summed, levels, here),
        "notes": _notes(side[0] > height, direction, note),
    }


def _units(chunks: Sequence[ChunkLoss], reference: Mapping[str, Any]) -> Array:
    """Return how much the mean loss of each chunk varies: by its rows, and from day to day."""
    import numpy as np

    rows = np.array([each.rows for each in chunks], float)
    return np.asarray(np.sqrt(reference["deviation"] ** 2 / rows + reference["between"] ** 2))


def _since(side: tuple[Array, Array], steps: Array, height: float) -> int | None:
    """Return the chunk that the change most likely began with; None where there is none.

    A run begins with the first step beyond the slack, by chance as often as not. Within it, the
    likeliest beginning (Hinkley 1970) is where the mean of all later steps stands out most.
    """
    import numpy as np

    sums, starts = side
    crossed = np.flatnonzero(sums > height)
    if not len(crossed):
        return None
    last = int(crossed[-1])
    start = int(starts[last])
    run = steps[start : last + 1]
    later = run[::-1].cumsum()[::-1]
    return start + int(np.argmax(later**2 / np.arange(len(run), 0, -1)))


def _rows(
    summed: Sequence[ChunkLoss], levels: Sequence[str], here: set[str]
) -> list[dict[str, Any]]:
    return [
        {
            "chunk": each.label,
            "rows": each.rows,
            "value": each.mean,
            "low": each.mean - _TWO_SIDED * each.error,
            "high": each.mean + _TWO_SIDED * each.error,
            "status": level,
        }
        for each, level in zip(summed, levels, strict=True)
        if each.label in here
    ]


def _notes(crossed: Array, direction: str, note: str) -> list[str]:
    if not crossed.any():
        return []
    if direction == "down":
        return ["the loss fell: the rows became easier, or labels changed their meaning"]
    back = [] if crossed[-1] else ["the loss rose, and came back"]
    return [*back, note] if note else back
