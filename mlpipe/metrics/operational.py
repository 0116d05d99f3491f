"""Operational metrics: how fast a model answers and what it takes, as measured on one machine."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from mlpipe.metrics.estimate import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "OPERATIONAL",
    "Measurements",
    "Operational",
    "estimates",
    "fewest",
    "order_ranks",
    "quantile",
]

_LEVEL = 0.95
_MIB = 2**20


class Measurements(TypedDict):
    """What was measured of one model, in seconds and bytes."""

    one_row: list[float]  # each prediction of one row
    batch: list[float]  # each prediction of a batch
    batch_rows: int  # rows of a batch
    starts: list[float]  # from the start of loading to the first prediction, in fresh processes
    peak_memory: int  # the most that the process which did all of it held at once
    model: int  # the files of the bundle


@dataclass(frozen=True)
class Operational:
    """One thing that is measured.

    Attributes
    ----------
    name : str
        As written in a gate.
    unit : str
    description : str
        One line for a reader who does not know it.
    of : str
        The field of `Measurements` that it is made of.
    quantile : float or None
        Which quantile of the measurements it is; None for a single value.
    greater_is_better : bool
    """

    name: str
    unit: str
    description: str
    of: str
    quantile: float | None = None
    greater_is_better: bool = False


def _latency(share: int, of: str) -> Operational:
    name = f"{'batch_' if of == 'batch' else ''}latency_p{share}_ms"
    what = "a batch" if of == "batch" else "one row"
    said = f"{share} % of the predictions of {what} take at most this long"
    return Operational(name, "ms", said, of, share / 100)


OPERATIONAL: dict[str, Operational] = {
    each.name: each
    for each in (
        *(_latency(share, "one_row") for share in (50, 95, 99)),
        *(_latency(share, "batch") for share in (50, 95, 99)),
        Operational(
            "rows_per_second", "rows/s", "rows of a batch over its median time", "batch",
            0.5, greater_is_better=True,
        ),
        Operational(
            "cold_start_s", "s", "from loading the bundle to the first prediction, the median of "
            "fresh processes", "starts", 0.5,
        ),
        Operational(
            "peak_memory_mb", "MiB", "the most memory that a process held that loaded the bundle "
            "and scored rows and batches", "peak_memory",
        ),
        Operational("model_bytes", "bytes", "the files of the bundle", "model"),
    )
}  # fmt: skip
"""What a gate may name, in the order of the report."""


def estimates(measured: Measurements) -> dict[str, Estimate]:
    """Return each metric with its interval.

    Quantiles get the interval between two order statistics; memory and size are read off once,
    so that their interval is the value itself.
    """
    return {name: _estimate(each, measured) for name, each in OPERATIONAL.items()}


def quantile(values: Sequence[float], share: float) -> Estimate:
    """Return a quantile and its interval between two order statistics.

    Exact for independent measurements whatever their distribution: how many lie below the true
    quantile is binomial. From `scipy.stats.quantile_test`, after Conover 1999, section 3.2.

    Parameters
    ----------
    values : sequence of float
    share : float
        Between 0 and 1: 0.95 for the value that 95 % do not exceed.

    Returns
    -------
    Estimate
        Without an interval where there are fewer than `fewest` values: no order statistic is
        then far enough out.
    """
    import numpy as np
    from scipy import stats

    if not len(values):
        return Estimate(None, why="nothing was measured")
    point = float(np.quantile(values, share))
    found = stats.quantile_test(values, p=share).confidence_interval(_LEVEL)
    if not (math.isfinite(found.low) and math.isfinite(found.high)):
        needed = f"the interval needs {fewest(share)} measurements"
        return Estimate(point, why=f"{needed}; there are {len(values)}")
    return Estimate(point, float(found.low), float(found.high), "order statistics")


def fewest(share: float) -> int:
    """Return from how many measurements on a quantile has an interval.

    >>> fewest(0.5), fewest(0.95), fewest(0.99)
    (6, 72, 368)
    """
    tail = (1 - _LEVEL) / 2
    return math.ceil(math.log(tail) / math.log(max(share, 1 - share)))


def order_ranks(n: int, share: float) -> tuple[int, int | None, int | None]:
    """Return the ranks, from 1, of a quantile and of both ends of its interval.

    For values that stay in an engine: the interval is that of `quantile`. An end is None where no
    order statistic is far enough out.

    >>> order_ranks(100, 0.5), order_ranks(100, 0.99)
    ((50, 40, 61), (99, 97, None))
    """
    from scipy.stats import binom

    tail = (1 - _LEVEL) / 2
    low, high = int(binom.ppf(tail, n, share)), int(binom.isf(tail, n, share)) + 1
    return max(1, math.ceil(n * share)), low or None, high if high <= n else None


def _estimate(what: Operational, measured: Measurements) -> Estimate:
    if what.quantile is None:
        value = measured[what.of] / (_MIB if what.unit == "MiB" else 1)  # type: ignore[literal-required]
        return Estimate(value, value, value, "measured once")
    values: list[float] = measured[what.of]  # type: ignore[literal-required]
    if what.name == "rows_per_second":
        values = [measured["batch_rows"] / seconds for seconds in values]
    return quantile([value * (1000 if what.unit == "ms" else 1) for value in values], what.quantile)
