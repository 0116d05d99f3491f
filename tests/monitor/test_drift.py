import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mlpipe.monitor.distances import psi
from mlpipe.monitor.drift import (
    chi_square,
    effect,
    exceeds,
    pool,
    regressed,
    significant,
    stale,
    too_many_missing,
    unseen,
)

REF, CUR = [16, 18, 16, 14, 12, 12], [16, 16, 16, 16, 16, 8]

COUNTS = st.lists(st.integers(0, 500), min_size=4, max_size=4).filter(lambda c: sum(c) > 0)


def test_published_figures_are_met():
    assert effect(REF, CUR) == pytest.approx(0.1899343, abs=5e-8)
    assert chi_square(REF, CUR) == pytest.approx(1.62241, abs=5e-6)
    assert stats.chi2.sf(chi_square(REF, CUR), 5) == pytest.approx(0.898526, abs=5e-7)


@given(COUNTS, COUNTS)
def test_the_statistic_is_that_of_scipy(ref, cur):
    both = [(r, c) for r, c in zip(ref, cur, strict=True) if r + c]
    if len(both) > 1:
        expected = stats.chi2_contingency(np.array(both).T, correction=False).statistic
        assert chi_square(ref, cur) == pytest.approx(expected, abs=1e-9)


@given(COUNTS, COUNTS, st.floats(0.01, 0.5), st.floats(1.0, 9.0))
def test_a_larger_least_effect_or_more_dispersion_is_harder_to_exceed(ref, cur, least, more):
    p = exceeds(ref, cur, least)
    assert 0 <= p <= 1
    assert exceeds(ref, cur, least * 1.5) >= p - 1e-9


def test_overdispersion_weakens_the_evidence():
    ref, cur = [500, 500], [400, 600]
    plain, corrected = exceeds(ref, cur, 0.05), exceeds(ref, cur, 0.05, 4.0)
    assert plain < 0.01 < corrected
    size = 500.0
    assert corrected == pytest.approx(
        stats.ncx2.sf(chi_square(ref, cur) / 4, 1, size * 0.05**2 / 4)
    )


@pytest.mark.parametrize(
    ("reference", "current", "pooled"),
    [
        ([800, 105, 30, 35, 30], [50, 30, 8, 5, 7], ([800, 105, 95], [50, 30, 20])),
        ([900, 95, 3, 2, 0], [50, 40, 0, 5, 5], ([900, 100], [50, 50])),
        ([1000, 0, 0], [90, 5, 5], ([1000, 0], [90, 10])),
        ([900, 100, 0], [90, 10, 0], ([900, 100], [90, 10])),
        ([1, 2, 3], [3, 2, 1], ([6], [6])),
    ],
)
def test_bins_are_pooled_by_the_reference_alone(reference, current, pooled):
    assert tuple(each.tolist() for each in pool(reference, current)) == pooled


def test_a_single_row_where_the_reference_has_none_is_no_drift():
    even = [0, *[500] * 10, 0]
    for current in ([1, *[20] * 9, 19, 0], [0, *[20] * 9, 19, 1]):
        assert exceeds(even, current, 0.1) > 0.5
    assert exceeds(even, [0, *[12] * 10, 80], 0.1) <= 0.01


@pytest.mark.parametrize(("others", "found"), [(0, False), (3, False), (6, True), (200, True)])
def test_a_constant_column_may_have_two_points_of_other_values(others, found):
    assert (exceeds([5000, 0], [200 - others, others], 0.1) <= 0.01) is found


def test_samples_that_cannot_be_compared_give_no_evidence():
    assert exceeds([10, 0], [10, 0], 0.1) == 1.0
    assert exceeds([0, 0], [10, 5], 0.1) == 1.0
    assert exceeds([10, 5], [0, 0], 0.1) == 1.0
    assert effect([0, 0], [1, 2]) == 0.0


def test_a_new_bin_counts_whatever_the_size_of_the_reference():
    small = effect([100, 0], [95, 5])
    large = effect([100_000, 0], [95, 5])
    assert small == large == pytest.approx(math.sqrt(0.05**2 + 2 * 0.05))


@pytest.mark.parametrize(
    ("current", "found"),
    [((19, 981), False), ((40, 960), True), ((400, 600), True), ((0, 1000), False)],
)
def test_missing_values_count_from_two_points_on(current, found):
    assert (too_many_missing((0, 10_000), current, 0.1) <= 0.01) is found


def test_fewer_missing_values_are_a_change_too():
    assert too_many_missing((300, 700), (0, 1000), 0.2) <= 0.01


def test_never_seen_values_are_held_against_good_and_turing():
    seen = {"present": 10_000, "singletons": 100, "distinct": 500}
    p, allowed = unseen(20, 1000, seen)
    assert allowed == pytest.approx(0.01 + 2 * 10 / 10_000 + 0.01)
    assert p > 0.5
    assert unseen(60, 1000, seen)[0] < 0.001
    assert unseen(0, 0, seen)[0] == 1.0


def test_two_thousand_categories_do_not_alarm_by_themselves():
    rng = np.random.default_rng(0)
    shares = rng.dirichlet([0.3] * 2000)
    ref = rng.multinomial(5000, shares)
    seen = {"present": 5000, "singletons": int((ref == 1).sum()), "distinct": int((ref > 0).sum())}
    alarms = 0
    for _ in range(200):
        cur = rng.multinomial(1000, shares)
        alarms += unseen(int(cur[ref == 0].sum()), 1000, seen)[0] <= 0.01
    assert alarms == 0


@pytest.mark.parametrize("distinct", [200, 2000])
def test_values_that_lead_by_luck_are_no_drift_elsewhere(distinct):
    """The fifty most frequent of many equal values: the control takes them at their word."""
    rng = np.random.default_rng(0)
    ref = rng.multinomial(5000, np.full(distinct, 1 / distinct))
    order = np.argsort(-ref, kind="stable")
    seen = {"present": 5000, "distinct": int((ref > 0).sum()), "squares": int((ref**2).sum())}
    cur = rng.multinomial(20_000, np.full(distinct, 1 / distinct))
    was, now = ([*c[order[:50]].tolist(), int(c[order[50:]].sum())] for c in (ref, cur))
    assert exceeds(was, now, 0.1) <= 0.03
    drawn = regressed(was, seen)
    assert sum(drawn) == pytest.approx(5000)
    assert exceeds(drawn, now, 0.1) > 0.5


def test_values_that_lead_by_far_stay_and_their_drift_is_found():
    rng = np.random.default_rng(0)
    shares = 1 / np.arange(1, 501)
    ref = rng.multinomial(5000, shares / shares.sum())
    seen = {"present": 5000, "distinct": int((ref > 0).sum()), "squares": int((ref**2).sum())}
    was = [*ref[:50].tolist(), int(ref[50:].sum())]
    assert regressed(was, seen) == pytest.approx(was, rel=0.05, abs=15)
    moved = shares.copy()
    moved[[0, 4]] = moved[[4, 0]]
    cur = rng.multinomial(2000, moved / moved.sum())
    assert exceeds(regressed(was, seen), [*cur[:50].tolist(), int(cur[50:].sum())], 0.2) <= 0.01


def test_few_values_and_older_profiles_are_taken_as_they_are():
    assert regressed([5, 3, 0], {"present": 8, "distinct": 2, "squares": 34}) == [5, 3, 0]
    assert regressed([5, 3, 2], {"present": 10, "distinct": 4}) == [5, 3, 2]


@pytest.mark.parametrize(
    ("fresh", "chunks", "found"),
    [(100, [], False), (51, [], False), (20, [], True), (20, [0.03] * 8, False), (0, [0.0], False)],
)
def test_dates_are_stale_from_half_of_the_least_fresh_chunk_on(fresh, chunks, found):
    assert (stale((1000, 9000), (fresh, 1000 - fresh), chunks) <= 0.01) is found


def test_q_values_are_those_of_benjamini_and_hochberg():
    assert significant([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])
    assert significant([]) == []


def rates(n, shift, least, times, seed):
    """Share of current samples of n rows that exceed the least effect, on frozen deciles."""
    rng = np.random.default_rng(seed)
    ref = rng.normal(size=5000)
    edges = np.quantile(ref, np.arange(0.1, 1, 0.1))

    def counts(values):
        return np.bincount(np.searchsorted(edges, values), minlength=10)

    frozen = counts(ref)
    found = [
        exceeds(frozen, counts(rng.normal(shift, size=n)), least) <= 0.01 for _ in range(times)
    ]
    return float(np.mean(found))


@pytest.mark.parametrize("n", [200, 1000, 5000])
def test_false_alarms_are_rare_without_drift(n):
    assert rates(n, 0.0, 0.1, times=400, seed=n) <= 0.008


@pytest.mark.parametrize(
    ("n", "shift", "least", "power"),
    [(1000, 0.3, 0.1, 0.99), (5000, 0.2, 0.1, 0.99), (1000, 0.2, 0.1, 0.6), (5000, 0.3, 0.2, 0.9)],
)
def test_drift_that_matters_is_found(n, shift, least, power):
    assert rates(n, shift, least, times=150, seed=n) >= power


def test_the_old_ways_cry_wolf_where_this_does_not():
    """Negative control: PSI alarms on small batches, as the figures say it does."""
    rng = np.random.default_rng(0)
    ref = rng.multinomial(5000, [0.1] * 10)
    batches = rng.multinomial(100, [0.1] * 10, size=300)
    assert np.mean([psi(ref, cur) >= 0.1 for cur in batches]) > 0.25
    assert np.mean([exceeds(ref, cur, 0.1) <= 0.01 for cur in batches]) <= 0.01
