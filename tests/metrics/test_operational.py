"""Quantiles of latencies, with intervals that hold whatever the distribution."""

import numpy as np
import pytest
from scipy import stats

from mlpipe.metrics.operational import OPERATIONAL, Measurements, estimates, fewest, quantile


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
def test_the_interval_is_between_two_order_statistics(share):
    values = np.random.default_rng(1).lognormal(size=500).tolist()
    found = quantile(values, share)
    ordered, ranks = sorted(values), stats.binom(500, share)
    below, above = ordered.index(found.low), ordered.index(found.high)
    # The true quantile lies between the two exactly where that many values are below it.
    assert ranks.cdf(above) - ranks.cdf(below) >= 0.95
    assert found.low <= found.value <= found.high
    assert found.method == "order statistics"


@pytest.mark.parametrize("share", [0.5, 0.95])
def test_it_covers_the_truth_of_a_skewed_distribution(share):
    generator, truth = np.random.default_rng(2), stats.lognorm(s=1).ppf(share)
    draws = generator.lognormal(size=(400, 200))
    covered = [found.low <= truth <= found.high for found in (quantile(d, share) for d in draws)]
    # At least 95 %: it is exact, and errs on the safe side by what order statistics allow.
    assert 0.93 <= np.mean(covered) <= 0.99


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
def test_below_so_many_there_is_no_interval(share):
    values = np.random.default_rng(3).exponential(size=fewest(share)).tolist()
    assert quantile(values, share).low is not None
    without = quantile(values[1:], share)
    assert without.value is not None
    assert (without.low, without.high) == (None, None)
    assert str(fewest(share)) in without.why


def test_units_and_what_is_read_off_once():
    measured = Measurements(
        one_row=[0.002] * 400,
        batch=[0.5] * 100,
        batch_rows=1000,
        starts=[2.0],
        peak_memory=300 * 2**20,
        model=4321,
    )
    found = estimates(measured)
    assert list(found) == list(OPERATIONAL)
    assert found["latency_p99_ms"].value == pytest.approx(2.0)
    assert found["batch_latency_p50_ms"].high == pytest.approx(500.0)
    assert found["rows_per_second"].value == pytest.approx(2000.0)
    assert found["peak_memory_mb"].low == found["peak_memory_mb"].high == 300.0
    assert found["model_bytes"].value == 4321
    assert found["cold_start_s"].low is None


def test_throughput_is_the_only_one_that_is_better_when_greater():
    assert [name for name, each in OPERATIONAL.items() if each.greater_is_better] == [
        "rows_per_second"
    ]


def test_nothing_measured_is_no_value():
    assert quantile([], 0.5).value is None
