import numpy as np
import pandas as pd
import pytest

from mlpipe.metrics.baseline import last_values, mean, prior


def test_the_prior_says_the_shares_and_the_most_frequent_class() -> None:
    found = prior(np.array([0, 0, 1]), 2, 4, binary=True)
    assert found.pred.tolist() == [0] * 4
    assert found.score == pytest.approx([1 / 3] * 4)
    many = prior(np.array([0, 2, 2]), 3, 2, binary=False, weight=np.array([4.0, 1, 1]))
    assert many.pred.tolist() == [0, 0]
    assert many.score[0] == pytest.approx([4 / 6, 0, 2 / 6])


def test_the_mean_of_the_training_targets() -> None:
    assert mean(np.array([1.0, 3.0]), 2).pred.tolist() == [2, 2]
    assert mean(np.array([1.0, 3.0]), 1, np.array([3.0, 1.0])).facts == {"mean": 1.5}


def days(*numbers: int) -> pd.Series:
    return pd.Series(pd.Timestamp("2026-01-01") + pd.to_timedelta(list(numbers), unit="D"))


def test_the_last_value_is_of_the_same_entity_and_strictly_earlier() -> None:
    time, target = days(3, 1, 2, 2, 1, 3), pd.Series([30.0, 10, 20, 21, 5, np.nan])
    entity = pd.Series(["a", "a", "a", "a", "b", "b"])
    found = last_values(time, target, entity, pd.Timedelta(0))
    np.testing.assert_array_equal(found, [21, np.nan, 10, 10, np.nan, 5])


def test_the_last_value_was_known_a_horizon_before() -> None:
    time, target = days(0, 1, 2, 3), pd.Series([1.0, 2, 3, 4])
    found = last_values(time, target, None, pd.Timedelta(days=2))
    np.testing.assert_array_equal(found, [np.nan, np.nan, 1, 2])


def test_null_targets_are_skipped_and_the_index_is_kept() -> None:
    time, target = days(0, 1, 2), pd.Series([1.0, np.nan, 3], index=[7, 8, 9])
    found = last_values(time, target, None, pd.Timedelta(0))
    assert found.index.tolist() == [7, 8, 9]
    np.testing.assert_array_equal(found, [np.nan, 1, 1])
