"""The decision: from which score on a row counts as positive. Nothing is fitted again for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlpipe.errors import DataError, Problem, SpecError
from mlpipe.metrics.scores import METRICS
from mlpipe.spec.suggest import did_you_mean
from mlpipe.train.spec import Maximize, Threshold, Top

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from mlpipe.metrics.arrays import Array

__all__ = ["decide"]

_STEPS = 1001
"""At most so many thresholds are tried for a metric."""


def decide(
    spec: Threshold | Top | Maximize,
    task: str,
    out_of_fold: pd.DataFrame,
    valid: pd.DataFrame,
    *,
    business: Callable[[Array, Array], tuple[Array, Array]] | None = None,
) -> dict[str, Any]:
    """Return the threshold and how it was found.

    Parameters
    ----------
    spec : Threshold or Top or Maximize
        ``train.decide``.
    task : str
        Tasks other than ``binary`` have no threshold.
    out_of_fold, valid : DataFrame
        From the train step: ``_row``, ``truth`` (1 is positive), ``score``, ``weight`` where rows
        have one. Predictions out of fold are taken; valid where there are none.
    business : callable, optional
        From the truth and the ``_row`` of the rows to what each is worth when acted on and when
        left alone, as `mlpipe.metrics.business.Business.acting` gives it; asked for where
        ``maximize`` names no metric.

    Returns
    -------
    dict
        ``{"decision": {"threshold", "how", "learned_on", "rows", "flagged", "share", …}}``, and
        ``note`` where it is not what one would expect.

    Raises
    ------
    SpecError
        If ``maximize`` names what no threshold can change.
    DataError
        If there are no scored rows to learn from.
    """
    if task != "binary":
        how = "the value" if task == "regression" else "the likeliest class"
        return {"decision": {"threshold": None, "how": how}}
    rows, learned_on = (out_of_fold, "train, out of fold") if len(out_of_fold) else (valid, "valid")
    if not len(rows) and not isinstance(spec, Threshold):
        raise DataError(
            Problem(
                "there are no scored rows to learn a threshold from",
                key="train.decide",
                hint="train: {folds: 5}, or split: {valid: 0.15}",
            )
        )
    found = _threshold(spec, rows, business)
    score = rows["score"].to_numpy(float)
    flagged = int((score >= found["threshold"]).sum())
    counts = {"rows": len(rows), "flagged": flagged}
    share = {"share": flagged / len(rows) if len(rows) else None}
    said = _note(spec, found, score, flagged)
    note = {"note": said} if said else {}
    return {"decision": {**found, "learned_on": learned_on, **counts, **share, **note}}


def _note(
    spec: Threshold | Top | Maximize, found: dict[str, Any], score: Array, flagged: int
) -> str:
    """Say what is odd about a threshold; nothing, if nothing is."""
    import numpy as np

    if isinstance(spec, Threshold):
        return ""
    if np.ptp(score) == 0:
        return f"all {len(score):,} rows have the score {score[0]:.4g}: no threshold parts them"
    if isinstance(spec, Maximize):
        undefined = found.get("value") is None
        return f"{spec.metric} is undefined at every threshold, so it is 0.5" if undefined else ""
    wanted = _wanted(spec.rows, len(score))
    if wanted > len(score):
        return f"there are {len(score):,} rows only: all of them are positive"
    if flagged < wanted:
        return f"{flagged:,} rather than {wanted:,} rows: the next ones share a score"
    return ""


def _threshold(
    spec: Threshold | Top | Maximize,
    rows: pd.DataFrame,
    business: Callable[[Array, Array], tuple[Array, Array]] | None,
) -> dict[str, Any]:
    if isinstance(spec, Threshold):
        return {"threshold": float(spec.at), "how": "given"}
    score = rows["score"].to_numpy(float)
    if isinstance(spec, Top):
        return {"threshold": _top(score, spec.rows), "how": f"top {spec.rows:,}"}
    weight = rows["weight"].to_numpy(float) if "weight" in rows else None
    truth = rows["truth"].to_numpy(int)
    metric = METRICS.get(spec.metric)
    value: float | None
    if business is not None and metric is None:
        acted, left = business(truth, rows["_row"].to_numpy())
        at, value = _best_value(score, acted, left, weight)
    elif metric is not None and metric.needs == "label" and "binary" in metric.tasks:
        at, value = _best_metric(spec.metric, score, truth, weight)
    else:
        known = METRICS.shapes("binary", "label")
        raise SpecError(
            Problem(
                f"'{spec.metric}' cannot be maximized by a threshold",
                key="train.decide.maximize",
                hint=did_you_mean(spec.metric, known) or f"take one of: {', '.join(known)}",
            )
        )
    return {"threshold": at, "how": f"maximizes {spec.metric}", "value": value}


def _wanted(rows: float, there: int) -> int:
    """Return a capacity in rows; of a share, 0.29 of 100 are 29, though the product is less."""
    return rows if isinstance(rows, int) else max(1, int(rows * there + 1e-9))


def _top(score: Array, rows: float) -> float:
    """Return the score of the last of the top rows; of equal scores, all or none are above it."""
    import numpy as np

    wanted = _wanted(rows, len(score))
    ordered = np.sort(score)[::-1]
    if wanted >= len(ordered):
        return float(ordered[-1])
    last, next_one = ordered[wanted - 1], ordered[wanted]
    if last > next_one:
        return float(last)
    # More than were asked for would have the same score: rather fewer than the capacity.
    above = ordered[ordered > last]
    return float(above[-1]) if len(above) else float(np.nextafter(last, np.inf))


def _best_value(
    score: Array, acted: Array, left: Array, weight: Array | None
) -> tuple[float, float]:
    """Return the threshold with the highest total value, and that value.

    Rows whose value is unknown count 0. Acting on nobody is among the choices.
    """
    import numpy as np

    w = np.ones(len(score)) if weight is None else weight
    known = np.isfinite(acted) & np.isfinite(left)
    gain = np.where(known, w * (acted - left), 0.0)
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    totals = np.concatenate([[0.0], np.cumsum(gain[order])])
    # Only between different scores can a line be drawn.
    cuts = np.concatenate([[0], np.flatnonzero(np.diff(ordered)) + 1, [len(ordered)]])
    best = int(cuts[np.argmax(totals[cuts])])
    at = np.nextafter(ordered[0], np.inf) if best == 0 else ordered[best - 1]
    return float(at), float(totals[best] + np.where(known, w * left, 0.0).sum())


def _best_metric(
    name: str, score: Array, truth: Array, weight: Array | None
) -> tuple[float, float | None]:
    """Return the threshold with the best metric, of equals the one nearest 0.5, and the metric."""
    import numpy as np

    metric = METRICS[name]
    steps = np.unique(np.quantile(score, np.linspace(0, 1, _STEPS), method="lower"))
    found = [
        (metric.measure(truth, pred=(score >= step).astype(int), weight=weight).value, float(step))
        for step in steps
    ]
    defined = [(value, step) for value, step in found if value is not None]
    if not defined:
        return 0.5, None
    value, step = max(
        defined, key=lambda pair: (float(metric.goodness(pair[0])), -abs(pair[1] - 0.5))
    )
    return step, value
