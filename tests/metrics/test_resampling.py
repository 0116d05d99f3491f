import math

import numpy as np
import pytest

from mlpipe.metrics.resampling import bootstrap, percentiles, resample


def mean_of(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return (weight * values).sum(axis=1) / weight.sum(axis=1)


def test_the_bootstrap_of_a_mean_is_its_standard_error() -> None:
    values = np.random.default_rng(0).normal(5, 2, 400)
    low, high = bootstrap(mean_of, (values,), seed=3)
    assert float(high - low) == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.06)
    assert float(low) < values.mean() < float(high)


def test_many_units_get_the_same_spread() -> None:
    values = np.random.default_rng(0).normal(5, 2, 25_000)
    drawn = resample(mean_of, (values,), times=600, seed=3)
    assert drawn.std() == pytest.approx(values.std() / math.sqrt(25_000), rel=0.1)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    values = np.random.default_rng(0).normal(size=50)
    one, same, other = (resample(mean_of, (values,), times=99, seed=s) for s in (1, 1, 2))
    assert one.tobytes() == same.tobytes()
    assert one.tobytes() != other.tobytes()


def test_chunks_do_not_show() -> None:
    values = np.random.default_rng(0).normal(size=15_000)  # 66 resamples a chunk
    drawn = resample(mean_of, (values,), times=150, seed=1)
    assert drawn.shape == (150,)
    assert len(np.unique(drawn)) == 150


def test_groups_are_drawn_whole() -> None:
    groups = np.repeat(np.arange(40), 5)
    values = np.random.default_rng(0).normal(size=40)[groups]
    alone = resample(mean_of, (values,), seed=1).std()
    together = resample(mean_of, (values,), seed=1, groups=groups).std()
    assert together / alone == pytest.approx(math.sqrt(5), rel=0.1)


def test_weights_multiply_the_counts() -> None:
    values, weight = np.array([1.0, 2.0, 3.0]), np.array([0.0, 0.0, 2.0])
    drawn = resample(lambda v, w: (w * v).sum(axis=1), (values,), times=50, seed=1, weight=weight)
    assert set(drawn % 6) == {0.0}


def test_an_interval_is_missing_where_many_resamples_are_undefined() -> None:
    drawn = np.c_[np.arange(100.0), np.arange(100.0)]
    drawn[:6, 0] = np.nan
    drawn[:4, 1] = np.nan
    low, high = percentiles(drawn)
    assert np.isnan(low[0])
    assert low[1] == pytest.approx(4 + 0.025 * 95)
    assert high[1] == pytest.approx(99 - 0.025 * 95)
