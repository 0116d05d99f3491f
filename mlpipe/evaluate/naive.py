"""Which naive baseline stands beside the model, and what it says of each row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.baseline import Baseline, last_values, mean, prior
from mlpipe.table.columns import ROW
from mlpipe.table.duration import parse

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.metrics.arrays import Array
    from mlpipe.table.columns import Columns

__all__ = ["known_before", "naive"]


def naive(
    task: str,
    train: Array,
    classes: int,
    rows: pd.Series[Any],
    *,
    known: pd.Series[float] | None = None,
    train_rows: pd.Series[Any] | None = None,
    weight: Array | None = None,
) -> Baseline:
    """Return the baseline of the rows, fitted on training targets alone.

    Of a regression with times, that is the mean or the latest known value, whichever has the
    smaller squared error on the training rows: a baseline that is easy to beat proves nothing.

    Parameters
    ----------
    task : str
    train : array, shape (m,)
        Codes or numbers of the training targets.
    classes : int
        How many classes there are.
    rows : Series of int, length n
        The rows to predict, as ``_row``.
    known : Series of float or None
        The latest known value by ``_row``, where there are times.
    train_rows : Series of int, length m, or None
        Which rows the training targets are of.
    weight : array, shape (m,), optional
    """
    import numpy as np

    if task != "regression":
        return prior(train, classes, len(rows), binary=task == "binary", weight=weight)
    flat = _with_error(mean(train, len(rows), weight), train, weight)
    if known is None or train_rows is None:
        return flat
    before = known.reindex(train_rows).to_numpy(float)
    has = np.isfinite(before)
    if has.sum() < len(train) / 2:
        return flat
    error = float(((before[has] - train[has]) ** 2).mean() ** 0.5)
    flat_error = float(((flat.facts["mean"] - train[has]) ** 2).mean() ** 0.5)
    facts = {"train_rmse": {"mean": flat_error, "last_value": error}, **flat.facts}
    if error >= flat_error:
        return Baseline("mean", flat.pred, None, facts)
    said = known.reindex(rows).fillna(flat.facts["mean"]).to_numpy(float)
    last = Baseline("last_value", said, None, facts)
    return _with_error(last, train[has], None if weight is None else weight[has], before[has])


def _with_error(
    baseline: Baseline, train: Array, weight: Array | None, said: Array | None = None
) -> Baseline:
    """Add its mean absolute error on the training rows, the scale of ``mase``."""
    import numpy as np

    errors = np.abs(train - (baseline.facts["mean"] if said is None else said))
    counts = np.ones(len(errors)) if weight is None else weight
    error = float(np.average(errors, weights=counts)) if counts.sum() > 0 else None
    return replace(baseline, facts={**baseline.facts, "train_mae": error})


def known_before(frame: pd.DataFrame, columns: Columns) -> pd.Series[float] | None:
    """Return the latest target that each row could know, by ``_row``; None without times."""
    import pandas as pd

    time, target = columns.time, columns.target_name
    if time not in frame or target not in frame:
        return None
    if not pd.api.types.is_datetime64_any_dtype(frame[time]) or frame[time].isna().any():
        return None
    lead = pd.Timedelta(parse(columns.horizon)) if columns.horizon else pd.Timedelta(0)
    entity = frame.get(columns.entity)
    found = last_values(frame[time], pd.to_numeric(frame[target], errors="coerce"), entity, lead)
    return found.set_axis(frame[ROW])
