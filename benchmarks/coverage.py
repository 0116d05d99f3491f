"""How often the intervals hold the truth: simulations in which it is known.

    python benchmarks/coverage.py [REPETITIONS] [CASE ...]

prints a line for each way to an interval and each number of rows. The suite runs a short version;
see tests/metrics/test_coverage.py. What came out is in docs/statistics.md.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from statistics import NormalDist

import numpy as np

from mlpipe.evaluate.business.policies import Fixed
from mlpipe.evaluate.business.worth import Worth
from mlpipe.evaluate.measure import Measures
from mlpipe.metrics.estimate import Estimate, Outcomes, compare, estimate
from mlpipe.metrics.paired import diebold_mariano
from mlpipe.metrics.scores import METRICS

TIMES = 500
TRUTH_ROWS = 2_000_000
Found = dict[str, Estimate]


@dataclass(frozen=True)
class Case:
    """A way to an interval.

    Attributes
    ----------
    rows : tuple of int
        Numbers of rows to try.
    find : callable
        ``find(generator, rows, times)``: the estimates from fresh rows, by name.
    truth : callable
        ``truth()``: what they are to hold, by name.
    """

    rows: tuple[int, ...]
    find: Callable[[np.random.Generator, int, int], Found]
    truth: Callable[[], dict[str, float]]


def binary(generator: np.random.Generator, rows: int) -> Outcomes:
    """One positive in five; the score is informative and right as a probability."""
    signal = generator.normal(size=rows)
    score = 1 / (1 + np.exp(1.9 - 1.3 * signal))
    y = (generator.random(rows) < score).astype(int)
    return Outcomes(y=y, pred=(score > 0.25).astype(int), score=score)


def overconfident(generator: np.random.Generator, rows: int) -> Outcomes:
    """The same with a score that is too sure of itself."""
    told = binary(generator, rows)
    odds = (told.score / (1 - told.score)) ** 1.6
    return Outcomes(told.y, told.pred, odds / (1 + odds))


def clustered(generator: np.random.Generator, rows: int) -> Outcomes:
    """Five rows an entity, all with the same outcome and the same score."""
    one = binary(generator, rows // 5)
    groups = np.repeat(np.arange(rows // 5), 5)
    return Outcomes(*(np.repeat(each, 5) for each in (one.y, one.pred, one.score)), groups=groups)


def numbers(generator: np.random.Generator, rows: int) -> Outcomes:
    """Skewed targets with errors of heavy tails."""
    y = np.exp(generator.normal(3, 0.5, size=rows))
    return Outcomes(y=y, pred=y * 0.9 + generator.laplace(2, 4, size=rows))


def series(generator: np.random.Generator, rows: int, *, memory: float = 0.5) -> Outcomes:
    """Hourly values whose errors remember the last one, in the blocks that `evaluate` takes."""
    y, error = generator.normal(50, 10, rows), remembered(generator, rows, memory)
    blocks = round(rows ** (2 / 3))
    return Outcomes(y, y + error, groups=np.arange(rows) * blocks // rows)


def remembered(generator: np.random.Generator, rows: int, memory: float) -> np.ndarray:
    """An autoregressive series of deviation 1."""
    from scipy.signal import lfilter

    shocks = generator.normal(size=rows + 100) * np.sqrt(1 - memory**2)
    return np.asarray(lfilter([1.0], [1.0, -memory], shocks)[100:])


def metrics_of(make: Callable[..., Outcomes], *names: str, rows: tuple[int, ...]) -> Case:
    """Return the case of metrics, whose truth is their value over very many rows."""
    chosen = [METRICS[name] for name in names]

    def find(generator: np.random.Generator, count: int, times: int) -> Found:
        return estimate(chosen, make(generator, count), seed=1, times=times)

    @cache
    def truth() -> dict[str, float]:
        told = make(np.random.default_rng(99), TRUTH_ROWS)
        return {
            each.name: each.measure(told.y, pred=told.pred, score=told.score).value
            for each in chosen
        }

    return Case(rows, find, truth)


def two_scores(generator: np.random.Generator, rows: int) -> tuple[Outcomes, Outcomes]:
    """Two normal scores of the same rows, correlated; the first parts the classes better."""
    y = (generator.random(rows) < 0.2).astype(int)
    common, *own = generator.normal(size=(3, rows))
    a, b = (
        shift * y + (common + each) / np.sqrt(2) for shift, each in zip((1.2, 1), own, strict=True)
    )
    return tuple(
        Outcomes(y, (each > 1).astype(int), 1 / (1 + np.exp(1.9 - each))) for each in (a, b)
    )


def differences(*names: str, rows: tuple[int, ...]) -> Case:
    """Return the case of a paired comparison."""

    def find(generator: np.random.Generator, count: int, times: int) -> Found:
        pair = two_scores(generator, count)
        return {name: compare(METRICS[name], *pair, seed=1, times=times) for name in names}

    @cache
    def truth() -> dict[str, float]:
        area, normal = NormalDist().cdf, NormalDist()
        pair = two_scores(np.random.default_rng(99), TRUTH_ROWS)
        found = {}
        for name in names:
            mine, other = (
                METRICS[name].measure(told.y, pred=told.pred, score=told.score).value
                for told in pair
            )
            found[name] = METRICS[name].goodness(mine) - METRICS[name].goodness(other)
        if "roc_auc" in names:
            found["roc_auc"] = area(1.2 / np.sqrt(2)) - area(1 / np.sqrt(2))
        if "accuracy" in names:
            right = [0.8 * normal.cdf(1) + 0.2 * normal.cdf(shift - 1) for shift in (1.2, 1)]
            found["accuracy"] = right[0] - right[1]
        return found

    return Case(rows, find, truth)


def forecasts(*, horizon: int, rows: tuple[int, ...]) -> Case:
    """Return the case of two forecasts whose errors overlap over the horizon."""

    def find(generator: np.random.Generator, count: int, times: int) -> Found:  # noqa: ARG001
        shocks = generator.normal(size=(2, count + horizon - 1))
        ones = np.ones(horizon) / np.sqrt(horizon)
        mine, other = (np.convolve(each, ones, mode="valid") ** 2 for each in shocks)
        return {"diebold_mariano": diebold_mariano(mine, 1.2 * other, horizon=horizon)}

    return Case(rows, find, lambda: {"diebold_mariano": 0.2})


def gaps(shares: tuple[float, ...], *, rows: tuple[int, ...]) -> Case:
    """Return the case of groups that are selected with such chances."""
    names = ["demographic_parity_difference", "demographic_parity_ratio"]

    def find(generator: np.random.Generator, count: int, times: int) -> Found:
        codes = generator.integers(0, len(shares), count)
        pred = (generator.random(count) < np.array(shares)[codes]).astype(int)
        told = Outcomes(y=pred, pred=pred)
        return Measures(1, times).disparities(names, told, codes, "gap")

    truth = dict(zip(names, (max(shares) - min(shares), min(shares) / max(shares)), strict=True))
    return Case(rows, find, lambda: truth)


def money(*, rows: tuple[int, ...]) -> Case:
    """Return the case of what decisions are worth, in amounts of a heavy tail."""

    def amounts(generator: np.random.Generator, count: int) -> tuple[Outcomes, np.ndarray]:
        told = binary(generator, count)
        price = 20 * np.exp(0.8 * generator.normal(size=count))
        return told, np.where(told.y, 0.4 * price, 0.0) - 5

    def find(generator: np.random.Generator, count: int, times: int) -> Found:
        told, saved = amounts(generator, count)
        naive = {"all": Fixed(saved), "none": Fixed(np.zeros(count))}
        worth = Worth(Fixed(saved * told.pred), naive, None, np.ones(count, bool))
        return worth.estimates(told, seed=1, times=times)

    @cache
    def truth() -> dict[str, float]:
        told, saved = amounts(np.random.default_rng(99), TRUTH_ROWS)
        mine = 1000 * (saved * told.pred).mean()
        return {"value": mine, "over_baseline": mine - max(0.0, 1000 * saved.mean())}

    return Case(rows, find, truth)


SIZES = (200, 1000, 5000)
RATES = ("accuracy", "precision", "recall", "specificity")
SCORED = ("average_precision", "brier", "log_loss", "f1", "balanced_accuracy", "matthews",
          "lift_at_0.1")  # fmt: skip
NUMBERS = ("mae", "rmse", "median_ae", "r2", "wape", "mape", "bias")
LARGE = (20_000,)

CASES: dict[str, Case] = {
    "wilson": metrics_of(binary, *RATES, rows=SIZES),
    "delong": metrics_of(binary, "roc_auc", rows=SIZES),
    "delong_paired": differences("roc_auc", rows=SIZES),
    "mcnemar": differences("accuracy", rows=SIZES),
    "paired_bootstrap": differences("brier", "f1", "average_precision", rows=(200, 1000)),
    "diebold_mariano_1": forecasts(horizon=1, rows=(30, 200, 1000)),
    "diebold_mariano_4": forecasts(horizon=4, rows=(30, 200, 1000)),
    "bootstrap_binary": metrics_of(binary, *SCORED, rows=SIZES),
    "bootstrap_numbers": metrics_of(numbers, *NUMBERS, rows=SIZES),
    "cells_binary": metrics_of(binary, *SCORED, rows=LARGE),
    "cells_numbers": metrics_of(numbers, *NUMBERS, rows=LARGE),
    "subsets_paired": differences("brier", rows=LARGE),
    "grouped": metrics_of(clustered, "roc_auc", "brier", "accuracy", rows=SIZES),
    "time_blocks_0.5": metrics_of(series, "mae", "rmse", "bias", rows=SIZES),
    "time_blocks_0.8": metrics_of(partial(series, memory=0.8), "mae", "rmse", "bias", rows=SIZES),
    "noise_calibrated": metrics_of(binary, "ece", rows=(*SIZES, *LARGE)),
    "noise_overconfident": metrics_of(overconfident, "ece", rows=(*SIZES, *LARGE)),
    "gap_0": gaps((0.3, 0.3), rows=SIZES),
    "gap_0.05": gaps((0.3, 0.35), rows=SIZES),
    "gap_0.2": gaps((0.3, 0.5), rows=SIZES),
    "gap_of_4_groups": gaps((0.3, 0.3, 0.35, 0.4), rows=SIZES),
    "business": money(rows=SIZES),
}
"""Every way to an interval, by name."""


def coverage(
    case: str, rows: int, repetitions: int, *, times: int = TIMES, seed: int = 1
) -> dict[str, float]:
    """Return the share of intervals that hold the truth, by metric; none is a miss."""
    one, truth = CASES[case], CASES[case].truth()
    held = dict.fromkeys(truth, 0)
    for repetition in range(repetitions):
        found = one.find(np.random.default_rng((seed, repetition)), rows, times)
        for name, value in truth.items():
            low, high = found[name].low, found[name].high
            held[name] += low is not None and low <= value <= high
    return {name: count / repetitions for name, count in held.items()}


def main(repetitions: int = 1000, *cases: str) -> None:
    """Print the table; a star marks what lies outside 93 to 97 %."""
    for case in cases or CASES:
        for rows in CASES[case].rows:
            found = coverage(case, rows, repetitions)
            figures = "  ".join(
                f"{name} {100 * share:.1f}{'' if 0.93 <= share <= 0.97 else '*'}"
                for name, share in found.items()
            )
            print(f"{case:20} n={rows:6}  {figures}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, *sys.argv[2:])
