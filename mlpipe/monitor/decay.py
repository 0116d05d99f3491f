"""Decay: whether the loss of the rows has risen, since when, and by how much.

A CUSUM (Page 1954) over the mean losses of chunks, those of earlier nights before those of the
window, each in units of how much such a mean varies in the reference. Its limit is the one that
60 quiet chunks cross with a chance of 1 %, by Siegmund's (1985) approximation of run lengths.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.arrays import Array
from mlpipe.metrics.intervals import TWO_SIDED
from mlpipe.monitor.chunks import decide

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlpipe.monitor.losses import ChunkLoss

__all__ = ["ALPHA", "LENGTH", "average_run_length", "cusum", "decay", "limit", "over", "undecided"]

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

LEAST_HEIGHT = 0.5
"""No limit is lower, in deviations of a step, however many rows a chunk has."""

_LARGEST = 700.0
"""A larger power of e is no float."""


def average_run_length(height: float, slack: float = SLACK) -> float:
    """Return after how many quiet steps one side crosses the limit on average.

    Siegmund (1985), as in Montgomery's Statistical Quality Control: of k = 1/2 and h = 4 or 5 the
    two-sided one is 168 or 465 steps, half of what one side has.

    >>> round(average_run_length(5.0) / 2)
    469
    """
    reach = height + _OVERSHOOT
    power = min(2 * slack * reach, _LARGEST)
    return (math.exp(power) - power - 1) / (2 * slack**2)


def limit(steps: int, slack: float = SLACK, alpha: float = ALPHA) -> float:
    """Return the height that quiet steps cross with a chance of `alpha`, on either side."""
    from scipy.optimize import brentq

    # Run lengths are nearly exponential: the chance of an alarm is steps / run length.
    wanted = 2 * steps / alpha
    if average_run_length(LEAST_HEIGHT, slack) >= wanted:  # long chunks: one step tells
        return LEAST_HEIGHT
    top = 300 / slack

    def off(height: float) -> float:
        return average_run_length(height, slack) - wanted

    return float(brentq(off, LEAST_HEIGHT, top))


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
    return {"status": "insufficient", "chunks": [], "notes": [note]}


def decay(chunks: Sequence[ChunkLoss], reference: Mapping[str, Any]) -> dict[str, Any]:
    """Look for a change of the loss over the chunks of a window.

    Parameters
    ----------
    chunks : sequence of ChunkLoss
        Those that have enough labelled rows, in the order of time.
    reference : mapping
        From `loss_reference`, with ``of``.

    Returns
    -------
    dict
        ``loss``, ``chunks`` (the mean loss of each with its 95 % interval, and what it says by
        itself), ``was`` (the reference), and what `over` adds.
    """
    if not chunks or reference["deviation"] <= 0:
        return undecided("too few labels to judge the loss of rows, or it never varied")
    rows = [
        {
            "chunk": each.label,
            "rows": each.rows,
            "value": each.mean,
            "low": each.mean - TWO_SIDED * each.error,
            "high": each.mean + TWO_SIDED * each.error,
            "status": _Sums.of([each], reference).levels[0],
        }
        for each in chunks
    ]
    was = {name: reference[name] for name in ("mean", "deviation", "between", "error")}
    return over({"loss": reference["of"], "chunks": rows, "was": was}, chunks)


def over(part: Mapping[str, Any], chunks: Sequence[ChunkLoss]) -> dict[str, Any]:
    """Decide over the chunks of a window and those of the nights before it.

    Parameters
    ----------
    part : mapping
        From `decay`.
    chunks : sequence of ChunkLoss
        All of them, in the order of time; the last 60 are summed.

    Returns
    -------
    dict
        The part with ``status`` (see `decide`), ``direction`` (up, down, none), ``since`` (a
        chunk), ``rows_since``, ``reference`` and ``current`` mean loss, ``size`` in deviations of
        a row, ``limit``, ``batches`` (chunks that are summed), ``line`` (the sum of each as a
        share of the limit) and ``notes``. A loss that fell is told, not judged.
    """
    if not chunks or "was" not in part:
        return dict(part)
    summed, was = list(chunks)[-LENGTH:], part["was"]
    sums = _Sums.of(summed, was)
    first = sums.since()
    since = summed if first is None else summed[first:]
    rows = sum(each.rows for each in since)
    current = sum(each.mean * each.rows for each in since) / rows
    status, note = decide(sums.levels)
    lines = zip(summed, sums.up[0] / sums.height, strict=True)
    return {
        **part,
        "status": status,
        "direction": "none" if first is None else sums.direction,
        "since": None if first is None else since[0].label,
        "rows_since": 0 if first is None else rows,
        "reference": was["mean"],
        "current": current,
        "size": (current - was["mean"]) / was["deviation"],
        "limit": sums.height,
        "batches": len(summed),
        "line": [{"chunk": each.label, "sum": float(share)} for each, share in lines],
        "notes": sums.notes(note),
    }


@dataclass(frozen=True)
class _Sums:
    """The sums of both sides over some chunks."""

    steps: Array
    height: float
    up: tuple[Array, Array]
    down: tuple[Array, Array]

    @classmethod
    def of(cls, chunks: Sequence[ChunkLoss], was: Mapping[str, Any]) -> _Sums:
        """Sum how far the mean of each chunk is off, in units of how much it varies."""
        import numpy as np

        unit = _units(chunks, was)
        steps = (np.array([each.mean for each in chunks]) - was["mean"]) / unit
        least = np.maximum(SLACK, MATTERS * was["deviation"] / unit)
        slack, height = least + UNSURE * was["error"] / unit, limit(LENGTH, float(least.min()))
        up, down = (cusum(sign * steps, slack, height) for sign in (1, -1))
        return cls(steps, height, up, down)

    @property
    def direction(self) -> str:
        """Which side is told: a rise, where there was one."""
        return "up" if self.up[0].max() > self.height else "down"

    @property
    def crossed(self) -> Array:
        """Whether the side that is told is beyond its limit in each chunk."""
        import numpy as np

        return np.asarray(getattr(self, self.direction)[0] > self.height)

    @property
    def levels(self) -> list[str]:
        """The status of each chunk: a rise alerts while the sum is beyond the limit."""
        return ["alert" if total > self.height else "ok" for total in self.up[0]]

    def since(self) -> int | None:
        """Return the chunk that the change most likely began with; None where there is none.

        A run begins with the first step beyond the slack, by chance as often as not. Within it,
        the likeliest beginning (Hinkley 1970) is where the mean of what follows stands out most.
        """
        import numpy as np

        if not self.crossed.any():
            return None
        last = int(np.flatnonzero(self.crossed)[-1])
        start = int(getattr(self, self.direction)[1][last])
        run = self.steps[start : last + 1]
        later = run[::-1].cumsum()[::-1]
        return start + int(np.argmax(later**2 / np.arange(len(run), 0, -1)))

    def notes(self, note: str) -> list[str]:
        """Say what became of a change."""
        if not self.crossed.any():
            return []
        if self.direction == "down":
            return ["the loss fell: the rows became easier, or labels changed their meaning"]
        back = [] if self.crossed[-1] else ["the loss rose, and came back"]
        return [*back, note] if note else back


def _units(chunks: Sequence[ChunkLoss], reference: Mapping[str, Any]) -> Array:
    """Return how much the mean loss of each chunk varies: by its rows, and from day to day."""
    import numpy as np

    rows = np.array([each.rows for each in chunks], float)
    return np.asarray(np.sqrt(reference["deviation"] ** 2 / rows + reference["between"] ** 2))
