import numpy as np
import pytest

from mlpipe.metrics.estimated import Estimate, rows_needed
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
