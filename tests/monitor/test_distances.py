import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mlpipe.monitor.distances import (
    hellinger,
    jensen_shannon,
    kolmogorov_smirnov,
    largest_difference,
    psi,
    total_variation,
    wasserstein,
)

REF, CUR = [16, 18, 16, 14, 12, 12], [16, 16, 16, 16, 16, 8]
A = [38.7, 41.5, 43.8, 44.5, 45.5, 46, 47.7, 58]
B = [39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8]

COUNTS = st.lists(st.integers(0, 500), min_size=4, max_size=4).filter(lambda c: sum(c) > 0)


def test_published_figures_are_met() -> None:
    assert psi(REF, CUR) == pytest.approx(0.0372184, abs=5e-8)
    assert jensen_shannon(REF, CUR, base=math.e) == pytest.approx(0.0680482, abs=5e-8)
    assert jensen_shannon(REF, CUR) == pytest.approx(0.0817342, abs=5e-8)
    assert total_variation(REF, CUR) == pytest.approx(0.0681818, abs=5e-8)
    assert largest_difference(REF, CUR) == pytest.approx(0.0454545, abs=5e-8)
    assert hellinger(REF, CUR) == pytest.approx(0.06812, abs=1e-5)  # .068128, cut off


def test_the_published_samples_are_those_of_the_published_tests() -> None:
    assert stats.ks_2samp(A, B).pvalue == pytest.approx(0.0870240870, abs=5e-11)
    assert stats.ttest_ind(A, B).pvalue == pytest.approx(0.0841057, abs=5e-8)


@pytest.mark.parametrize("distance", [total_variation, largest_difference, hellinger])
def test_it_is_zero_for_equal_shares_and_one_for_disjoint_ones(distance) -> None:
    assert distance([3, 1], [6, 2]) == 0
    assert distance([5, 0], [0, 2]) == pytest.approx(1)


def test_kolmogorov_smirnov_on_fine_bins_is_that_of_the_samples() -> None:
    edges = sorted({*A, *B})
    ref, cur = (np.bincount(np.searchsorted(edges, each), minlength=len(edges)) for each in (A, B))
    assert kolmogorov_smirnov(ref, cur) == pytest.approx(0.625)
    assert kolmogorov_smirnov(ref, cur) == pytest.approx(stats.ks_2samp(A, B).statistic)


def test_wasserstein_on_fine_bins_is_near_that_of_the_samples() -> None:
    edges = np.arange(38.0, 58.2, 0.1)
    ends = list(zip(edges - 0.1, edges, strict=True))
    ref, cur = (
        np.bincount(np.searchsorted(edges, np.array(each) - 1e-9), minlength=len(edges))
        for each in (A, B)
    )
    assert stats.wasserstein_distance(A, B) == pytest.approx(4.1625)
    assert wasserstein(ends, ref, cur) == pytest.approx(4.1625, abs=0.01)


def test_wasserstein_of_shifted_normals_is_the_shift() -> None:
    rng = np.random.RandomState(1)  # the published figure is that of the old generator
    a, b = rng.normal(size=10**4), rng.normal(1, size=10**3)
    edges = np.linspace(-5, 5, 101)
    ref, cur = (np.histogram(each, edges)[0] for each in (a, b))
    ends = list(itertools.pairwise(edges))
    assert wasserstein(ends, ref, cur) == pytest.approx(1.01, abs=0.01)
    assert wasserstein(ends, ref, cur) == pytest.approx(stats.wasserstein_distance(a, b), abs=0.01)


@given(COUNTS, COUNTS)
def test_distances_are_finite_and_zero_for_equal_shares(ref, cur):
    ends = [(float(at), at + 1.0) for at in range(4)]
    for distance in (psi, jensen_shannon, kolmogorov_smirnov, hellinger):
        assert 0 <= distance(ref, cur) < math.inf
        assert distance(ref, [3 * each for each in ref]) == pytest.approx(0, abs=0.6)
    assert wasserstein(ends, ref, ref) == 0
    assert jensen_shannon(ref, cur) <= 1 + 1e-9
