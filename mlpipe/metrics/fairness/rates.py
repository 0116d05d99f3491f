"""The rates of a group: each the mean of something over those rows of it that it is about.

Of many classes, one may be looked at as the class that is chosen or not; the rates are then those
of a binary task. The definitions are those of fairlearn's `MetricFrame` with scikit-learn's
metrics, which the tests hold them against.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from mlpipe.metrics.arrays import Array, share, total

if TYPE_CHECKING:
    from mlpipe.metrics.scores import Task

__all__ = ["RATES", "Rate", "Terms", "group_rates", "rates_of"]

Terms: TypeAlias = Callable[[Array, Array, Array | None], tuple[Array, Array]]


@dataclass(frozen=True)
class Rate:
    """One figure of a group.

    Attributes
    ----------
    name : str
    tasks : tuple of str
        ``binary`` includes a class of many that is looked at by itself.
    description : str
    terms : callable
        ``(y, pred, score) -> (top, bottom)``, each of shape (n,): the rate is the weighted sum of
        the first over that of the second.
    proportion : bool
        Whether each row that counts is a hit or none, as Wilson's interval supposes.
    needs_score : bool
    """

    name: str
    tasks: tuple[str, ...]
    description: str
    terms: Terms
    proportion: bool = True
    needs_score: bool = False


def _rows(which: str, y: Array, pred: Array) -> Array:
    """Return the rows that a proportion is about, shape (n,), as 0 and 1."""
    import numpy as np

    masks = {
        "all": np.ones(len(y), bool),
        "positive": y == 1,
        "negative": y != 1,
        "chosen": pred == 1,
        "missed": pred != 1,
        "right": y == pred,
    }
    return np.asarray(masks[which], float)


def _share(top: str, among: str) -> Terms:
    """Return the terms of the share of some rows among others."""

    def terms(y: Array, pred: Array, score: Array | None) -> tuple[Array, Array]:  # noqa: ARG001
        rows = _rows(among, y, pred)
        return rows * _rows(top, y, pred), rows

    return terms


def _mean(plus: str, minus: str = "", *, absolute: bool = False) -> Terms:
    """Return the terms of the mean of what was said or true, or of their difference."""

    def terms(y: Array, pred: Array, score: Array | None) -> tuple[Array, Array]:
        import numpy as np

        columns = {"score": score, "label": y == 1, "prediction": pred, "truth": y}
        each = np.asarray(columns[plus], float)
        if minus:
            each = each - np.asarray(columns[minus], float)
        return np.abs(each) if absolute else each, np.ones(len(y))

    return terms


_BINARY, _CLASSES, _NUMBERS = ("binary",), ("binary", "multiclass"), ("regression",)
_TABLE = (
    Rate("selection_rate", _BINARY, "share that is chosen", _share("chosen", "all")),
    Rate("tpr", _BINARY, "share of the positives that is chosen", _share("chosen", "positive")),
    Rate("fpr", _BINARY, "share of the negatives that is chosen", _share("chosen", "negative")),
    Rate("fnr", _BINARY, "share of the positives that is missed", _share("missed", "positive")),
    Rate(
        "precision", _BINARY, "share of the chosen that is positive", _share("positive", "chosen")
    ),
    Rate("accuracy", _CLASSES, "share that is judged right", _share("right", "all")),
    Rate(
        "mean_score",
        _BINARY,
        "mean probability",
        _mean("score"),
        proportion=False,
        needs_score=True,
    ),
    Rate("mean_outcome", _BINARY, "share that is positive", _share("positive", "all")),
    Rate(
        "calibration_gap",
        _BINARY,
        "mean probability less the share that is positive; 0 is best",
        _mean("score", "label"),
        proportion=False,
        needs_score=True,
    ),
    Rate(
        "mean_prediction",
        _NUMBERS,
        "mean of what was predicted",
        _mean("prediction"),
        proportion=False,
    ),
    Rate("mean_target", _NUMBERS, "mean of what was true", _mean("truth"), proportion=False),
    Rate(
        "mean_error",
        _NUMBERS,
        "mean of prediction minus truth: above 0 predicts too much",
        _mean("prediction", "truth"),
        proportion=False,
    ),
    Rate(
        "mae",
        _NUMBERS,
        "mean absolute error",
        _mean("prediction", "truth", absolute=True),
        proportion=False,
    ),
)

RATES: Mapping[str, Rate] = MappingProxyType({each.name: each for each in _TABLE})
"""Every rate by name, in the order of the table."""


def rates_of(task: Task | str, *, scored: bool = True) -> list[str]:
    """Return the rates of a task; without scores, those that need none."""
    return [
        rate.name
        for rate in RATES.values()
        if task in rate.tasks and (scored or not rate.needs_score)
    ]


def group_rates(
    names: Sequence[str],
    y: Array,
    pred: Array,
    score: Array | None,
    *,
    codes: Array,
    count: int,
    weight: Array,
) -> dict[str, Array]:
    """Return rates of each group, each of shape (..., groups); NaN where no row counts.

    Parameters
    ----------
    names : sequence of str
    y, pred : array, shape (n,)
        Codes or numbers; 1 is the class that is chosen.
    score : array, shape (n,), or None
    codes : array of int, shape (n,)
        Each row's group; −1 for rows that belong to none.
    count : int
        How many groups there are.
    weight : array, shape (..., n)
    """
    import numpy as np

    inside = [codes == code for code in range(count)]

    def by_group(term: Array) -> Array:
        return np.stack([total(weight, np.where(mask, term, 0.0)) for mask in inside], axis=-1)

    found = {}
    for name in names:
        top, bottom = RATES[name].terms(y, pred, score)
        found[name] = share(by_group(top), by_group(bottom))
    return found
