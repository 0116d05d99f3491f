import math

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from mlpipe.metrics.intervals import (
    delong,
    delong_paired,
    delong_with_tail,
    holm,
    wilson,
    wilson_tail,
)
from mlpipe.metrics.ranked import roc_auc
from mlpipe.metrics.resampling import bootstrap


def scored(rows: int = 600, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    y = (generator.random(rows) < 0.3).astype(int)
    common = generator.normal(size=rows)
    a = y + 0.7 * common + 0.7 * generator.normal(size=rows)
    b = 0.7 * y + 0.7 * common + 0.7 * generator.normal(size=rows)
    return y, a, b


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # Newcombe 1998, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_intervals(
    successes: int, n: int, low: float, high: float
) -> None:
    assert wilson(successes, n) == pytest.approx((low, high), abs=5e-5)
    assert wilson(n - successes, n) == pytest.approx((1 - high, 1 - low), abs=5e-5)


@pytest.mark.parametrize(("successes", "n"), [(0, 7), (3, 9), (81, 263), (9_998, 10_000)])
def test_wilson_agrees_with_scipy(successes: int, n: int) -> None:
    expected = binomtest(successes, n).proportion_ci(0.95, method="wilson")
    assert wilson(successes, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilson_knows_nothing_without_trials() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_the_tail_is_what_the_interval_inverts() -> None:
    low, high = wilson(30, 80)
    assert wilson_tail(30 / 80, 80, low) == pytest.approx(0.975)
    assert wilson_tail(30 / 80, 80, high) == pytest.approx(0.025)
    assert wilson_tail(0.5, 10, 0.0) == 1.0
    assert wilson_tail(0.5, 10, 1.0) == 0.0


def by_definition(y: np.ndarray, scores: list[np.ndarray]) -> np.ndarray:
    """Covariance of the areas from the structural components, in O(mn)."""
    above, below = [], []
    for score in scores:
        wins = (score[y == 1][:, None] > score[y == 0]) + 0.5 * (
            score[y == 1][:, None] == score[y == 0]
        )
        above.append(wins.mean(axis=1))
        below.append(wins.mean(axis=0))
    return np.cov(above) / len(above[0]) + np.cov(below) / len(below[0])


@pytest.mark.parametrize("decimals", [0, 1, 12])
def test_delong_agrees_with_its_definition(decimals: int) -> None:
    y, a, b = scored()
    a, b = np.round(a, decimals), np.round(b, decimals)
    auc, low, high = delong(y, a)
    covariance = by_definition(y, [a, b])
    assert auc == pytest.approx(roc_auc_score(y, a))
    half = (math.log(high / (1 - high)) - math.log(low / (1 - low))) / 2
    error = math.sqrt(covariance[0, 0]) / (auc * (1 - auc))
    assert half == pytest.approx(1.959964 * error, rel=1e-6)
    found = delong_paired(y, a, b)
    error = math.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    assert found.difference == pytest.approx(roc_auc_score(y, a) - roc_auc_score(y, b))
    assert found.high - found.low == pytest.approx(2 * 1.959964 * error, rel=1e-6)
    assert found.p == pytest.approx(math.erfc(found.difference / error / math.sqrt(2)))


def test_delong_agrees_with_the_bootstrap_alone_and_paired() -> None:
    y, a, b = scored(1500)
    low, high = bootstrap(lambda *told: roc_auc(told[0], None, *told[1:]), (y, a), seed=1)
    assert delong(y, a)[1:] == pytest.approx((float(low), float(high)), abs=0.006)

    def difference(y: np.ndarray, a: np.ndarray, b: np.ndarray, w: np.ndarray) -> np.ndarray:
        return roc_auc(y, None, a, w) - roc_auc(y, None, b, w)

    low, high = bootstrap(difference, (y, a, b), seed=1)
    assert delong_paired(y, a, b)[1:3] == pytest.approx((float(low), float(high)), abs=0.006)


def test_delong_of_separated_classes_is_not_certain() -> None:
    y, score = np.repeat([0, 1], [50, 12]), np.arange(62.0)
    assert delong(y, score) == pytest.approx((1.0, *wilson(12, 12)))
    assert delong(y, -score) == pytest.approx((0.0, *wilson(0, 12)))
    assert delong_with_tail(y, score)[1](0.9) == pytest.approx(wilson_tail(1.0, 12, 0.9))


def test_delong_of_constant_scores_is_a_coin() -> None:
    y, a, _ = scored()
    auc, low, high = delong(y, np.zeros(len(y)))
    assert auc == 0.5
    assert low < 0.5 < high
    against = delong_paired(y, a, np.zeros(len(y)))
    assert against.difference == pytest.approx(roc_auc_score(y, a) - 0.5)
    assert delong_paired(y, a, a).p == 1.0


def test_delong_needs_both_classes() -> None:
    with pytest.raises(ValueError, match="both classes"):
        delong(np.ones(4), np.arange(4.0))


def test_delong_tail_meets_the_interval() -> None:
    y, a, _ = scored()
    (_, low, high), tail = delong_with_tail(y, a)
    assert tail(low) == pytest.approx(0.975)
    assert tail(high) == pytest.approx(0.025)


def test_holm_agrees_with_its_definition() -> None:
    assert holm([]) == []
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
