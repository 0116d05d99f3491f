"""The loss of each row, and what it was when the model had not seen the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpipe.monitor.dispersion import FEWEST_CHUNKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.outcomes import Outcomes

__all__ = [
    "STRETCH",
    "ChunkLoss",
    "chunk_loss",
    "loss_name",
    "loss_reference",
    "losses",
    "scarcity",
    "spread",
]

STRETCH = 200
"""Rows in the order of time whose mean stands for that of a chunk, where periods are too few."""

_POOLED = 0.25
"""From this p of the F test on, chunks are taken to vary as their rows do (Bancroft 1964)."""

_UNDERSTATED = 0.25
"""The chance that the variance of chunks is still understated: what few chunks tell is raised by
it, or one model in fifty would raise alarms on quiet nights."""


@dataclass(frozen=True)
class ChunkLoss:
    """What a chunk is remembered by.

    Attributes
    ----------
    label : str
    mean : float
    rows : int
        Those with labels.
    error : float
        Standard error of the mean; 0 where it is not known.
    """

    label: str
    mean: float
    rows: int
    error: float = 0.0


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


def chunk_loss(label: str, loss: Array) -> ChunkLoss:
    """Return what a chunk is remembered by, of the losses of its labelled rows, shape (n,)."""
    return ChunkLoss(label, float(loss.mean()), len(loss), float(loss.std()) / len(loss) ** 0.5)


def loss_reference(
    loss: Array, times: Array | None = None, periods: Array | None = None
) -> dict[str, Any]:
    """Return what is needed to tell later losses from these.

    Rows that are near each other may have similar losses: means of chunks then vary by more than
    their rows explain. By how much is told by the calendar periods (one-way analysis of variance,
    Searle 1971), where there are eight; else by stretches of rows in the order of time.

    Parameters
    ----------
    loss : array, shape (n,)
    times : array, shape (n,), optional
        Without it, the rows are taken as independent.
    periods : array, shape (n,), optional
        The calendar period of each row; null where that is not known.

    Returns
    -------
    dict
        ``mean``, ``deviation`` (of a row), ``between`` (of the mean of a chunk of many rows),
        ``error`` (of the mean) and ``rows``.
    """
    import pandas as pd

    deviation = float(loss.std(ddof=1))
    frame = pd.DataFrame({"loss": loss, "chunk": _stretches(times, len(loss))})
    if periods is not None and pd.Series(periods).nunique() >= FEWEST_CHUNKS:
        frame["chunk"] = periods
    between, count = _between(frame.dropna())
    return {
        "mean": float(loss.mean()),
        "deviation": deviation,
        "between": between,
        "error": (deviation**2 / len(loss) + between**2 / max(1, count)) ** 0.5,
        "rows": len(loss),
    }


def spread(reference: Mapping[str, Any] | None, rows: int) -> tuple[float, float]:
    """Return by how much intervals that take rows as independent are too short.

    The square root of the design effect (Kish 1965) of the loss: how much more the mean of so
    many current rows varies than rows explain, and how much more that of the reference does.

    Parameters
    ----------
    reference : mapping or None
        From `loss_reference`.
    rows : int
    """
    if not reference or "between" not in reference or not reference["deviation"]:
        return 1.0, 1.0
    deviation = reference["deviation"]
    here = (1 + rows * (reference["between"] / deviation) ** 2) ** 0.5
    return here, max(1.0, reference["error"] * reference["rows"] ** 0.5 / deviation)


def scarcity(reference: Mapping[str, Any] | None, rows: int) -> float:
    """Return how much wider intervals of the reference were with as many rows as now.

    The root of how many times fewer these are; 0 where that is not known.

    Parameters
    ----------
    reference : mapping or None
        From `loss_reference`.
    rows : int

    Examples
    --------
    >>> scarcity({"rows": 5000}, 200), scarcity(None, 200)
    (5.0, 0.0)
    """
    if not reference or not rows:
        return 0.0
    return float((reference.get("rows", 0) / rows) ** 0.5)


def _stretches(times: Array | None, rows: int) -> Array:
    """Return which stretch each row is in, shape (n,); all are in one without times."""
    import numpy as np

    found = np.zeros(rows, int)
    if times is not None:
        found[np.argsort(times, kind="stable")] = np.arange(rows) // STRETCH
    return found


def _between(frame: pd.DataFrame) -> tuple[float, int]:
    """Return the deviation of chunks that rows do not explain, and how many chunks there are."""
    from scipy.stats import chi2, f

    groups = frame.groupby("chunk")["loss"]
    sizes, means = groups.size(), groups.mean()
    count, rows = len(sizes), int(sizes.sum())
    if count < FEWEST_CHUNKS or rows <= count:
        return 0.0, count
    within = float(((frame["loss"] - groups.transform("mean")) ** 2).sum()) / (rows - count)
    among = float((sizes * (means - frame["loss"].mean()) ** 2).sum()) / (count - 1)
    if within <= 0 or f.sf(among / within, count - 1, rows - count) > _POOLED:
        return 0.0, count
    size = (rows - float((sizes**2).sum()) / rows) / (count - 1)
    likely = max(0.0, (among - within) / size)
    return (likely * (count - 1) / float(chi2.ppf(_UNDERSTATED, count - 1))) ** 0.5, count
