from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlpipe.evaluate.business.curve import profit_curve
from mlpipe.evaluate.business.worth import Setting, Worth, worth_of
from mlpipe.metrics.baseline import prior
from mlpipe.metrics.business import Business
from mlpipe.metrics.outcomes import Outcomes

CREDIT = Business.read({"value": {"tp": 2, "fp": -1, "fn": -5}})


def made(
    score: Any, y: Any, threshold: float, weight: Any = None, business: Business = CREDIT
) -> tuple[Worth, Outcomes]:
    score, y = np.asarray(score, float), np.asarray(y, int)
    told = Outcomes(y, (score >= threshold).astype(int), score, weight)
    frame = pd.DataFrame({"fee": np.where(y, np.nan, 1.0)})
    naive = prior(y, 2, len(y), binary=True)
    return worth_of("b", business, Setting(frame, told, naive, None, ("n", "y"), y)), told


rows = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 1), st.integers(1, 3)), min_size=1, max_size=60
)


@settings(max_examples=60)
@given(rows, st.integers(0, 21))
def test_at_the_chosen_threshold_it_is_the_reported_value(
    table: list[tuple[int, int, int]], at: int
) -> None:
    score, y, weight = np.array(table).T
    worth, told = made(score / 20, y, at / 20, weight.astype(float))
    curve = profit_curve(worth, told, at / 20)
    assert curve is not None
    reported = worth.estimates(told, seed=1, times=2)["value"].value
    assert curve["chosen"]["per_1000"] == pytest.approx(reported)
    assert curve["chosen"]["acted"] == pytest.approx((weight * told.pred).sum() / weight.sum())


@settings(max_examples=60)
@given(rows)
def test_every_point_is_what_acting_from_it_on_is_worth(table: list[tuple[int, int, int]]) -> None:
    score, y, _ = np.array(table).T
    worth, told = made(score / 20, y, 0.5)
    curve = profit_curve(worth, told, None)
    assert curve is not None
    assert curve["chosen"] is None
    for threshold, value in zip(curve["threshold"], curve["per_1000"], strict=True):
        at, told = made(score / 20, y, threshold)
        assert value == pytest.approx(at.estimates(told, seed=1, times=2)["value"].value)
    assert curve["acted"][0] == 0
    assert curve["acted"][-1] == pytest.approx(1)


def test_it_is_small_and_keeps_its_top_whatever_the_rows() -> None:
    generator = np.random.default_rng(0)
    score = generator.random(20_000)
    worth, told = made(score, generator.random(20_000) < score, 0.2)
    curve = profit_curve(worth, told, 0.2)
    assert curve is not None
    assert 50 < len(curve["threshold"]) <= 100
    assert curve["threshold"] == sorted(curve["threshold"], reverse=True)
    order = np.argsort(-score)
    gain = np.where(told.y == 1, 7, -1)[order].cumsum()
    best = 1000 * (gain.max() - 5 * told.y.sum()) / 20_000
    assert max(curve["per_1000"]) == pytest.approx(best)


def test_without_scores_or_values_there_is_none() -> None:
    worth, told = made([0.5, 0.1], [1, 0], 0.3)
    assert profit_curve(worth, Outcomes(told.y, told.pred), 0.3) is None
    unknown = Business.read({"value": {"tp": "fee", "fp": "0 / 0"}})
    worth, told = made([0.5, 0.1], [1, 0], 0.3, business=unknown)
    assert not worth.known.any()
    assert profit_curve(worth, told, 0.3) is None
