import numpy as np
import pytest
from scipy.special import expit, logit

from mlpipe.metrics.estimated import Estimate, from_draws, from_log_odds, rows_needed
from mlpipe.metrics.intervals import wilson


def test_the_rows_that_decide_follow_from_the_nearer_end() -> None:
    told = Estimate(0.72, low=0.66, high=0.80)
    assert rows_needed(told, 0.70, 100) == pytest.approx(901, abs=1)  # (0.06 / 0.02)^2
    assert rows_needed(told, 0.76, 100) == pytest.approx(401, abs=1)  # (0.08 / 0.04)^2
    assert rows_needed(told, 0.60, 100) == 100
    assert rows_needed(told, 0.72, 100) is None
    assert rows_needed(Estimate(0.7, why="no interval"), 0.6, 100) is None
    assert rows_needed(Estimate(None), 0.6, 100) is None


def test_as_many_rows_as_said_decide_and_fewer_do_not() -> None:
    generator = np.random.default_rng(0)
    for truth, bound in ((0.72, 0.70), (0.35, 0.37), (0.5, 0.49)):
        hits = int((generator.random(400) < truth).sum())
        low, high = wilson(hits, 400)
        share = hits / 400
        needed = rows_needed(Estimate(share, low, high), bound, 400)

        def decides(rows: int, share: float = share, bound: float = bound) -> bool:
            low, high = wilson(round(share * rows), rows)
            return bound < low or high < bound

        assert not low > bound
        assert decides(int(1.05 * needed))
        assert not decides(int(0.95 * needed))


def test_the_interval_of_log_odds_lies_evenly_around_the_value() -> None:
    draws = expit(np.random.default_rng(0).normal(1.3, 0.5, 4000))
    found = from_log_odds(Estimate(0.6), draws)
    low, high = logit(found.low) - logit(0.6), logit(0.6) - logit(found.high)
    assert low == pytest.approx(high)
    assert low == pytest.approx(-1.96 * 0.5, rel=0.05)
    assert found.tail(found.low) == pytest.approx(0.975)
    assert found.tail(found.high) == pytest.approx(0.025)
    assert (found.tail(0.0), found.tail(1.0)) == (1.0, 0.0)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_at_the_end_of_the_range_percentiles_are_left(value: float) -> None:
    draws = np.random.default_rng(0).random(500)
    assert from_log_odds(Estimate(value), draws).low == from_draws(Estimate(value), draws).low


def test_draws_without_a_value_are_left_out_unless_they_are_many() -> None:
    draws = expit(np.random.default_rng(0).normal(0.0, 0.3, 1000))
    few, many = draws.copy(), draws.copy()
    few[:20], many[:100] = np.nan, np.nan
    assert from_log_odds(Estimate(0.5), few).low == pytest.approx(
        from_log_odds(Estimate(0.5), draws).low, abs=0.01
    )
    assert "undefined" in from_log_odds(Estimate(0.5), many).why
