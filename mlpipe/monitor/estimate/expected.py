"""CBPE: what a metric will be once labels come, out of calibrated scores alone.

Confidence-based performance estimation (NannyML): each row counts as every class with the chance
that it is one, so that the cells of the confusion matrix are expected ones, E[TP] = Σ p·ŷ, and
the area under the ROC curve is that of the cumulated p and 1 - p. Metrics here take weights, so
their own formulas give the estimate, over each row once for every class.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.arrays import Array
from mlpipe.metrics.intervals import TWO_SIDED
from mlpipe.monitor.estimate.calibration import classwise, redrawn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlpipe.metrics.metric import Metric

    Formula = Callable[[Array, Array, Array, Array], Any]

__all__ = ["Expected", "Scored", "estimable", "expected", "expected_cells"]

DRAWS = 200
"""Draws of each source of doubt; a standard error of them is within 5 %."""

MOST_DRAWN = 4_000
"""Rows that are drawn from; of more, the spread is that of as many, scaled by the square root."""

_ROUNDING = 1e-9
"""Figures that differ by less than this share of them are the same one."""


@dataclass(frozen=True)
class Scored:
    """Rows without labels.

    Attributes
    ----------
    pred : array of int, shape (n,)
        Codes of the predicted classes; of two, 1 is the positive one.
    score : array, shape (n,) or (n, classes)
    """

    pred: Array
    score: Array

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.pred)

    def take(self, rows: Array) -> Scored:
        """Return some rows, chosen by a mask or by positions."""
        return Scored(self.pred[rows], self.score[rows])


@dataclass(frozen=True)
class Expected:
    """An estimate and its doubt.

    Attributes
    ----------
    value : float or None
        None where the metric is not defined.
    doubt : float
        Standard error of the realised figure of these very rows around it: what labels will be
        drawn, and how well the calibration is known.
    rows_doubt : float
        Standard error from which rows there happen to be.
    skew : float
        Of the realised figure of these rows: a share of few is far off to one side only.
    """

    value: float | None
    doubt: float = 0.0
    rows_doubt: float = 0.0
    skew: float = 0.0

    @property
    def error(self) -> float:
        """Standard error of the realised figure of as many rows of the kind."""
        return float((self.doubt**2 + self.rows_doubt**2) ** 0.5)

    def wider(self, times: float) -> Expected:
        """Return it with more doubt about labels: rows that hang together are fewer."""
        return replace(self, doubt=self.doubt * times)

    def interval(self, least: float, most: float) -> tuple[float | None, float | None]:
        """Return the 95 % interval, within the range of the metric."""
        if self.value is None:
            return None, None
        half = TWO_SIDED * self.error
        return max(least, self.value - half), min(most, self.value + half)


def estimable(metric: Metric) -> str:
    """Return why a metric cannot be estimated; empty where it can.

    A metric of absolute gaps, or with a formula that needs whole labels, is no function of
    expected cells.
    """
    if metric.needs == "value":
        return "is of numbers: its error is estimated by dle"
    if metric.gaps is not None or metric.resamples is not None or metric.unsure or metric.scaled:
        return "is no function of expected cells"
    return ""


def expected(
    formulas: Mapping[str, Formula],
    scored: Scored,
    maps: Sequence[Mapping[str, Any]],
    *,
    seed: int | Sequence[int],
) -> dict[str, Expected]:
    """Estimate metrics of classes.

    Parameters
    ----------
    formulas : mapping of str to callable
        ``(y, pred, score, weight) -> value``, as in `Metric`.
    scored : Scored
    maps : sequence of mapping
        The calibration, see `classwise`.
    seed : int or sequence of int
    """
    import numpy as np

    if not len(scored):
        return dict.fromkeys(formulas, Expected(None))
    chance = classwise(maps, scored.score)
    values = {name: _values(each, scored, chance[None]) for name, each in formulas.items()}
    some, drawn = _some(scored, seed), np.random.default_rng(seed)
    draws = [_drawn(scored.take(some), chance[some], maps, drawn) for _ in range(DRAWS)]
    scale = (len(some) / len(scored)) ** 0.5
    return {
        name: _with_doubt(float(values[name][0]), each, scored.take(some), draws, scale)
        for name, each in formulas.items()
    }


def expected_cells(pred: Array, chance: Array) -> Array:
    """Return the expected confusion matrix, true class first.

    Parameters
    ----------
    pred : array of int, shape (n,)
    chance : array, shape (n, classes)
        The chance of each class to be the true one.

    Examples
    --------
    >>> import numpy as np
    >>> expected_cells(np.array([1, 0]), np.array([[0.25, 0.75], [0.5, 0.5]])).tolist()
    [[0.5, 0.25], [0.5, 0.75]]
    """
    import numpy as np

    said = np.asarray(pred)[:, None] == np.arange(chance.shape[1])
    return np.asarray((chance[:, :, None] * said[:, None, :]).sum(axis=0))


def _values(formula: Formula, scored: Scored, chances: Array) -> Array:
    """Return the metric for each of several tables of chances, shape (tables,).

    Rows are sorted by falling score, as the formulas are quickest with.
    """
    import numpy as np

    order = np.arange(len(scored))
    if scored.score.ndim == 1:
        order = np.argsort(-scored.score, kind="stable")
    classes = chances.shape[-1]
    y = np.tile(np.arange(classes), len(scored))
    pred, score = (np.repeat(each[order], classes, axis=0) for each in (scored.pred, scored.score))
    weight = chances[:, order].reshape(len(chances), -1)
    return np.asarray(formula(y, pred, score, weight), float)


def _some(scored: Scored, seed: int | Sequence[int]) -> Array:
    import numpy as np

    if len(scored) <= MOST_DRAWN:
        return np.arange(len(scored))
    return np.random.default_rng(seed).choice(len(scored), MOST_DRAWN, replace=False)


def _drawn(scored: Scored, chance: Array, maps: Sequence[Any], rng: Any) -> Array:
    """Draw tables of chances: labels, another calibration, other rows; the undrawn comes last."""
    import numpy as np

    reached = rng.random(len(scored))[:, None] < chance.cumsum(axis=1)
    reached[:, -1] = True
    labels = np.eye(chance.shape[1])[reached.argmax(axis=1)]
    other = classwise([redrawn(each, rng) for each in maps], scored.score)
    counts = np.bincount(rng.integers(len(scored), size=len(scored)), minlength=len(scored))
    return np.stack([labels, other, counts[:, None] * chance, chance])


def _with_doubt(
    value: float, formula: Formula, scored: Scored, draws: Sequence[Array], scale: float
) -> Expected:
    import numpy as np
    from scipy.stats import skew

    if not np.isfinite(value):
        return Expected(None)
    found = np.stack([_values(formula, scored, each) for each in draws])
    kept = found[np.isfinite(found).all(axis=1)]
    if len(kept) < DRAWS / 2:
        return Expected(value)
    # Around the figure itself: of a gap, drawn ones are larger on the whole.
    labels, calibration, rows = ((kept[:, :3] - kept[:, 3:]) ** 2).mean(axis=0) ** 0.5
    doubt = float(np.hypot(labels * scale, calibration))
    # The calibration adds doubt to both sides alike, and more rows bring a sum nearer to normal.
    drawn = float(skew(kept[:, 0])) * scale if _varies(kept[:, 0]) else 0.0
    tilt = drawn * (labels * scale / doubt) ** 3 if doubt else 0.0
    return Expected(value, doubt, float(rows * scale), float(tilt))


def _varies(values: Array) -> bool:
    """Whether values differ by more than rounding: a share of predictions knows no labels."""
    import numpy as np

    return bool(np.ptp(values) > _ROUNDING * np.abs(values).max())
