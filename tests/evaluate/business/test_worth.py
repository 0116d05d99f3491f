from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlpipe.errors import DataError
from mlpipe.evaluate.business.worth import Setting, worth_of
from mlpipe.metrics.baseline import mean, prior
from mlpipe.metrics.business import Business
from mlpipe.metrics.outcomes import Outcomes

Make = Callable[..., Any]


def of_classes(pred: list[int], champion: list[int] | None = None) -> Setting:
    y = np.array([0, 0, 1, 2, 2, 3])  # the last class is one that training never saw
    told = Outcomes(y, np.array(pred))
    rival = None if champion is None else Outcomes(y, np.array(champion))
    naive = prior(np.array([0, 1, 2]), 4, 6, binary=False)
    return Setting(pd.DataFrame(index=range(6)), told, naive, rival, ("a", "b", "c"), y[:5])


MATRIX = {"matrix": {"a": {"a": 10, "b": -3}, "b": {"b": 4}, "c": {"c": 1, "a": -8}}}


def test_many_classes_by_hand() -> None:
    setting = of_classes([0, 1, 1, 2, 0, 0], champion=[0, 0, 1, 2, 2, 9])
    worth = worth_of("m", Business.read(MATRIX), setting)
    one = np.ones(6)
    assert worth.model.totals(one) == 10 - 3 + 4 + 1 - 8 + 0
    constants = {name: float(each.totals(one)) for name, each in worth.naive.items()}
    assert constants == {"always a": 20 - 16, "always b": -6 + 4, "always c": 2}
    assert worth.champion is not None
    assert worth.champion.totals(one) == 20 + 4 + 2
    found = worth.estimates(setting.told, seed=1, times=50)
    assert found["value"].value == pytest.approx(1000 * 4 / 6)
    assert found["over_baseline"].value == pytest.approx(0)
    assert found["over_champion"].value == pytest.approx(1000 * (4 - 26) / 6)
    assert worth.sides is None


def test_errors_cost_and_the_constant_to_beat_is_their_quantile() -> None:
    generator = np.random.default_rng(0)
    train = generator.exponential(10, 2001)
    y = generator.exponential(10, 300)
    told = Outcomes(y, y - 1)
    setting = Setting(pd.DataFrame(index=range(300)), told, mean(train, 300), None, (), train)
    business = Business.read({"cost": {"under": 3, "over": 1}})
    worth = worth_of("c", business, setting)
    one = np.ones(300)
    assert worth.model.totals(one) == pytest.approx(-3 * 300)
    flat, constant = worth.naive.values()
    assert constant.totals(one) > flat.totals(one)
    tried = [business.errors(train, np.full(2001, at), {}).sum() for at in np.sort(train)[::20]]
    (name,) = (name for name in worth.naive if name.startswith("always"))
    best = float(np.quantile(train, 0.75, method="inverted_cdf"))
    assert name == f"always {best:,.6g}"
    assert business.errors(train, np.full(2001, best), {}).sum() >= max(tried)


def test_a_class_or_a_column_that_does_not_fit_names_the_metric() -> None:
    setting = of_classes([0] * 6)
    with pytest.raises(DataError, match="'d' is not a class") as caught:
        worth_of("m", Business.read({"matrix": {"d": {"a": 1}}}), setting)
    assert caught.value.problems[0].key == "evaluate.business.m: matrix"
    texts = replace(setting, frame=pd.DataFrame({"fee": ["x"] * 6}))
    with pytest.raises(DataError, match="hold no number: 'x'") as caught:
        worth_of("m", Business.read({"matrix": {"a": {"a": "fee"}}}), texts)
    assert caught.value.problems[0].key == "evaluate.business.m: fee"


def of_two(rows: int, seed: int = 1) -> Setting:
    generator = np.random.default_rng(seed)
    y, score = generator.integers(0, 2, rows), generator.random(rows)
    told = Outcomes(y, (score > 0.4).astype(int), score, generator.uniform(0.5, 2, rows))
    rival = replace(told, pred=(generator.random(rows) > 0.5).astype(int))
    naive = prior(y, 2, rows, binary=True)
    frame = pd.DataFrame({"fee": generator.uniform(0, 9, rows)})
    return Setting(frame, told, naive, rival, ("no", "yes"), y)


@settings(max_examples=20)
@given(st.integers(1, 60), st.integers(0, 50))
def test_a_thousand_at_a_time_is_the_total(rows: int, seed: int) -> None:
    setting = of_two(rows, seed)
    worth = worth_of("p", Business.read({"value": {"tp": "fee", "fp": -2}}), setting)
    weight = setting.told.weight
    assert weight is not None
    per_1000 = worth.estimates(setting.told, seed=0, times=2)["value"].value
    assert per_1000 is not None
    assert per_1000 * weight.sum() / 1000 == pytest.approx(float(worth.model.totals(weight)))


@settings(max_examples=20)
@given(st.integers(1, 40), st.integers(0, 50))
def test_a_capacity_of_all_rows_is_acting_on_all(rows: int, seed: int) -> None:
    setting = of_two(rows, seed)
    cells = {"tp": "fee", "fp": -2, "fn": -1}
    worth = worth_of("t", Business.read({"top": rows, "value": cells}), setting)
    everybody = worth_of("v", Business.read({"value": cells}), setting).naive["act on all"]
    weight = setting.told.weight
    assert worth.model.totals(weight) == pytest.approx(everybody.totals(weight))
    assert worth.naive["as many at random"].totals(weight) == pytest.approx(
        everybody.totals(weight)
    )


def test_a_capacity_is_held_against_as_many_at_random() -> None:
    setting = of_two(50)
    worth = worth_of("t", Business.read({"top": 10, "value": {"tp": 1}}), setting)
    one, positives = np.ones(50), (setting.told.y == 1).sum()
    assert worth.naive["as many at random"].totals(one) == pytest.approx(positives * 10 / 50)
    best = np.argsort(-np.asarray(setting.told.score))[:10]
    assert worth.model.totals(one) == pytest.approx((setting.told.y[best] == 1).sum())
    found = worth.estimates(setting.told, seed=0, times=50)
    assert found["over_champion"].value == 0  # the same scores: who else decides is no matter


def test_the_difference_to_the_champion_is_paired() -> None:
    setting = of_two(400)
    same = replace(setting, champion=setting.told)
    business = Business.read({"value": {"tp": "fee", "fp": -2}})
    found = worth_of("p", business, same).estimates(setting.told, seed=0, times=100)
    over = found["over_champion"]
    assert (over.value, over.low, over.high) == (0, 0, 0)
    assert worth_of("p", business, setting).champion is not None
