"""The naive model beside the real one, chunk by chunk: a good figure alone proves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from mlpipe.metrics.baseline import last_values
from mlpipe.table.columns import ROW
from mlpipe.table.duration import parse
from mlpipe.table.stamps import stamps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.metric import Metric
    from mlpipe.monitor.estimate.chunk import Unlabelled
    from mlpipe.monitor.window import Window

__all__ = ["Guesses", "guesses", "latest_known", "naive_values"]

Guesses: TypeAlias = "dict[str, tuple[Array, Array | None]]"
"""chunk -> predictions and scores of its labelled rows."""


def guesses(
    task: str,
    learned: Mapping[str, Any] | None,
    rows: Sequence[Unlabelled],
    latest: pd.Series[float] | None = None,
) -> Guesses:
    """Return what the naive model says of the labelled rows of each chunk.

    It says the shares of the classes at training and the most frequent one; of numbers the mean
    at training, or the latest known value where that is nearer to the truth on the whole.

    Parameters
    ----------
    task : str
    learned : mapping or None
        ``naive`` of the profile.
    rows : sequence of Unlabelled
    latest : Series, optional
        Of numbers, the latest target that each row could know, by ``_row``.
    """
    if not learned:
        return {}
    if task != "regression":
        return {each.label: _prior(learned["shares"], task, each) for each in rows}
    numbers = _numbers(learned["mean"], rows, latest)
    return {each.label: (pred, None) for each, pred in zip(rows, numbers, strict=True)}


def naive_values(
    metric: Metric, rows: Sequence[Unlabelled], said: Guesses
) -> dict[str, float | None]:
    """Return the metric of the naive model on the labelled rows of each chunk."""
    found: dict[str, float | None] = {}
    for each in rows:
        if each.label not in said or not len(each.truth):
            found[each.label] = None
            continue
        pred, score = said[each.label]
        found[each.label] = metric.measure(each.truth.y, pred=pred, score=score).value
    return found


def latest_known(window: Window, target: pd.Series[Any]) -> pd.Series[float] | None:
    """Return the latest target that each row could know, by ``_row``; None without times."""
    import pandas as pd

    columns = window.columns
    time, entity = columns.time, columns.entity
    if time is None or time not in window.table.columns or not len(target):
        return None
    names = [ROW, time, *([entity] if entity in window.table.columns else [])]
    frame = window.session.pandas(window.table.select(*names)).set_index(ROW)
    known = stamps(frame[time])
    if known is None:
        return None
    frame = frame.assign(**{time: known}).dropna(subset=[time])
    lead = pd.Timedelta(parse(columns.horizon)) if columns.horizon else pd.Timedelta(0)
    values = pd.to_numeric(target, errors="coerce").reindex(frame.index)
    return last_values(frame[time], values, frame.get(entity), lead)


def _prior(shares: Sequence[float], task: str, each: Unlabelled) -> tuple[Array, Array]:
    import numpy as np

    n, known = len(each.truth), np.asarray(shares)
    pred = np.full(n, int(np.argmax(known)))
    if task == "binary":
        return pred, np.full(n, known[1])
    width = each.truth.score.shape[1] if each.truth.score is not None else len(known)
    return pred, np.tile(np.r_[known, np.zeros(width - len(known))], (n, 1))


def _numbers(
    mean: float, rows: Sequence[Unlabelled], latest: pd.Series[float] | None
) -> list[Array]:
    import numpy as np

    flat = [np.full(len(each.truth), mean) for each in rows]
    if latest is None:
        return flat
    last = [latest.reindex(each.rows[each.known]).fillna(mean).to_numpy(float) for each in rows]
    return min(flat, last, key=lambda said: _off(said, rows))


def _off(said: Sequence[Array], rows: Sequence[Unlabelled]) -> float:
    import numpy as np

    return sum(float(np.abs(p - each.truth.y).sum()) for p, each in zip(said, rows, strict=True))
