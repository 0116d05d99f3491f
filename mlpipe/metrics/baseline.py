"""The naive baseline: what anybody could predict who knows the training targets alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlpipe.metrics.arrays import Array

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Baseline", "last_values", "mean", "prior"]


@dataclass(frozen=True)
class Baseline:
    """A naive prediction for each row.

    Attributes
    ----------
    kind : str
        ``prior`` (class shares, the most frequent class), ``mean`` or ``last_value``.
    pred : array, shape (n,)
    score : array, shape (n,) or (n, classes), or None
    facts : dict
        What it knows, for the report.
    """

    kind: str
    pred: Array
    score: Array | None
    facts: dict[str, Any]

    def take(self, rows: Array) -> Baseline:
        """Return some rows, chosen by a mask or by positions."""
        score = None if self.score is None else self.score[rows]
        return replace(self, pred=self.pred[rows], score=score)


def prior(
    train: Array, classes: int, rows: int, *, binary: bool, weight: Array | None = None
) -> Baseline:
    """Predict the training shares of the classes, and the most frequent one as the label.

    Parameters
    ----------
    train : array of int, shape (m,)
        The class codes of the training rows.
    classes, rows : int
    binary : bool
        Score the class of code 1 alone, as binary models do.
    weight : array, shape (m,), optional
    """
    import numpy as np

    counts = np.bincount(train, weights=weight, minlength=classes).astype(float)
    shares = counts / max(counts.sum(), 1.0)
    score = np.full(rows, shares[1]) if binary else np.tile(shares, (rows, 1))
    facts = {"shares": [float(share) for share in shares]}
    return Baseline("prior", np.full(rows, int(np.argmax(counts))), score, facts)


def mean(train: Array, rows: int, weight: Array | None = None) -> Baseline:
    """Predict the mean of the training targets."""
    import numpy as np

    value = float(np.average(train, weights=weight))
    return Baseline("mean", np.full(rows, value), None, {"mean": value})


def last_values(
    time: pd.Series[Any],
    target: pd.Series[Any],
    entity: pd.Series[Any] | None,
    lead: pd.Timedelta,
) -> pd.Series[float]:
    """Return for each row the latest target of its entity that was known by then.

    Parameters
    ----------
    time : Series of datetime64, shape (n,)
    target : Series of float, shape (n,)
    entity : Series, shape (n,), or None
        None: all rows are one series.
    lead : Timedelta
        The target's horizon: a value is known that long after its row's time. A value of the very
        same time is never known.

    Returns
    -------
    Series of float
        In the order of the input; NaN where nothing was known yet.
    """
    import numpy as np
    import pandas as pd

    group = np.zeros(len(time), int) if entity is None else pd.factorize(entity)[0]
    rows = pd.DataFrame(
        # One unit: what is known later is the time plus a lead, whose unit may be finer.
        {"time": time.to_numpy("datetime64[us]"), "group": group, "value": target.to_numpy(float)},
    )
    rows["place"] = np.arange(len(rows))
    known = rows.dropna(subset=["value"])[["time", "group", "value", "place"]]
    known = known.assign(time=known["time"] + lead.as_unit("us")).sort_values(
        ["time", "place"], kind="stable"
    )
    asked = rows[["time", "group", "place"]].sort_values(["time", "place"], kind="stable")
    found = pd.merge_asof(
        asked,
        known[["time", "group", "value"]],
        on="time",
        by="group",
        allow_exact_matches=lead > pd.Timedelta(0),
    )
    values = found.set_index("place")["value"].sort_index()
    return pd.Series(values.to_numpy(), index=target.index)
