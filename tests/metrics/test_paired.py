import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import binomtest, ttest_rel

from mlpipe.metrics.estimate import Outcomes, compare
from mlpipe.metrics.intervals import delong_paired
from mlpipe.metrics.paired import diebold_mariano, mcnemar, paired_areas
from mlpipe.metrics.scores import METRICS


def told(both: int, first: int, second: int, neither: int) -> tuple[np.ndarray, ...]:
    """Truth, and what two models say, where so many rows are right by both, one or none."""
    sizes = (both, first, second, neither)
    y = np.ones(sum(sizes), int)
    return y, np.repeat([1, 1, 0, 0], sizes), np.repeat([1, 0, 1, 0], sizes)


def test_mcnemar_gives_the_published_figures() -> None:
    # Bentur et al. 2009 in Fagerland, Lydersen and Laake 2014: exact p .070, Tango's -.517, -.026.
    found = mcnemar(*told(1, 1, 7, 12))
    assert found.value == pytest.approx(-6 / 21)
    assert 2 * found.tail(0.0) == pytest.approx(0.0703125)
    assert found.low == pytest.approx(-0.517, abs=5e-4)
    assert found.tail(-0.026) == pytest.approx(0.035, abs=5e-4)  # the exact test; Tango's: .025
    assert found.high == 0.0  # Tango's -.026, but the exact test does not reject 0
    # Tango 1998: soft contact lenses, 43 pairs alike and 1 not.
    assert mcnemar(*told(43, 0, 1, 0)).low == pytest.approx(-0.118, abs=5e-4)


@pytest.mark.parametrize(("first", "second"), [(40, 20), (20, 40), (3, 30), (12, 0), (5, 5)])
def test_mcnemar_at_zero_is_the_exact_test(first: int, second: int) -> None:
    found = mcnemar(*told(100, first, second, 9))
    exact = binomtest(first, first + second, 0.5).pvalue
    one_sided = found.tail(0.0) if first < second else 1 - found.tail(0.0)
    assert found.value == pytest.approx((first - second) / (109 + first + second))
    if first != second:
        assert 2 * one_sided == pytest.approx(exact)
    assert (found.low <= 0 <= found.high) == (exact > 0.05)


@pytest.mark.parametrize("bound", [-0.1, 0.05, 0.2])
def test_the_score_is_that_of_the_likelihood(bound: float) -> None:
    first, second, rows = 30, 12, 150

    def unlikely(p: float) -> float:
        rest = 1 - 2 * p - bound
        counts = zip((first, second, rows - 42), (p + bound, p, rest), strict=True)
        return -sum(count * math.log(max(share, 1e-300)) for count, share in counts)

    least, most = max(0.0, -bound), (1 - bound) / 2
    p = minimize_scalar(unlikely, bounds=(least, most), options={"xatol": 1e-12}).x
    error = math.sqrt((2 * p + bound - bound**2) / rows)
    z = ((first - second) / rows - bound) / error
    found = mcnemar(*told(100, first, second, 8))
    assert found.tail(bound) == pytest.approx(math.erfc(-z / math.sqrt(2)) / 2, rel=1e-5)


def test_mcnemar_of_models_that_agree_is_not_certain() -> None:
    found = mcnemar(*told(80, 0, 0, 20))
    assert found.value == 0.0
    assert found.low == pytest.approx(-found.high)
    assert 0.03 < found.high < 0.04
    assert mcnemar(*told(0, 0, 0, 0)).why == "no rows"


def test_tails_never_rise() -> None:
    bounds = np.linspace(-0.5, 0.5, 101)
    for counts in ((1, 1, 7, 12), (9, 7, 1, 3), (9, 4, 4, 3)):
        tails = [mcnemar(*told(*counts)).tail(float(bound)) for bound in bounds]
        assert all(a >= b - 1e-12 for a, b in pairwise(tails))


def test_a_comparison_takes_the_test_that_suits() -> None:
    y, pred, other = told(60, 15, 5, 20)
    found = compare(METRICS["accuracy"], Outcomes(y, pred), Outcomes(y, other), seed=1)
    assert found.method == "mcnemar"
    grouped = Outcomes(y, pred, groups=np.arange(100))
    found = compare(METRICS["accuracy"], grouped, Outcomes(y, other), seed=1, times=50)
    assert found.method == "bootstrap"


def test_paired_areas_are_delongs() -> None:
    generator = np.random.default_rng(0)
    y = (generator.random(300) < 0.3).astype(int)
    a, b = y + generator.normal(size=(2, 300))
    found, expected = paired_areas(y, a, b), delong_paired(y, a, b)
    assert (found.value, found.low, found.high) == expected[:3]
    assert 2 * min(found.tail(0.0), 1 - found.tail(0.0)) == pytest.approx(expected.p)
    assert paired_areas(y, a, a).tail(0.0) == 1.0


def losses(moments: int = 60, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    shocks = generator.normal(size=(2, moments + 2))
    mine, other = shocks[:, 2:] + 0.8 * shocks[:, 1:-1] + 0.6 * shocks[:, :-2]
    return mine**2, (1.2 * other) ** 2


def test_diebold_mariano_one_step_ahead_is_a_paired_t_test() -> None:
    mine, other = losses()
    found, expected = diebold_mariano(mine, other), ttest_rel(other, mine)
    assert found.value == pytest.approx(other.mean() - mine.mean())
    assert 1 - found.tail(0.0) == pytest.approx(ttest_rel(other, mine, alternative="greater")[1])
    ends = expected.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high))
    assert found.tail(found.low) == pytest.approx(0.975)


def test_diebold_mariano_further_ahead_is_as_written() -> None:
    from scipy.stats import t

    mine, other = losses()
    d, h = other - mine, 3
    n, centred = len(d), d - d.mean()
    covariances = [float((centred[k:] * centred[: n - k]).sum()) / n for k in range(h)]
    statistic = d.mean() / math.sqrt((covariances[0] + 2 * sum(covariances[1:])) / n)
    corrected = statistic * math.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n)
    found = diebold_mariano(mine, other, horizon=h)
    assert found.tail(0.0) == pytest.approx(float(t.cdf(corrected, n - 1)))
    assert found.high - found.low > (lambda one: one.high - one.low)(diebold_mariano(mine, other))


def test_rows_of_a_moment_are_one_observation() -> None:
    mine, other = losses(40)
    repeated = diebold_mariano(
        np.repeat(mine, 5), np.repeat(other, 5), moments=np.repeat(np.arange(40), 5)
    )
    once = diebold_mariano(mine, other)
    assert (repeated.low, repeated.high) == pytest.approx((once.low, once.high))
    order = np.random.default_rng(0).permutation(200)
    moments = np.repeat(np.arange(40), 5)[order]
    mixed = diebold_mariano(
        np.repeat(mine, 5)[order], np.repeat(other, 5)[order], moments=moments, horizon=2
    )
    straight = diebold_mariano(mine, other, horizon=2)
    assert (mixed.low, mixed.high) == pytest.approx((straight.low, straight.high))


def test_roots_are_compared_as_rmse() -> None:
    mine, other = losses(400)
    found = diebold_mariano(mine, other, root=True)
    assert found.value == pytest.approx(math.sqrt(other.mean()) - math.sqrt(mine.mean()))
    generator = np.random.default_rng(1)
    rows = generator.integers(0, 400, (4000, 400))
    drawn = np.sqrt(other[rows].mean(axis=1)) - np.sqrt(mine[rows].mean(axis=1))
    assert found.high - found.low == pytest.approx(3.92 * drawn.std(), rel=0.05)


def test_too_few_moments_have_no_interval_and_equal_losses_are_certain() -> None:
    mine, other = losses(6)
    assert "6 moments are too few" in diebold_mariano(mine, other).why
    assert diebold_mariano(mine, other).low is None
    assert diebold_mariano(mine[:0], other[:0]).why == "no rows"
    mine, _ = losses(30)
    same = diebold_mariano(mine, mine, horizon=2)
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
    assert (same.tail(0.0), same.tail(0.1)) == (1.0, 0.0)


def test_a_negative_variance_is_weighted_away() -> None:
    mine, other = np.ones(20), np.tile([1.0, 3.0], 10)  # the covariance at lag 1 is -0.95
    found = diebold_mariano(mine, other, horizon=2)
    assert found.low < found.value < found.high
