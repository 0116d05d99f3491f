"""The loss of each row, and what it was when the model had not seen the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.outcomes import Outcomes

__all__ = ["BATCH", "batch_means", "loss_name", "loss_reference", "losses"]

BATCH = 50
"""Rows whose mean loss is one observation: near enough to normal, and soon enough seen."""

_STRETCHES = (1, 4)
"""Batches in a row whose mean is looked at: what wanders from day to day shows in longer ones."""

_FEWEST_MEANS = 8
"""Of fewer means no deviation is known."""


def loss_name(task: str) -> str:
    """Return what the loss of a row is called."""
    return "absolute error" if task == "regression" else "squared error of the score"


def losses(task: str, outcomes: Outcomes) -> Array:
    """Return the loss of each row, shape (n,).

    Of numbers the absolute error; of classes Brier's (1950), the squared distance of the scores
    from the truth; without scores, 1 for each wrong class. All but the first are bounded, so that
    no single row makes an alarm.
    """
    import numpy as np

    if task == "regression":
        return np.asarray(np.abs(outcomes.y - outcomes.pred))
    if outcomes.score is None:
        return np.asarray(outcomes.y != outcomes.pred, float)
    if outcomes.score.ndim == 1:
        return np.asarray((outcomes.score - (outcomes.y == 1)) ** 2)
    truth = np.eye(outcomes.score.shape[1])[outcomes.y]
    return np.asarray(((outcomes.score - truth) ** 2).sum(axis=1))


def loss_reference(loss: Array, times: Array | None = None) -> dict[str, Any]:
    """Return what is needed to tell later losses from these.

    Parameters
    ----------
    loss : array, shape (n,)
    times : array, shape (n,), optional
        Rows that are near each other may have similar losses. In the order of time, the deviation
        of batch means tells by how much; without, the rows are taken as independent.

    Returns
    -------
    dict
        ``mean``, ``deviation`` (of a row), ``batch_deviation`` (of the mean of a batch) and
        ``rows``.
    """
    import numpy as np

    deviation = float(loss.std(ddof=1))
    known = [deviation / BATCH**0.5]
    if times is not None:
        ordered = loss[np.argsort(times, kind="stable")]
        known += [_together(ordered, count) for count in _STRETCHES]
    return {
        "mean": float(loss.mean()),
        "deviation": deviation,
        "batch_deviation": max(known),
        "rows": len(loss),
    }


def batch_means(loss: Array, size: int = BATCH) -> Array:
    """Return the mean of each whole batch, in order; a rest is left for the next time."""
    import numpy as np

    whole = len(loss) // size * size
    return np.asarray(loss[:whole].reshape(-1, size).mean(axis=1))


def _together(loss: Array, count: int) -> float:
    """Return the deviation that means of so many batches would give a single one."""
    means = batch_means(loss, count * BATCH)
    return float(means.std(ddof=1) * count**0.5) if len(means) >= _FEWEST_MEANS else 0.0
