"""Two forecasts of the same times against each other: the test of Diebold and Mariano."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlpipe.metrics.paired import diebold_mariano

if TYPE_CHECKING:
    import pandas as pd

    from mlpipe.evaluate.judged import Judged
    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.estimate import Estimate, Outcomes
    from mlpipe.table.columns import Columns

__all__ = ["compare_forecasts", "moments_of"]

_LOSSES = ("mae", "rmse")
"""Metrics that are a mean loss, or its root."""


def moments_of(
    task: str, frame: pd.DataFrame, columns: Columns, *, of_entities: bool
) -> tuple[Array | None, int]:
    """Return the time of each row as a code, and how many steps ahead is forecast.

    Parameters
    ----------
    task : str
    frame : DataFrame, n rows
    columns : Columns
    of_entities : bool
        Whether the rows of an entity are resampled together: then those are independent, and
        not what follows each other in time.

    Returns
    -------
    codes : array of int, shape (n,), or None
        None where the rows are no time series of numbers.
    steps : int
        The horizon in steps of the usual distance between two times; at least 1.
    """
    import pandas as pd

    if task != "regression" or columns.time not in frame or of_entities:
        return None, 1
    times = frame[columns.time]
    if not pd.api.types.is_datetime64_any_dtype(times):  # days are objects
        times = pd.to_datetime(times, errors="coerce", format="ISO8601")
    if times.isna().any():
        return None, 1
    codes, found = pd.factorize(times, sort=True)
    return codes, _steps(pd.Series(found), columns.horizon)


def compare_forecasts(name: str, judged: Judged, rival: Outcomes) -> Estimate | None:
    """Return by how much the model is better; None where the test does not apply.

    Parameters
    ----------
    name : str
        A metric.
    judged : Judged
    rival : Outcomes
        Of the same rows.
    """
    import numpy as np

    told = judged.outcomes
    if name not in _LOSSES or judged.moments is None or told.weight is not None:
        return None
    mine, theirs = np.abs(told.pred - told.y), np.abs(rival.pred - rival.y)
    root = name == "rmse"
    found = diebold_mariano(
        mine**2 if root else mine,
        theirs**2 if root else theirs,
        moments=judged.moments,
        horizon=judged.steps,
        root=root,
    )
    return found if found.low is not None else None


def _steps(times: pd.Series, horizon: str | None) -> int:
    """Count the horizon in steps: errors of forecasts so far ahead overlap."""
    import pandas as pd

    from mlpipe.table.duration import parse

    usual = pd.Timedelta(times.diff().median()).total_seconds()
    if horizon is None or not usual > 0:
        return 1
    return max(1, math.ceil(parse(horizon).total_seconds() / usual))
