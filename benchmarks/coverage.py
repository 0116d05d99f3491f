"""How often the intervals hold the truth: a simulation with a known truth.

``python benchmarks/coverage.py [REPETITIONS]`` prints one line a case. The suite runs a short
version with wide bounds; see tests/metrics/test_coverage.py.
"""

import sys
from collections.abc import Callable

import numpy as np

from mlpipe.metrics.estimate import Outcomes, estimate
from mlpipe.metrics.fairness.estimates import disparities
from mlpipe.metrics.scores import METRICS

_BINARY = ("roc_auc", "average_precision", "brier", "log_loss", "accuracy", "recall", "f1", "ece")
_NUMBERS = ("mae", "rmse", "median_ae", "r2", "wape")
_GAP = "demographic_parity_difference"


def binary(generator: np.random.Generator, rows: int) -> Outcomes:
    """One positive in five; the score is informative and right as a probability."""
    signal = generator.normal(size=rows)
    score = 1 / (1 + np.exp(1.9 - 1.3 * signal))
    y = (generator.random(rows) < score).astype(int)
    return Outcomes(y=y, pred=(score > 0.25).astype(int), score=score)


def clustered(generator: np.random.Generator, rows: int) -> Outcomes:
    """Five rows an entity, all with the same outcome and nearly the same score."""
    one = binary(generator, rows // 5)
    score = np.repeat(one.score, 5)
    groups = np.repeat(np.arange(rows // 5), 5)
    return Outcomes(np.repeat(one.y, 5), np.repeat(one.pred, 5), score, groups=groups)


def numbers(generator: np.random.Generator, rows: int) -> Outcomes:
    """Skewed targets with errors of heavy tails."""
    y = np.exp(generator.normal(3, 0.5, size=rows))
    return Outcomes(y=y, pred=y * 0.9 + generator.laplace(2, 4, size=rows))


def coverage(
    make: Callable[[np.random.Generator, int], Outcomes],
    names: tuple[str, ...],
    *,
    rows: int,
    repetitions: int,
    times: int = 500,
    seed: int = 1,
    truth_rows: int = 1_000_000,
) -> dict[str, float]:
    """Return the share of intervals that hold the truth, by metric."""
    chosen = [METRICS[name] for name in names]
    large = make(np.random.default_rng(seed), truth_rows)
    truth = {
        each.name: each.measure(large.y, pred=large.pred, score=large.score).value
        for each in chosen
    }
    held = dict.fromkeys(names, 0)
    for repetition in range(repetitions):
        outcomes = make(np.random.default_rng((seed, repetition)), rows)
        found = estimate(chosen, outcomes, seed=repetition, times=times)
        for name in names:
            one = found[name]
            held[name] += one.low is not None and one.low <= truth[name] <= one.high
    return {name: count / repetitions for name, count in held.items()}


def gap_coverage(*, gap: float, rows: int, repetitions: int, times: int = 500) -> float:
    """Return the share of intervals of a gap between two groups that hold the truth."""
    held = 0
    for repetition in range(repetitions):
        generator = np.random.default_rng((2, repetition))
        codes = generator.integers(0, 2, rows)
        pred = (generator.random(rows) < 0.3 + gap * codes).astype(int)

        held += _gap_held(gap, pred, codes, repetition, times)
    return held / repetitions


def _gap_held(gap: float, pred: np.ndarray, codes: np.ndarray, seed: int, times: int) -> bool:
    told = Outcomes(y=pred, pred=pred)
    found = disparities([_GAP], told, codes, seed=seed, times=times)[_GAP]
    return found.low is not None and found.low <= gap <= found.high


def main(repetitions: int = 1000) -> None:
    """Print the table."""
    for rows in (200, 1000, 5000):
        for make, names in ((binary, _BINARY), (numbers, _NUMBERS), (clustered, _BINARY[:4])):
            found = coverage(make, names, rows=rows, repetitions=repetitions)
            figures = "  ".join(f"{name} {share:.3f}" for name, share in found.items())
            print(f"{make.__name__:10} n={rows:5}  {figures}", flush=True)
        for gap in (0.0, 0.05, 0.2):
            share = gap_coverage(gap=gap, rows=rows, repetitions=repetitions)
            print(f"{_GAP} {gap}  n={rows:5}  {share:.3f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
