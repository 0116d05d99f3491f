"""How probabilities would have to be bent to be right: logistic recalibration.

Cox (1958): the log odds of the outcome are fitted as intercept + slope · the predicted log odds.
A slope below 1 says that scores are too extreme, above 1 that they are too timid. The intercept
is that of slope 1, "calibration in the large" (Van Calster et al. 2016): below 0 the scores are
too high on the whole. ``weight`` may carry leading axes, one answer for each resample; undefined
values are NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpipe.metrics.metric import BINARY, ONE_CLASS, Metric

if TYPE_CHECKING:
    from mlpipe.metrics.arrays import Array

__all__ = ["RECALIBRATION", "calibration_intercept", "calibration_slope"]

_BINS = 4096
_MANY = 20_000
"""From so many rows on, resamples are fitted over bins of the log odds, 1/4096 of their range."""
_STEPS = 60


def calibration_slope(y: Array, pred: Array | None, score: Array, weight: Array) -> Array:  # noqa: ARG001
    """Slope of the logistic recalibration; 1 is right."""
    import numpy as np

    x, positives, rows = _points(y, score, weight)
    spread = float(x.std()) if len(x) else 0.0
    if spread <= 1e-9:
        return np.full(weight.shape[:-1], np.nan)
    # In units of their spread around their centre, Newton's steps are well conditioned.
    return _fit((x - x.mean()) / spread, positives, rows, sloped=True) / spread


def calibration_intercept(y: Array, pred: Array | None, score: Array, weight: Array) -> Array:  # noqa: ARG001
    """Intercept of the recalibration with slope 1; 0 is right."""
    return _fit(*_points(y, score, weight), sloped=False)


def _points(y: Array, score: Array, weight: Array) -> tuple[Array, Array, Array]:
    """Return log odds (m,), and the weight of positives and of rows there (..., m)."""
    import numpy as np
    from scipy.special import logit

    tiny = np.finfo(np.float64).eps
    x = logit(np.clip(score, tiny, 1 - tiny))
    if weight.ndim == 1 or len(x) < _MANY or np.ptp(x) == 0:
        return x, weight * (y == 1), weight
    bins = ((x - x.min()) / np.ptp(x) * (_BINS - 1)).astype(int)
    falling = bool((bins[:-1] >= bins[1:]).all())
    order = slice(None) if falling else np.argsort(bins, kind="stable")
    x, rows = x[order], weight[..., order]
    starts = np.flatnonzero(np.r_[True, np.diff(bins[order]) != 0])
    middle = np.add.reduceat(x, starts) / np.diff(np.r_[starts, len(x)])
    positives = np.add.reduceat(rows * (y[order] == 1), starts, axis=-1)
    return middle, positives, np.add.reduceat(rows, starts, axis=-1)


def _fit(x: Array, positives: Array, rows: Array, *, sloped: bool) -> Array:
    """Return the slope, or the intercept of slope 1, by Newton's method; NaN where it runs away."""
    import numpy as np
    from scipy.special import expit

    start, moved = np.zeros(rows.shape[:-1]), np.full(rows.shape[:-1], np.inf)
    a, b = start, start if sloped else start + 1
    for _ in range(_STEPS):
        p = expit(a[..., None] + b[..., None] * x)
        off, bend = positives - rows * p, rows * p * (1 - p)
        down, up = _step(x, off, bend) if sloped else (_ratio(off.sum(-1), bend.sum(-1)), start)
        a, b = a + np.clip(down, -4, 4), b + np.clip(up, -4, 4)
        moved = np.maximum(np.abs(down), np.abs(up))
        if not (moved > 1e-9).any():
            break
    one_class = _one_class(positives.sum(axis=-1), rows.sum(axis=-1))
    return np.where(one_class | ~(moved <= 1e-6), np.nan, b if sloped else a)


def _step(x: Array, off: Array, bend: Array) -> tuple[Array, Array]:
    """Solve the two equations of a step for the intercept and the slope."""
    from mlpipe.metrics.arrays import total

    g0, g1 = off.sum(axis=-1), total(off, x)
    h00, h01, h11 = bend.sum(axis=-1), total(bend, x), total(bend, x**2)
    below = h00 * h11 - h01**2
    return _ratio(h11 * g0 - h01 * g1, below), _ratio(h00 * g1 - h01 * g0, below)


def _ratio(part: Array, whole: Array) -> Array:
    from mlpipe.metrics.arrays import share

    return share(part, whole)


def _one_class(positives: Array, rows: Array) -> Array:
    import numpy as np

    return np.asarray((positives <= 0) | (positives >= rows))


RECALIBRATION: tuple[Metric, ...] = (
    Metric(
        "calibration_slope",
        BINARY,
        "score",
        None,
        "slope of the log odds: below 1 the scores are too extreme, above 1 too timid",
        calibration_slope,
        f"{ONE_CLASS}, scores that part them altogether, or scores that are all alike",
        least=-float("inf"),
        best=1.0,
    ),
    Metric(
        "calibration_intercept",
        BINARY,
        "score",
        None,
        "shift of the log odds: below 0 the scores are too high on the whole",
        calibration_intercept,
        ONE_CLASS,
        least=-float("inf"),
    ),
)
