"""What a bundle keeps to tell quality by later: calibration, errors, loss, a naive model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.monitor.estimate.asked import quantities
from mlpipe.monitor.estimate.calibration import calibration
from mlpipe.monitor.estimate.errors import error_tree
from mlpipe.monitor.losses import loss_name, loss_reference, losses

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from mlpipe.metrics.arrays import Array
    from mlpipe.metrics.outcomes import Outcomes
    from mlpipe.monitor.estimate.asked import Asked

__all__ = ["MEASURE", "learned", "realised_at_training"]

MEASURE = 100
"""Fewest rows that anything is learned of."""


def learned(
    task: str,
    outcomes: Outcomes,
    classes: int,
    *,
    names: Sequence[str] = (),
    values: Array | None = None,
    times: Array | None = None,
    periods: Array | None = None,
) -> dict[str, Any]:
    """Return what is needed to judge the model without its training data.

    Parameters
    ----------
    task : {"binary", "multiclass", "regression"}
    outcomes : Outcomes
        Rows the model had not seen.
    classes : int
        How many there are; 0 of a regression.
    names : sequence of str
        Of a regression, the leading columns of numbers.
    values : array, shape (n, names), optional
    times : array, shape (n,), optional
        When each row was known, as ranks; unknown ones come last.
    periods : array, shape (n,), optional
        The calendar period of each row; null where its time is.

    Returns
    -------
    dict
        JSON-safe: ``maps`` or ``errors``, ``loss``, ``naive``; empty of fewer than 100 rows.
    """
    if len(outcomes) < MEASURE:
        return {}
    found: dict[str, Any] = {"naive": _naive(task, outcomes, classes)}
    said = losses(task, outcomes)
    found["loss"] = {"of": loss_name(task), **loss_reference(said, times, periods)}
    if task == "regression":
        return found | {"errors": _errors(outcomes, names, values)}
    score = outcomes.score
    if score is None:
        return found
    columns = [score] if score.ndim == 1 else list(score.T)
    codes = [1] if score.ndim == 1 else range(len(columns))
    maps = [
        calibration(each, outcomes.y == code, outcomes.weight)
        for each, code in zip(columns, codes, strict=True)
    ]
    return found | {"maps": maps}


def realised_at_training(
    asked: Asked,
    task: str,
    outcomes: Outcomes,
    frame: pd.DataFrame,
    classes: Sequence[Any],
    *,
    seed: int,
) -> dict[str, dict[str, Any]]:
    """Return business values and gaps between groups, which those of later chunks stand against.

    Parameters
    ----------
    asked : Asked
    task : str
    outcomes : Outcomes
        Rows the model had not seen.
    frame : DataFrame, n rows
        Those of `Asked.columns` that there are.
    classes : sequence
        In the order of their codes; empty of a regression.
    seed : int

    Returns
    -------
    dict
        ``business`` and ``fairness``: name -> ``value``, ``low``, ``high``, and what it is: see
        `Quantity`.
    """
    import numpy as np

    found: dict[str, dict[str, Any]] = {"business": {}, "fairness": {}}
    rows = np.arange(len(outcomes))
    for each in quantities(asked, task, {}, outcomes.pred, frame, classes, {}):
        told = each.realise(outcomes, rows, seed)
        if told.value is not None:
            ends = {"value": told.value, "low": told.low, "high": told.high}
            found[each.kind][each.name] = {**ends, **each.of}
    return found


def _naive(task: str, outcomes: Outcomes, classes: int) -> dict[str, Any]:
    """Return the shares of the classes, or the mean: what is known without a model."""
    import numpy as np

    if task == "regression":
        return {"mean": float(np.average(outcomes.y, weights=outcomes.weight))}
    counts = np.bincount(outcomes.y, weights=outcomes.weight, minlength=classes).astype(float)
    return {"shares": (counts / counts.sum()).tolist()}


def _errors(outcomes: Outcomes, names: Sequence[str], values: Array | None) -> dict[str, Any]:
    import numpy as np

    beside = np.empty((len(outcomes), 0)) if values is None else values
    table = np.column_stack([outcomes.pred, beside])
    errors = outcomes.y - outcomes.pred
    return error_tree(["prediction", *names], table, errors, outcomes.weight)
